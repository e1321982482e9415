#include "support/catch.hpp"

#include <coffer/ledger/hold.hpp>
#include <coffer/ledger/settle.hpp>

#include <string>

using namespace coffer::literals;

TEST_CASE("holds are equal where all that they say is") {
    coffer::hold a;
    a.id = coffer::hold_id{3};
    a.amount = 5_cr;
    a.action = std::string_view{"chat"};
    a.parts.push_back({.lot = coffer::lot_id{1}, .amount = 5_cr});
    coffer::hold b = a;
    CHECK(a == b);
    b.parts[0].before = coffer::lot_id{9};
    CHECK_FALSE(a == b);
    b = a;
    b.action = std::string_view{"image"};
    CHECK_FALSE(a == b);
    b = a;
    b.tolerance = 1_cr;
    CHECK_FALSE(a == b);
}

TEST_CASE("an action's name is kept up to 63 bytes") {
    coffer::action_name name{std::string(63, 'a')};
    CHECK(name.view().size() == 63);
    CHECK(coffer::action_name{std::string(64, 'a')}.too_long());
}

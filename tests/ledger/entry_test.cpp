#include "support/catch.hpp"

#include <coffer/ledger/entry.hpp>

#include <set>
#include <string_view>

using namespace coffer::literals;
using coffer::entry;
using coffer::entry_id;
using coffer::entry_kind;
using coffer::lot_id;

TEST_CASE("every kind of entry has a name of its own") {
    std::set<std::string_view> names;
    for (int i = 1; i <= static_cast<int>(entry_kind::reordered); ++i) {
        const auto name = to_string(static_cast<entry_kind>(i));
        CHECK(name != "unknown");
        CHECK(names.insert(name).second);
    }
    CHECK(to_string(static_cast<entry_kind>(0)) == "unknown");
    CHECK(to_string(entry_kind::purchase_refunded) == "purchase_refunded");
}

TEST_CASE("grants, purchases, rolls, re-grants and allowances make a lot") {
    const std::set<entry_kind> makers{entry_kind::granted, entry_kind::rolled,
                                      entry_kind::regranted, entry_kind::refilled,
                                      entry_kind::purchased};
    for (int i = 1; i <= static_cast<int>(entry_kind::recharge_checked); ++i) {
        const entry e{.kind = static_cast<entry_kind>(i), .amount = 1_cr};
        const bool period =
            e.kind == entry_kind::period_began || e.kind == entry_kind::allowance_raised;
        CHECK(makes_lot(e) == (period || makers.contains(e.kind)));
    }
    CHECK_FALSE(makes_lot(entry{.kind = entry_kind::period_began}));
}

TEST_CASE("an entry concerns the lot that it made and each that it touched") {
    entry grant{.id = entry_id{4}, .kind = entry_kind::granted, .amount = 1_cr};
    CHECK(concerns(grant, lot_id{4}));
    CHECK_FALSE(concerns(grant, lot_id{3}));
    entry charge{.id = entry_id{4}, .kind = entry_kind::charged, .amount = 1_cr};
    charge.parts.push_back({.lot = lot_id{1}});
    charge.parts.push_back({.lot = lot_id{2}});
    CHECK_FALSE(concerns(charge, lot_id{4}));
    CHECK(concerns(charge, lot_id{1}));
    CHECK(concerns(charge, lot_id{2}));
    CHECK_FALSE(concerns(charge, lot_id{3}));
}

TEST_CASE("entries are equal by their texts, not by where the texts stand") {
    const std::string here = "invoice-7", there = "invoice-7";
    entry a, b;
    a.request = here;
    b.request = there;
    CHECK(a == b);
    b.member = "ann";
    CHECK_FALSE(a == b);
}

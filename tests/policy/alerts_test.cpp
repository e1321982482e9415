#include "support/catch.hpp"

#include <coffer/ledger/alert.hpp>
#include <coffer/policy/alerts.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace coffer::literals;
using coffer::alert;
using coffer::alert_level;
using coffer::percent;

TEST_CASE("rule 30: a level is an amount, or an exact share of the allowances") {
    CHECK(alert_level{5_cr}.value() == 5_cr);
    CHECK_FALSE(alert_level{5_cr}.is_share());
    CHECK(alert_level{percent{25}} == alert_level::share(0.25_cr));
    CHECK(alert_level{percent{25}}.is_share());
    CHECK(alert_level{percent{0}} == alert_level::share(0_cr));
    CHECK(alert_level{percent{250}} == alert_level::share(2.5_cr));
}

TEST_CASE("rule 30: a share that makes no sense is no alert, whatever its number") {
    for (const std::int64_t n : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::max()}) {
        CHECK_FALSE(is_alert(terms_of(alert{.name = "a", .at = percent{n}})));
    }
    CHECK(is_alert(terms_of(alert{.name = "a", .at = percent{1'000'000}})));
    CHECK_FALSE(is_alert(terms_of(alert{.name = "a", .at = alert_level::share(1'000'001_cr)})));
}

TEST_CASE("rule 30: a name has 1 to 63 bytes without control characters, and is not taken") {
    const auto is_name = [](std::string name) {
        return is_alert(terms_of(alert{.name = std::move(name), .at = 1_cr}));
    };
    CHECK(is_name("low"));
    CHECK(is_name("ü 25%"));
    CHECK(is_name(std::string(63, 'x')));
    for (const char* wrong : {"", "a\nb", "\t", "depleted", "resumed"}) CHECK_FALSE(is_name(wrong));
    CHECK_FALSE(is_name(std::string(64, 'x')));
}

TEST_CASE("rule 30: the names of an alert's buckets have 255 bytes together, with one between") {
    const auto looks_at = [](std::vector<std::string> of) {
        return is_alert(terms_of(alert{.name = "a", .at = 1_cr, .of = std::move(of)}));
    };
    const std::string long_name(63, 'b');
    CHECK(looks_at({"budget"}));
    CHECK(looks_at({long_name, long_name, long_name, long_name}));
    CHECK_FALSE(looks_at({long_name, long_name, long_name, long_name, "b"}));
    CHECK_FALSE(looks_at({""}));
    CHECK_FALSE(looks_at({"two\nlines"}));
}

TEST_CASE("a list of alerts is what it was made of") {
    const std::vector<alert> made{{.name = "a", .at = 1_cr}, {.name = "b", .at = percent{5}}};
    const coffer::alerts list{made};
    CHECK(list.size() == 2);
    CHECK(std::vector<alert>(list.begin(), list.end()) == made);
    CHECK(list == coffer::alerts{{.name = "a", .at = 1_cr}, {.name = "b", .at = percent{5}}});
    CHECK(coffer::alerts{}.empty());
}

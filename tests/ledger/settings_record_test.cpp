#include "support/catch.hpp"

#include <coffer/ledger/settings_record.hpp>
#include <coffer/testing/store_writer.hpp>

#include <random>
#include <string>

using namespace coffer::literals;
using coffer::entry;
using coffer::entry_kind;
namespace ledger = coffer::detail;

namespace {

/// Choices of every kind.
coffer::choice_set everything() {
    coffer::choice_set c{.says_alerts = true, .says_limits = true, .says_budget = true};
    c.says_recharge = true;
    c.alerts.push_back({.name = std::string_view{"mine"}, .level = 5_cr, .own = true});
    c.alerts[0].of.push_back(coffer::bucket_id::of("package"));
    c.limits.push_back({.per = coffer::window::day, .amount = 3_cr, .warn = true});
    c.limits[0].member = std::string_view{"design/ada"};
    c.budget = coffer::limit_terms{.per = coffer::window::week, .amount = 9_cr};
    c.recharge = {.on = false, .offer = std::string_view{"small"}, .threshold = 1_cr};
    c.recharge.monthly_limit = coffer::money::from_minor(700, "EUR");
    return c;
}

}  // namespace

TEST_CASE("choices read back as they were written") {
    CHECK(ledger::read_choices(ledger::pack(everything())) == everything());
    CHECK(ledger::read_choices(ledger::pack(coffer::choice_set{})) == coffer::choice_set{});
    std::mt19937_64 random{1};
    for (int i = 0; i < 1'000; ++i) {
        const std::string some =
            coffer::testing::detail::random_settings(entry_kind::configured, random);
        const auto read = ledger::read_choices(some);
        REQUIRE(read);
        CHECK(ledger::pack(*read) == some);
    }
}

TEST_CASE("rules read back as they were written, with what is left of choices or without") {
    ledger::adopted_rules rules{.revision = 7, .rules = ~std::uint64_t{0}};
    auto read = ledger::read_rules(ledger::pack(rules));
    REQUIRE(read);
    CHECK(read->revision == 7);
    CHECK(read->rules == rules.rules);
    CHECK_FALSE(read->left);
    rules.left = everything();
    read = ledger::read_rules(ledger::pack(rules));
    REQUIRE(read);
    CHECK(read->left == everything());
}

TEST_CASE("choices that are cut, or have more behind them, are none") {
    const std::string whole = ledger::pack(everything());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(ledger::read_choices(std::string_view{whole}.substr(0, size)));
    }
    CHECK_FALSE(ledger::read_choices(whole + "x"));
}

TEST_CASE("choices that make no sense are none, whatever byte was changed") {
    const std::string whole = ledger::pack(everything());
    int sound = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = whole;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            const auto read = ledger::read_choices(changed);
            if (!read) continue;
            ++sound;
            CHECK(ledger::pack(*read) == changed);
            for (const coffer::alert_terms& t : read->alerts) CHECK(is_alert(t));
            for (const coffer::limit_terms& t : read->limits) CHECK(is_limit(t));
        }
    }
    CHECK(sound > 0);
}

TEST_CASE("what an entry says of choices is what one of its kind says") {
    const auto says = [](entry_kind kind, std::string_view settings) {
        return ledger::says_settings(entry{.kind = kind, .settings = settings});
    };
    const std::string choices = ledger::pack(everything());
    CHECK(says(entry_kind::configured, choices));
    CHECK_FALSE(says(entry_kind::configured, ""));
    CHECK_FALSE(says(entry_kind::rules_adopted, choices));
    CHECK(says(entry_kind::rules_adopted, ledger::pack(ledger::adopted_rules{})));
    CHECK(says(entry_kind::alert_set, ""));
    CHECK(says(entry_kind::alert_set, ledger::own_mark));
    CHECK_FALSE(says(entry_kind::alert_set, "x"));
    CHECK(says(entry_kind::charged, ""));
    CHECK_FALSE(says(entry_kind::charged, choices));
}

TEST_CASE("rule 42: what a customer chose stands in the entry that says so") {
    const std::string choices = ledger::pack(everything());
    CHECK(choices_of(entry{.kind = entry_kind::configured, .settings = choices}) == everything());
    CHECK_FALSE(choices_of(entry{.kind = entry_kind::charged}));
}

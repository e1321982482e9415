#include "support/catch.hpp"

#include <coffer/ledger/purchase.hpp>
#include <coffer/ledger/recharge.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string_view>

using namespace coffer::literals;
using namespace std::chrono_literals;
using coffer::credits;
using coffer::instant;
using coffer::recharge_terms;

namespace ledger = coffer::detail;

namespace {

instant at(std::string_view text) { return coffer::parse_instant(text).or_throw(); }
coffer::zone in_zone(std::string_view name) { return coffer::zone::find(name).or_throw(); }

ledger::calendar_month month(std::string_view when, std::string_view zone) {
    return ledger::month_around(at(when), in_zone(zone)).or_throw();
}

recharge_terms some_terms() {
    recharge_terms r{.below = 10_cr};
    r.what.into = coffer::bucket_id::of("packs");
    r.what.amount = 50_cr;
    r.what.price = coffer::money::from_minor(500, "EUR");
    return r;
}

}  // namespace

TEST_CASE("rule 31: a calendar month lies between midnights of the zone") {
    CHECK(month("2026-02-10T00:00:00Z", "UTC").from == at("2026-02-01T00:00:00Z"));
    CHECK(month("2026-02-10T00:00:00Z", "UTC").until == at("2026-03-01T00:00:00Z"));
    CHECK(month("2024-02-29T23:59:59.999999Z", "UTC").until == at("2024-03-01T00:00:00Z"));
    CHECK(month("2026-12-31T23:59:59Z", "UTC").until == at("2027-01-01T00:00:00Z"));
    CHECK(month("2026-07-31T22:00:00Z", "Europe/Berlin").from == at("2026-07-31T22:00:00Z"));
    CHECK(month("2026-07-31T21:59:59Z", "Europe/Berlin").until == at("2026-07-31T22:00:00Z"));
    // In October the clocks go back: the month is an hour longer than its days.
    const auto october = month("2026-10-10T00:00:00Z", "Europe/Berlin");
    CHECK(october.until - october.from == 31 * 24h + 1h);
}

TEST_CASE("rule 31: months follow each other without a gap, whatever the clocks do") {
    for (const char* name : {"Asia/Beirut", "America/Sao_Paulo", "Africa/Cairo", "Asia/Amman",
                             "Pacific/Apia", "America/Havana", "UTC"}) {
        const coffer::zone where = in_zone(name);
        instant next = ledger::month_around(at("1970-01-15T00:00:00Z"), where).or_throw().from;
        for (int i = 0; i < 900; ++i) {
            const auto begun = ledger::month_around(next, where).or_throw();
            REQUIRE(begun.from == next);
            REQUIRE(begun.until - begun.from > 27 * 24h);
            const auto last = ledger::month_around(begun.until - 1us, where).or_throw();
            REQUIRE(last.from == begun.from);
            next = begun.until;
        }
    }
}

TEST_CASE("rule 31: what no calendar can write lies in no month") {
    CHECK_FALSE(ledger::month_around(instant::min(), {}));
    CHECK_FALSE(ledger::month_around(coffer::never, {}));
    CHECK_FALSE(ledger::month_around(at("9999-12-31T00:00:00Z"), {}));
    CHECK(ledger::month_around(at("0001-01-01T00:00:00Z"), {}));
}

TEST_CASE("rule 31: what is bought brings the balance where it is to be, for its price") {
    std::mt19937_64 random{11};
    const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
    for (int i = 0; i < 20'000; ++i) {
        recharge_terms r = some_terms();
        r.what.amount = credits::from_micros(1 + below(100'000'000));
        r.what.price = coffer::money::from_minor(below(1'000), "EUR");
        r.to_target = below(2) == 0;
        r.per_credit = r.to_target || below(2) == 0;
        if (below(2) == 0) r.pack = credits::from_micros(1 + below(40'000'000));
        const std::int64_t balance = below(400'000'000) - 200'000'000;
        const auto bought = ledger::to_buy(r, balance);
        const bool wants = !r.to_target || balance < r.what.amount.micros();
        REQUIRE(bought.has_value() == wants);
        if (!bought) continue;
        const std::int64_t amount = bought->amount.micros();
        if (r.pack.is_positive()) {
            REQUIRE(amount % r.pack.micros() == 0);
            const std::int64_t goal = r.to_target ? r.what.amount.micros() : r.below.micros();
            REQUIRE(balance + amount >= goal);
        } else {
            REQUIRE(amount ==
                    (r.to_target ? r.what.amount.micros() - balance : r.what.amount.micros()));
        }
        const auto exact =
            r.what.price.minor_units() * (r.per_credit           ? amount
                                          : r.pack.is_positive() ? amount / r.pack.micros()
                                                                 : 1);
        const std::int64_t unit = r.per_credit ? 1'000'000 : 1;
        const std::int64_t paid = bought->price.minor_units() * unit;
        REQUIRE(paid >= exact);
        REQUIRE(paid - exact < unit);
    }
}

TEST_CASE("rule 31: what does not fit is not bought") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    recharge_terms r = some_terms();
    r.to_target = true;
    r.per_credit = true;
    r.what.amount = credits::max();
    CHECK_FALSE(ledger::to_buy(r, -most));
    CHECK_FALSE(ledger::to_buy(r, -1));
    r.what.price = coffer::money::from_minor(1, "EUR");
    CHECK(ledger::to_buy(r, 0)->price.minor_units() == most / 1'000'000 + 1);
    r.what.price = coffer::money::from_minor(most, "EUR");
    CHECK_FALSE(ledger::to_buy(r, 0));
    recharge_terms bonus = some_terms();
    bonus.pack = 50_cr;
    bonus.what.bonus = credits::max();
    bonus.what.bonus_into = bonus.what.into;
    CHECK(ledger::to_buy(bonus, 0));
    CHECK_FALSE(ledger::to_buy(bonus, -100'000'000));
}

TEST_CASE("rule 31: each part of a recharge is part of what identifies it") {
    const auto print = [](auto change) {
        std::optional<recharge_terms> r = some_terms();
        change(*r);
        return ledger::fingerprint_of(r);
    };
    const std::uint64_t plain = print([](auto&) {});
    CHECK(ledger::fingerprint_of(std::optional<recharge_terms>{}) == 0);
    CHECK(plain != 0);
    CHECK(print([](auto& r) { r.below = 11_cr; }) != plain);
    CHECK(print([](auto& r) { r.what.amount = 51_cr; }) != plain);
    CHECK(print([](auto& r) { r.what.name = std::string_view{"x"}; }) != plain);
    CHECK(print([](auto& r) { r.what.into = coffer::bucket_id::of("x"); }) != plain);
    CHECK(print([](auto& r) { r.what.price = coffer::money::from_minor(501, "EUR"); }) != plain);
    CHECK(print([](auto& r) { r.what.price = coffer::money::from_minor(500, "USD"); }) != plain);
    CHECK(print([](auto& r) { r.what.bonus = 1_cr; }) != plain);
    CHECK(print([](auto& r) { r.to_target = true; }) != plain);
    CHECK(print([](auto& r) { r.per_credit = true; }) != plain);
    CHECK(print([](auto& r) { r.whole_packs = true; }) != plain);
    CHECK(print([](auto& r) { r.pack = 1_cr; }) != plain);
    CHECK(print([](auto& r) { r.times = 0; }) != plain);
    CHECK(print([](auto& r) { r.monthly = coffer::money::from_minor(0, "EUR"); }) != plain);
    CHECK(print([](auto& r) { r.of.push_back(coffer::bucket_id::of("x")); }) != plain);
}

TEST_CASE("rule 31: failures in a row wait for an hour, for two, and for a confirmation") {
    const instant now = at("2026-01-01T00:00:00Z");
    CHECK(coffer::back_off_after(1, now) == now + 1h);
    CHECK(coffer::back_off_after(2, now) == now + 2h);
    CHECK(coffer::back_off_after(3, now) == coffer::never);
    CHECK(coffer::back_off_after(~0U, now) == coffer::never);
    CHECK(coffer::back_off_after(1, coffer::never - 30min) == coffer::never);
}

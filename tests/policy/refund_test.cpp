#include "support/catch.hpp"

#include <coffer/plan/any_policy.hpp>
#include <coffer/policy/refund.hpp>

#include <cstdint>
#include <random>
#include <string_view>

using namespace coffer::literals;
namespace refund = coffer::refund;
using coffer::credits;
using coffer::errc;
using coffer::money;
using coffer::purchase;

namespace {

coffer::instant utc(std::string_view text) {
    const auto t = coffer::parse_instant(text);
    REQUIRE(t);
    return *t;
}
money usd(std::int64_t cents) { return money::from_minor(cents, "USD"); }

purchase pack(credits unspent) {
    purchase p;
    p.paid = usd(4'900);
    p.granted = 1'000_cr;
    p.unspent = unspent;
    p.bought = utc("2026-01-01T10:00:00Z");
    p.now = utc("2026-01-02T10:00:00Z");
    return p;
}

}  // namespace

TEST_CASE("a policy that gives back what was spent says so") {
    struct own {
        coffer::result<money> worth(const purchase& bought) const { return bought.paid; }
    };
    CHECK(coffer::returns_spent(refund::full{}));
    CHECK(coffer::returns_spent(
        refund::within{.window = coffer::days{1}, .of = refund::basis::full}));
    CHECK_FALSE(coffer::returns_spent(refund::within{.window = coffer::days{1}}));
    CHECK_FALSE(coffer::returns_spent(refund::unspent{}));
    CHECK_FALSE(coffer::returns_spent(refund::none{}));
    CHECK_FALSE(coffer::returns_spent(own{}));
    CHECK(coffer::returns_spent(coffer::any_refund{refund::full{}}));
    CHECK_FALSE(coffer::returns_spent(coffer::any_refund{own{}}));
}

TEST_CASE("none refunds nothing and full refunds all, whatever was spent") {
    CHECK(refund::none{}.worth(pack(1'000_cr)) == errc::not_refundable);
    CHECK(refund::full{}.worth(pack(1'000_cr)) == usd(4'900));
    CHECK(refund::full{}.worth(pack(0_cr)) == usd(4'900));
}

TEST_CASE("the unspent share is rounded down to the minor unit") {
    CHECK(refund::unspent{}.worth(pack(1'000_cr)) == usd(4'900));
    CHECK(refund::unspent{}.worth(pack(600_cr)) == usd(2'940));
    CHECK(refund::unspent{}.worth(pack(0_cr)) == usd(0));
    CHECK(refund::unspent{}.worth(pack(0.2_cr)) == usd(0));
    CHECK(refund::unspent{}.worth(pack(0.204081_cr)) == usd(0));
    CHECK(refund::unspent{}.worth(pack(0.204082_cr)) == usd(1));
    CHECK(refund::unspent{}.worth(pack(999.999999_cr)) == usd(4'899));
}

TEST_CASE("the unspent share never exceeds what was paid") {
    std::mt19937_64 random{11};
    for (int i = 0; i < 2'000; ++i) {
        purchase p;
        p.granted = credits::from_micros(static_cast<std::int64_t>(random() >> 1) | 1);
        p.unspent = credits::from_micros(static_cast<std::int64_t>(
            random() % (static_cast<std::uint64_t>(p.granted.micros()) + 1)));
        p.paid = usd(static_cast<std::int64_t>(random() >> 1));
        const auto worth = refund::unspent{}.worth(p);
        REQUIRE(worth);
        REQUIRE(worth->minor_units() >= 0);
        REQUIRE(worth->minor_units() <= p.paid.minor_units());
        p.unspent = p.granted;
        REQUIRE(refund::unspent{}.worth(p) == p.paid);
    }
}

TEST_CASE("a purchase of nothing has no share") {
    purchase p = pack(0_cr);
    p.granted = 0_cr;
    CHECK(refund::unspent{}.worth(p) == errc::invalid_argument);
}

TEST_CASE("the window is half-open: refundable up to, and not at, its end") {
    const refund::within fortnight{.window = coffer::days{14}};
    purchase p = pack(600_cr);
    p.now = p.bought;
    CHECK(fortnight.worth(p) == usd(2'940));
    p.now = utc("2026-01-15T09:59:59.999999Z");
    CHECK(fortnight.worth(p) == usd(2'940));
    p.now = utc("2026-01-15T10:00:00Z");
    CHECK(fortnight.worth(p) == errc::not_refundable);
    p.now = utc("2030-01-01T00:00:00Z");
    CHECK(fortnight.worth(p) == errc::not_refundable);
    CHECK(refund::within{}.worth(pack(1_cr)) == errc::not_refundable);
}

TEST_CASE("a window of months ends by the calendar") {
    const refund::within month{.window = coffer::months{1}, .of = refund::basis::full};
    purchase p = pack(0_cr);
    p.bought = utc("2026-01-31T10:00:00Z");
    p.now = utc("2026-02-28T09:59:59.999999Z");
    CHECK(month.worth(p) == usd(4'900));
    p.now = utc("2026-02-28T10:00:00Z");
    CHECK(month.worth(p) == errc::not_refundable);
}

TEST_CASE("a basis of full returns everything inside the window") {
    const refund::within kind{.window = coffer::days{14}, .of = refund::basis::full};
    CHECK(kind.worth(pack(0_cr)) == usd(4'900));
}

TEST_CASE("first_purchase_only refuses every later one") {
    const refund::within once{.window = coffer::days{14}, .first_purchase_only = true};
    purchase p = pack(1'000_cr);
    CHECK(once.worth(p) == usd(4'900));
    p.first = false;
    CHECK(once.worth(p) == errc::not_refundable);
    CHECK(refund::within{.window = coffer::days{14}}.worth(p) == usd(4'900));
}

TEST_CASE("full owes what was not refunded before") {
    purchase p = pack(600_cr);
    p.refunded = usd(1'500);
    CHECK(refund::full{}.worth(p) == usd(3'400));
    p.refunded = usd(4'900);
    CHECK(refund::full{}.worth(p) == usd(0));
    const refund::within kind{.window = coffer::days{14}, .of = refund::basis::full};
    p.refunded = usd(1);
    CHECK(kind.worth(p) == usd(4'899));
}

TEST_CASE("the unspent share is never more than what was not refunded before") {
    purchase p = pack(600_cr);  // worth 29.40
    p.refunded = usd(1'000);
    CHECK(refund::unspent{}.worth(p) == usd(2'940));
    p.refunded = usd(1'960);
    CHECK(refund::unspent{}.worth(p) == usd(2'940));
    p.refunded = usd(1'961);
    CHECK(refund::unspent{}.worth(p) == usd(2'939));
    p.refunded = usd(4'900);
    CHECK(refund::unspent{}.worth(p) == usd(0));
    const refund::within fortnight{.window = coffer::days{14}};
    CHECK(fortnight.worth(p) == usd(0));
}

TEST_CASE("what was refunded in another currency cannot be set off") {
    purchase p = pack(600_cr);
    p.refunded = money::from_minor(100, "EUR");
    CHECK_FALSE(refund::full{}.worth(p));
    CHECK_FALSE(refund::unspent{}.worth(p));
}

// A price list is replaced while charges run: each sees the old list or the new one, whole.
#include "support/wallet_fixture.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace coffer_test;

namespace cost = coffer::cost;

namespace {

/// Bonus credits are for what is under "cheap": what a message costs and where that comes from say
/// by which list it was priced.
struct limited_plan {
    cost::live<> cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
        coffer::only only{"cheap"};
    } bonus{};
    lab_bucket package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"bonus", &limited_plan::bonus},
                         coffer::bucket{"package", &limited_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<limited_plan>());

coffer::cost_table cheap() {
    return {{"message", cost::flat{1_cr}, "cheap/message"},
            {"stated", cost::between{.least = 1_cr, .most = 1_cr}, "cheap/stated"}};
}
coffer::cost_table dear() {
    return {{"message", cost::flat{2_cr}, "dear/message"}, {"stated", cost::flat{2_cr}, "dear"}};
}

}  // namespace

TEMPLATE_TEST_CASE("rule 17: while a list is replaced, a charge sees the old or the new one whole",
                   "", lends_heads, gives_whole_pages) {
    const cost::live<> prices{cheap(), 2};
    lab<TestType, limited_plan> l{{.cost = prices}};
    l.grant(100'000_cr, {.bucket = "bonus"});
    l.grant(100'000_cr);
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::thread replacing{[&] {
        while (!done) {
            prices.replace(dear());
            prices.replace(cheap());
        }
    }};
    std::vector<std::thread> charging;
    for (int i = 0; i < 3; ++i) {
        charging.emplace_back([&, i] {
            for (int n = 0; n < 400; ++n) {
                const auto charged =
                    l.w.charge({.action = "message", .member = i == 0 ? "a" : "b"});
                if (!charged) {
                    ++wrong;
                    continue;
                }
                const auto stated = l.w.charge({.action = "stated", .amount = 1_cr});
                if (!stated && !(stated == coffer::errc::invalid_argument)) ++wrong;
                const auto e = l.w.estimate({{.action = "message", .count = 2}});
                if (!e || e->least != e->most) ++wrong;
                auto hold = l.w.hold({.action = "message"});
                const auto settled = hold->settle({.quantity = 2_units});
                const bool twice =
                    settled.has_value() && hold->amount().micros() * 2 == settled->cost.micros();
                const bool beyond =
                    settled == coffer::errc::settle_exceeds &&
                    settled.error().required().micros() == 2 * hold->amount().micros();
                if (!twice && !beyond) ++wrong;
            }
        });
    }
    for (std::thread& t : charging) t.join();
    done = true;
    replacing.join();
    CHECK(wrong == 0);
    int by_old = 0;
    int by_new = 0;
    const journal all = l.entries();
    for (const coffer::entry& e : all.entries) {
        if (e.kind != coffer::entry_kind::charged || e.usage.action != "message") continue;
        REQUIRE(e.parts.size() == 1);
        const bool is_cheap = e.amount == 1_cr;
        CHECK(e.parts[0].bucket == (is_cheap ? "bonus" : "package"));
        ++(is_cheap ? by_old : by_new);
    }
    CHECK(by_old + by_new == 1'200);
}

// The program of the page on policies: a host's own policies, and the optional parts of a plan.

#include <coffer/coffer.hpp>

#include <chrono>
#include <cstdlib>
#include <string_view>

using namespace coffer::literals;

// [own_cost]
/// Nights are cheap: a host's own cost policy.
struct by_the_hour {
    coffer::credits day{};
    coffer::credits night{};
    bool is_night{};

    coffer::result<coffer::price> price(const coffer::usage& used) const {
        if (used.action != "render") return coffer::error{coffer::errc::unknown_action};
        return coffer::cost::flat{is_night ? night : day}.price(used);
    }
};
static_assert(coffer::cost_policy<by_the_hour>);
// [/own_cost]

// [own_rollover]
/// Carries whole hundreds only.
struct hundreds {
    coffer::credits carry(const coffer::ended_allowance& ended) const {
        const auto whole = ended.unused.micros() / 100'000'000 * 100'000'000;
        return coffer::credits::from_micros(whole);
    }
};
static_assert(coffer::rollover_policy<hundreds>);
// [/own_rollover]

// [own_clawback]
/// A host's own claw-back policy: known customers owe, others do not.
struct by_trust {
    bool known{};

    coffer::shortfall of_spent() const {
        return known ? coffer::shortfall::owed : coffer::shortfall::uncollected;
    }
};
static_assert(coffer::clawback_policy<by_trust>);
// [/own_clawback]

// [optional_parts]
struct render_plan {
    by_the_hour cost{.day = 4_cr, .night = 1_cr, .is_night = true};

    struct {
        coffer::refill::monthly refill{.amount = 350_cr};
        hundreds rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
        coffer::restore::regrant restore{coffer::days{7}};  // refunds into an ended month live on
        coffer::only only{"render"};                        // for nothing else
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &render_plan::allowance});

    coffer::overdraft::limit overdraft{.amount = 20_cr};
    coffer::access::members access{"ada", "grace"};
    coffer::spend_order::by order{coffer::order_key::bucket, coffer::order_key::newest};
    coffer::late_events late{.back = std::chrono::hours{24}};
    coffer::clawback::negative clawback{};
    coffer::debt_at_reset::drop debt_at_reset{};
    coffer::refusals::sticky refusals{};
    coffer::zone zone = coffer::zone::find("Europe/Berlin").or_throw();
    std::string_view unit = "frames";
};
static_assert(coffer::check_plan<render_plan>());
// [/optional_parts]

int main() {
    coffer::memory_store store;
    coffer::manual_clock clock{coffer::parse_instant("2026-04-30T22:00:00Z").or_throw()};
    coffer::wallets wallets{render_plan{}, store, clock};
    auto studio = wallets["studio"];
    studio.start().or_throw();
    bool good = studio.charge({.action = "render", .member = "bob"}) == coffer::errc::access_denied;
    auto frame =
        studio.charge({.action = "render", .quantity = 40_units, .member = "ada"}).or_throw();
    good = good && frame.cost == 40_cr;
    clock.set(coffer::parse_instant("2026-05-31T22:00:00Z").or_throw());
    good = good && studio.balance().or_throw().available == 650_cr;  // 350 and three whole hundreds
    good = good && by_trust{.known = true}.of_spent() == coffer::shortfall::owed;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// A wallet in which each verb has something to work on, for tests of who may do what.
#pragma once

#include "support/wallet_fixture.hpp"

#include <coffer/plan/set.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer_test {

/// All verbs, in the order of their numbers.
inline std::vector<coffer::verb> all_verbs() {
    std::vector<coffer::verb> all;
    for (std::size_t i = 0; i < coffer::verb_count; ++i) {
        all.push_back(static_cast<coffer::verb>(i));
    }
    return all;
}

template <class Access>
struct guarded_by {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}};
    lab_bucket budget{.refill = {.length = coffer::months{1}, .amount = 10_cr},
                      .expiry = {coffer::expiry::at_period_end{}}};
    lab_bucket package{.refund = {coffer::refund::full{}}};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"budget", &guarded_by::budget},
                         coffer::bucket{"package", &guarded_by::package});
    coffer::overdraft::deny overdraft{};
    Access access{};
    coffer::choices choices{.alerts = 1};
};

/// The plan itself, erased or not, or a set of two that are alike.
template <class Plan, class Single>
Plan made_of(const Single& plan) {
    if constexpr (std::constructible_from<Plan, const Single&>) {
        return Plan{plan};
    } else {
        return Plan{coffer::named{"basic", plan}, coffer::named{"pro", plan}};
    }
}

/// Who asks, why, and under which id.
struct asker {
    std::string_view actor{};
    std::string_view reason{};
    coffer::request_id request{};
};

/// The wallet. Its access policy lets the host spend while it is made.
template <class Store, class Access, class Plan = guarded_by<Access>>
struct guarded_wallet {
    explicit guarded_wallet(Access access = {})
        : l{made_of<Plan>(guarded_by<Access>{.access = std::move(access)})} {
        l.start();
        lot = l.grant(20_cr, {.paid = usd(2'000)});
        charged = l.charge(2_cr).id;
        hold = l.w.hold({.amount = 3_cr, .expires_in = 1h}).or_throw().detach();
        order = l.w.buy({.bucket = "package", .amount = 5_cr, .price = usd(500)}).or_throw().id;
    }

    /// Asks for a verb in the name of somebody; answers the error, if there is one. Without a way
    /// for each verb, and in their order, the tests that ask for all of them fail.
    coffer::errc ask(coffer::verb v, const asker& by) {
        const way known = ways()[static_cast<std::size_t>(v)];
        REQUIRE(known != nullptr);
        return known(*this, by);
    }

    lab<Store, Plan> l;
    coffer::lot_id lot{};
    coffer::entry_id charged{};
    coffer::hold_id hold{};
    coffer::order_id order{};

private:
    using way = coffer::errc (*)(guarded_wallet&, const asker&);

    template <class Answer>
    static coffer::errc code(const Answer& r) {
        return r ? coffer::errc{} : r.error().code();
    }
    /// A request that somebody makes.
    template <class Request>
    static Request of(Request r, const asker& by) {
        r.actor = by.actor;
        r.reason = by.reason;
        r.request = by.request;
        return r;
    }

    static const std::array<way, coffer::verb_count>& ways() {
        using self = guarded_wallet;
        using namespace coffer;
        static constexpr std::array<way, verb_count> all{
            [](self& s, const asker& a) {
                return code(s.l.w.charge(of(charge_request{.amount = 1_cr}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.hold(of(hold_request{.amount = 1_cr}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.settle(s.hold, of(settle_request{.amount = 1_cr}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.release(s.hold, of(release_request{}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.grant(of(grant_request{.bucket = "package", .amount = 1_cr}, a)));
            },
            [](self& s, const asker& a) {
                const instant later = at("2030-01-01T00:00:00Z");
                return code(s.l.w.expire_at(of(expiry_request{.lot = s.lot, .expires = later}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.refund(of(refund_request{.entry = s.charged}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.refund_purchase(of(purchase_refund_request{.lot = s.lot}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.dispute(of(dispute_request{.lot = s.lot}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.void_lot(of(void_request{.lot = s.lot, .amount = 1_cr}, a)));
            },
            [](self& s, const asker& a) { return s.buy(a); },
            [](self& s, const asker& a) {
                return code(s.l.w.confirm(of(confirm_request{.order = s.order}, a)));
            },
            [](self& s, const asker& a) {
                return code(s.l.w.fail(of(fail_request{.order = s.order}, a)));
            },
            [](self& s, const asker& a) { return code(s.l.w.start(of(start_request{}, a))); },
            [](self& s, const asker& a) {
                return code(s.l.w.change(of(change_request{.plan = "pro"}, a)));
            },
            [](self& s, const asker& a) {
                const add_on_request more{.bucket = "budget", .allowance = 5_cr};
                return code(s.l.w.add_on(of(more, a)));
            },
            [](self& s, const asker& a) { return s.tell(&wallet::keep, a); },
            [](self& s, const asker& a) { return s.tell(&wallet::pause, a); },
            [](self& s, const asker& a) { return s.tell(&wallet::unpause, a); },
            [](self& s, const asker& a) { return s.tell(&wallet::past_due, a); },
            [](self& s, const asker& a) { return s.tell(&wallet::paid, a); },
            [](self& s, const asker& a) { return s.tell(&wallet::end, a); },
            [](self& s, const asker& a) {
                configure_request mine{.alerts = {{.name = "mine", .at = 5_cr}}};
                return code(s.l.w.configure(of(std::move(mine), a)));
            },
            [](self& s, const asker& a) { return code(s.l.w.as(a.actor).balance()); },
        };
        return all;
    }

    coffer::errc buy(const asker& by) {
        const coffer::buy_request pack{.bucket = "package", .amount = 5_cr, .price = usd(500)};
        return code(l.w.buy(of(pack, by)));
    }
    template <class Verb>
    coffer::errc tell(Verb verb, const asker& by) {
        return code((l.w.*verb)(of(coffer::subscription_request{}, by)));
    }
};

}  // namespace coffer_test

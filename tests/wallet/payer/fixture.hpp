/// Wallets of a plan that buys by itself, a scripted provider, and a payer between them.
#pragma once

#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/testing/scripted_gateway.hpp>
#include <coffer/wallet/payer.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace coffer_test {

using coffer::testing::does;
using coffer::testing::scripted_gateway;

/// Buys 100 credits for ten euros when less than 50 are left.
inline coffer::any_plan recharging_plan() {
    coffer::any_plan plan{coffer::plans::prepaid<>{}};
    plan.catalogue = {
        {.offer = "standard",
         .credits = 100_cr,
         .price = eur("10.00"),
         .into = "package",
         .bonus = 5_cr},
        {.offer = "large", .credits = 500_cr, .price = eur("40.00"), .into = "package"}};
    plan.recharge = {.offer = "standard", .below = 50_cr};
    return plan;
}

template <class Store = coffer::memory_store>
struct shop : lab<Store, coffer::any_plan> {
    using base = lab<Store, coffer::any_plan>;
    using payer_type = coffer::payer<typename base::wallets_type, scripted_gateway>;

    explicit shop(coffer::any_plan plan = recharging_plan()) : base{std::move(plan)} {}

    /// Lets a wallet run low, so that its plan orders. Returns the provider's key of the order.
    std::string run_low(const coffer::wallet_id& of) {
        auto low = this->wallets[of];
        low.grant({.bucket = "package", .amount = 60_cr}).or_throw();
        low.charge({.amount = 20_cr}).or_throw();
        return low.orders().or_throw().at(0).key();
    }
    std::string run_low() { return run_low(this->id); }

    /// So many lots of a wallet were bought.
    std::size_t bought(const coffer::wallet_id& of) {
        std::size_t count = 0;
        for (const coffer::lot& l : this->wallets[of].lots().or_throw()) {
            if (l.terms.source == coffer::lot_source::purchase) ++count;
        }
        return count;
    }
    std::size_t bought() { return bought(this->id); }

    coffer::payments run(std::size_t limit = 100) { return payer.run(limit).or_throw(); }

    scripted_gateway gateway;
    payer_type payer{this->wallets, gateway};
};

}  // namespace coffer_test

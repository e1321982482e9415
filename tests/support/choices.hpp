/// Choices of customers for random lives, and what their plans leave to them. Include it beside the
/// wallet fixture.
#pragma once

#include "support/wallet_fixture.hpp"

#include <coffer/perform/configure.hpp>
#include <coffer/policy/choices.hpp>

#include <string_view>

namespace coffer_test {

/// What the customers of a plan may choose, or nothing. `d`: has `below`, `one_in` and `amount`.
template <class Dice>
coffer::choices some_choices(Dice& d) {
    if (d.one_in(4)) return {};
    coffer::choices c{.alerts = static_cast<std::size_t>(d.below(3)),
                      .limits = static_cast<std::size_t>(d.below(3)),
                      .budget = d.one_in(2),
                      .recharge = {.allowed = d.one_in(2), .offers = {"small", "large"}}};
    if (d.one_in(3)) c.defaults.alerts = {{.name = "default", .at = d.amount()}};
    if (d.one_in(4)) c.defaults.budget = coffer::budget{.amount = d.amount()};
    return c;
}

/// What a customer asks for, be it allowed or not.
template <class Dice>
coffer::configure_request some_choice(Dice& d) {
    coffer::configure_request r;
    switch (d.below(4)) {
        case 0: r.alerts = {{.name = "mine", .at = d.amount()}}; break;
        case 1:
            r.alerts = {{.name = "one", .at = coffer::percent{d.below(120)}},
                        {.name = "two", .at = d.amount(), .once_per_period = d.one_in(2)}};
            break;
        case 2: r.alerts = coffer::without; break;
        default: break;
    }
    if (d.one_in(3)) {
        r.limits = {{.member = "ann", .per = coffer::window::day, .amount = d.amount()},
                    {.action = "chat", .per = coffer::window::week, .amount = d.amount()}};
    }
    if (d.one_in(3)) {
        r.budget = coffer::budget{d.amount(), coffer::window::period, d.one_in(2)};
    }
    if (d.one_in(4)) r.limits = coffer::as_planned;
    if (d.one_in(4)) r.budget = coffer::without;
    if (d.one_in(4)) r.recharge = coffer::recharge_setting{.on = d.one_in(2), .offer = "small"};
    return r;
}

}  // namespace coffer_test

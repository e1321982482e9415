#include <coffer/base/fwd.hpp>

namespace {

/// What a host's header may declare with nothing but the names.
struct ledger_screen {
    const coffer::account* shown = nullptr;
    coffer::credits (*sum_of)(const coffer::entry&) = nullptr;
    coffer::result<coffer::money, coffer::error> (*due)(const coffer::wallet_id&) = nullptr;
};

}  // namespace

#include "support/catch.hpp"

#include <coffer/coffer.hpp>

TEST_CASE("what is declared by name alone is what the other headers define") {
    coffer::account shown;
    ledger_screen screen{
        .shown = &shown,
        .sum_of = [](const coffer::entry& e) { return e.amount; },
        .due =
            [](const coffer::wallet_id&) {
                return coffer::result<coffer::money, coffer::error>{coffer::money{}};
            }};
    CHECK(screen.sum_of(coffer::entry{}).is_zero());
    CHECK(screen.due("acme").or_throw().is_none());
    CHECK(screen.shown->totals == coffer::balance_totals{});
}

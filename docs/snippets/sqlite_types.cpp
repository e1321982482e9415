// What docs/plans.md says of types that are written down.
#include <coffer/coffer.hpp>
#include <coffer/store/sqlite.hpp>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

using namespace coffer::literals;

// [types]
using billing = coffer::wallets<coffer::plans::prepaid<>, coffer::sqlite_store>;
using wallet = billing::wallet_type;            // what wallets["acme"] is
using reservation = billing::reservation_type;  // what wallet.hold(…) answers

/// A member of the server, as long-lived as it.
class server {
public:
    explicit server(coffer::sqlite_store& store) : wallets_{coffer::plans::prepaid<>{}, store} {}

    wallet wallet_of(const std::string& customer) { return wallets_[customer]; }

private:
    billing wallets_;  // neither copied nor moved
};

/// A handle is passed by value.
bool can_pay(wallet of, coffer::credits amount) { return of.quote({.amount = amount}).has_value(); }

/// A conversation that keeps its hold until it ends.
class conversation {
public:
    conversation(wallet customer, coffer::credits at_most) {
        if (auto held = customer.hold({.amount = at_most})) hold_ = *std::move(held);
    }
    bool is_open() const { return hold_.has_value(); }

    coffer::result<coffer::receipt> end(coffer::credits cost) {
        return hold_->settle({.amount = cost});
    }  // without `end`, the hold releases itself

private:
    std::optional<reservation> hold_;
};
// [/types]

int main() {
    auto store = coffer::sqlite_store::open(":memory:").or_throw();
    server the_server{store};
    wallet acme = the_server.wallet_of("acme");
    acme.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    bool good = can_pay(acme, 10_cr) && !can_pay(acme, 11_cr);
    {
        conversation left{acme, 5_cr};
        good = good && left.is_open() && acme.balance()->held == 5_cr;
    }
    conversation told{acme, 5_cr};
    good = good && told.end(3_cr)->cost == 3_cr;
    good = good && acme.balance()->available == 7_cr;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

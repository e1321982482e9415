// The program of the page on alerts: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <chrono>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

// [watched_plan]
struct watched_plan {
    coffer::cost_table cost{{"image", coffer::cost::flat{1_cr}}};

    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &watched_plan::allowance},
                         coffer::bucket{"package", &watched_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};

    coffer::alerts alerts{
        {.name = "low", .at = coffer::percent{25}, .of = {"allowance"}, .once_per_period = true},
        {.name = "out", .at = 0_cr}};
};
static_assert(coffer::check_plan<watched_plan>());
// [/watched_plan]

std::vector<std::string> sent;

bool mail(const coffer::notice& n) {
    sent.push_back(n.kind + " " + n.text);
    return true;
}

void deliveries() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{watched_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start({.request = "signup"}).or_throw();
    acme.charge({.amount = 75_cr, .request = "c-1"}).or_throw();
    // [deliver]
    coffer::deliver(store, [](const coffer::notice& n) { return mail(n); }).or_throw();
    // [/deliver]
    holds(sent == std::vector<std::string>{"alert low"});

    acme.charge({.amount = 25_cr, .request = "c-2"}).or_throw();
    coffer::deliver(store, mail).or_throw();
    holds(sent == std::vector<std::string>{"alert low", "alert out", "depleted depleted"});

    acme.grant({.bucket = "package",
                .amount = 50_cr,
                .source = coffer::lot_source::bonus,
                .request = "gift"})
        .or_throw();
    coffer::deliver(store, mail).or_throw();
    holds(sent.back() == "resumed resumed");

    // [seen]
    std::set<std::string> seen;  // in your database, in the transaction that does the work
    const auto once = [&](const coffer::notice& n) {
        return !seen.insert(n.key()).second || mail(n);
    };
    // [/seen]
    acme.charge({.amount = 50_cr, .request = "c-3"}).or_throw();
    const auto waiting = store.notices(10).or_throw();
    holds(waiting.size() == 2 && waiting[0].key() == "acme/8/0");
    const std::size_t before = sent.size();
    once(waiting[0]);
    once(waiting[0]);
    holds(sent.size() == before + 1);
}

void levels() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{watched_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start({}).or_throw();
    auto hold = acme.hold({.amount = 100_cr, .expires_in = 10min, .request = "job"}).or_throw();
    holds(store.notices(10).or_throw().empty());  // held credits still count
    hold.settle({.amount = 80_cr}).or_throw();
    holds(store.notices(10).or_throw().size() == 1);
}

}  // namespace

int main() {
    deliveries();
    levels();
    return figures.verdict(7);
}

// The program of the page on access: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

struct package_bucket {
    coffer::refill::none refill{};
    coffer::rollover::all rollover{};
    coffer::expiry::never expiry{};
    coffer::refund::full refund{};
};

// [members_plan]
struct team_plan {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}};
    package_bucket package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &team_plan::package});
    coffer::overdraft::deny overdraft{};

    coffer::access::members access{{"acme", {"ada", "grace"}},  // wallet, and who belongs to it
                                   {"globex", {"bob"}}};
};
static_assert(coffer::check_plan<team_plan>());
// [/members_plan]

// [roles_plan]
struct roles_plan {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}};
    package_bucket package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &roles_plan::package});
    coffer::overdraft::deny overdraft{};

    coffer::access::roles access{
        {{"member", coffer::access::spend | coffer::access::see},
         {"owner", coffer::access::everything},
         {"support", coffer::access::refund | coffer::access::see}},
        {{"acme", {{"ada", "owner"}, {"grace", "member"}}},  // in this wallet
         {"", {{"sam", "support"}}}}};                       // in every wallet
};
static_assert(coffer::check_plan<roles_plan>());
// [/roles_plan]

using directory = std::multimap<std::string, std::string, std::less<>>;

void members() {
    coffer::memory_store store;
    coffer::wallets wallets{team_plan{}, store};
    // [members]
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr, .paid = usd("1.00"), .request = "order-1"})
        .or_throw();  // names nobody: the host itself

    holds(acme.charge({.action = "post", .actor = "ada"}).or_throw().cost == 1_cr);
    holds(acme.charge({.action = "post", .member = "grace"}).or_throw().cost == 1_cr);
    holds(acme.charge({.action = "post", .actor = "bob"}) == coffer::errc::access_denied);
    holds(acme.charge({.action = "post"}) == coffer::errc::access_denied);
    holds(acme.grant({.bucket = "package", .amount = 1_cr, .actor = "ada"}) ==
          coffer::errc::access_denied);
    // [/members]

    // [as]
    auto grace = acme.as("grace");
    holds(grace.balance().or_throw().available == 8_cr);  // all members see one balance
    holds(acme.as("bob").balance() == coffer::errc::access_denied);
    // [/as]

    // [actors_hold]
    auto hold = grace.hold({.action = "post", .expires_in = 10min}).or_throw();
    holds(hold.settle().or_throw().cost == 1_cr);  // hers, too
    // [/actors_hold]
}

void roles() {
    coffer::memory_store store;
    coffer::wallets wallets{roles_plan{}, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr, .request = "gift"}).or_throw();
    // [reasons]
    acme.as("grace").charge({.action = "post", .request = "post-7"}).or_throw();
    acme.refund({.charge = "post-7", .actor = "sam", .reason = "ticket 4711: was empty"})
        .or_throw();

    for (const coffer::entry& e : acme.history({.actor = "sam"}).or_throw().entries) {
        holds(e.kind == coffer::entry_kind::refunded);
        holds(e.signature.actor() == "sam");
        holds(e.signature.reason() == "ticket 4711: was empty");
    }
    // [/reasons]

    // [repeat_by_another]
    const auto again = acme.charge({.action = "post", .actor = "job 3", .request = "post-7"});
    holds(again.or_throw().repeated);  // though nobody knows job 3
    // [/repeat_by_another]
}

void lookup() {
    directory people{{"acme", "ada"}};
    // [lookup]
    coffer::access::members_if ours{[&people](const coffer::access_question& who) {
        const auto [from, until] = people.equal_range(who.wallet);
        for (auto at = from; at != until; ++at) {
            if (at->second == who.actor) return true;
        }
        return false;
    }};
    // [/lookup]
    holds(ours.allows({.wallet = "acme", .actor = "ada"}));
    holds(!ours.allows({.wallet = "globex", .actor = "ada"}));
}

// [own]
/// Nobody spends on Sundays but the owner.
struct office_hours {
    bool is_sunday = false;

    bool allows(const coffer::access_question& who) const {
        const bool spends = coffer::access::spend.contains(who.verb);
        return !(spends && is_sunday) || who.actor == "ada";
    }
};
static_assert(coffer::access_policy<office_hours>);
// [/own]

void observers() {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{.cost = {{"post", coffer::cost::flat{1_cr}}}},
                            store};
    std::vector<std::string> pushed;
    const auto push = [&](const coffer::wallet_id& wallet, coffer::credits available) {
        pushed.push_back(std::string{wallet.text()} + " " +
                         std::string{to_string(available).view()});
    };
    // [observe]
    coffer::observing live{
        [&](const coffer::committed& c) { push(c.wallet, c.entries.back().after.available); }};
    wallets.observe(live);
    // [/observe]
    wallets["acme"].grant({.bucket = "package", .amount = 10_cr}).or_throw();
    wallets["acme"].charge({.action = "post", .request = "1"}).or_throw();
    wallets["acme"].charge({.action = "post", .request = "1"}).or_throw();
    holds(pushed == std::vector<std::string>{"acme 10", "acme 9"});
    holds(!office_hours{.is_sunday = true}.allows({.actor = "bob"}));
    holds(office_hours{.is_sunday = true}.allows({.actor = "ada"}));
}

}  // namespace

int main() {
    members();
    roles();
    lookup();
    observers();
    return figures.verdict(17);
}

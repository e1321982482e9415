// Rule 40: a failed operation changes nothing of its own, not even after bad_alloc. Each operation
// is run with its first allocation failing, then its second, and so on until it succeeds. After
// each failure the store has to hold what it held before, and then the operation has to succeed.
//
// A program of its own, because it replaces the global operator new. Exit code 0: all is well.
#include "support/whole_page_store.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/plan/plan.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#if COFFER_TEST_HAS_SQLITE
#include <coffer/store/sqlite.hpp>
#endif

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
std::atomic<std::int64_t> allocations_left{unlimited};
std::atomic<bool> has_failed{false};

void* allocate(std::size_t size, std::size_t alignment) {
    if (allocations_left.load() != unlimited && allocations_left.fetch_sub(1) <= 0) {
        has_failed = true;
        throw std::bad_alloc{};
    }
    std::size_t rounded = (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, rounded);
    if (!memory) throw std::bad_alloc{};
    return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return allocate(size, alignof(std::max_align_t));
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace {

using namespace coffer::literals;
using namespace std::chrono_literals;

coffer::instant at(std::string_view text) { return coffer::parse_instant(text).or_throw(); }

/// A price whose rates a hold does not keep in place.
coffer::cost::tokens many_rates() {
    coffer::cost::tokens model;
    for (const auto& field : coffer::detail::token_rate_fields) {
        model.rates.*field.each = coffer::rate::from_picos(1'000'000'000'000);
    }
    return model;
}

struct oom_plan {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}, {"read", many_rates()}};
    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::all rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } budget{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::after expiry{coffer::days{20}};
        coffer::refund::unspent refund{};
        coffer::restore::regrant restore{.length = coffer::days{5}};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"budget", &oom_plan::budget},
                                                     coffer::bucket{"package", &oom_plan::package});
    coffer::overdraft::limit overdraft{.amount = 50_cr};
    coffer::access::anyone access{};
    coffer::alerts alerts{{.name = "low", .at = 10_cr}};
    coffer::limits limits{{.member = "ann", .per = coffer::window::day, .amount = 90_cr}};
    coffer::choices choices{.alerts = 2, .limits = 2, .budget = true};
};
static_assert(coffer::check_plan<oom_plan>());

// A function, because g++ 12 fails over a braced plan inside a template.
oom_plan make_plan() { return {}; }

int failures = 0;

void fail(std::string_view store, std::string_view operation, std::int64_t allocation,
          std::string_view what) {
    ++failures;
    std::printf("FAILED: %.*s, %.*s, allocation %lld: %.*s\n", static_cast<int>(store.size()),
                store.data(), static_cast<int>(operation.size()), operation.data(),
                static_cast<long long>(allocation), static_cast<int>(what.size()), what.data());
}

/// A wallet with a life behind it: lots, holds, debt, requests.
template <class Store>
struct world {
    world() : wallets{make_plan(), store, clock} {}

    Store store{};
    coffer::manual_clock clock{at("2026-01-31T10:00:00Z")};
    coffer::wallets<oom_plan, Store, coffer::manual_clock> wallets;
    coffer::wallet_id id{"acme"};
    coffer::hold_id open{};
    coffer::hold_id wide{};
    coffer::lot_id pack{};
    coffer::order_id order{};

    auto wallet() { return wallets[id]; }

    void live() {
        auto w = wallet();
        w.start({.zone = coffer::zone::find("Europe/Berlin").or_throw()}).or_throw();
        pack = w.grant({.bucket = "package",
                        .amount = 30_cr,
                        .priority = 1,
                        .paid = coffer::money::from_minor(900, "USD")})
                   .or_throw()
                   .lot;
        for (int i = 0; i < 6; ++i) w.grant({.bucket = "package", .amount = 1_cr}).or_throw();
        w.charge({.amount = 104_cr, .request = "old"}).or_throw();
        open = w.hold({.action = "post", .at_most = 5_cr, .expires_in = 24h, .request = "h"})
                   .or_throw()
                   .detach();
        wide = w.hold({.amount = 23_cr, .tolerance = 9_cr, .expires_in = 48h}).or_throw().detach();
        order = w.buy({.bucket = "package",
                       .amount = 5_cr,
                       .price = coffer::money::from_minor(100, "USD")})
                    .or_throw()
                    .id;
    }
};

/// A plan of run time that may bill what goes beyond, or buy by itself.
coffer::any_plan sold(coffer::credits allowance, coffer::any_overdraft overdraft,
                      coffer::recharge recharge = {}) {
    coffer::cost_table cost;
    cost.set("post", coffer::cost::flat{1_cr});
    coffer::any_plan_parts parts{.cost = cost,
                                 .buckets = {},
                                 .overdraft = std::move(overdraft),
                                 .access = coffer::access::anyone{}};
    parts.buckets.push_back({.name = "budget",
                             .refill = coffer::refill::monthly{.amount = allowance},
                             .rollover = coffer::rollover::none{},
                             .expiry = coffer::expiry::at_period_end{},
                             .refund = coffer::refund::none{}});
    parts.buckets.push_back({.name = "package",
                             .refill = coffer::refill::none{},
                             .rollover = coffer::rollover::none{},
                             .expiry = coffer::expiry::never{},
                             .refund = coffer::refund::full{}});
    parts.recharge = std::move(recharge);
    return coffer::any_plan{std::move(parts)};
}
coffer::plan_book on_sale() {
    const coffer::money price = coffer::money::from_minor(120, "USD");
    const coffer::overdraft::bill_later billed{.limit = 500_cr, .price = price, .per = 10_cr};
    coffer::plan_book book;
    book.add("small", sold(100_cr, billed)).or_throw();
    book.add("large", sold(300_cr, billed)).or_throw();
    book.add("buys", sold(100_cr, coffer::overdraft::deny{},
                          {.amount = 20_cr, .into = "package", .price = price, .below = 50_cr}))
        .or_throw();
    book.set_default("small").or_throw();
    return book;
}

/// A wallet with a plan of several, which owes what is billed at its period's end.
template <class Store>
struct world_of_plans {
    world_of_plans() : wallets{on_sale(), store, clock} {}

    Store store{};
    coffer::manual_clock clock{at("2026-01-31T10:00:00Z")};
    coffer::wallets<coffer::plan_book, Store, coffer::manual_clock> wallets;
    coffer::wallet_id id{"acme"};

    auto wallet() { return wallets[id]; }

    void live() {
        wallet().start().or_throw();
        wallet().charge({.amount = 90_cr, .request = "old"}).or_throw();
        for (int i = 0; i < 5; ++i) wallet().charge({.amount = 7_cr, .member = "ann"}).or_throw();
    }
    /// Goes over to a plan that buys when less than 50 credits are left: 60 are.
    void go_to_plan_that_buys() {
        wallet().start({.plan = "buys"}).or_throw();
        wallet().charge({.amount = 40_cr}).or_throw();
    }
};

/// What a store holds of a wallet.
template <class World>
struct picture {
    coffer::account account;
    std::vector<coffer::entry> entries;
    std::shared_ptr<const void> texts;

    explicit picture(World& w) : account{coffer::load(w.store, w.id).or_throw()} {
        auto page = w.store.entries(w.id, {.limit = 100'000}).or_throw();
        entries = std::move(page.entries);
        texts = std::move(page.texts);
    }
};

enum class step { failed, succeeded };

template <class World>
struct operation {
    std::string_view name;
    /// Before it: brings the world to where it happens.
    std::function<void(World&)> prepare;
    /// Answers whether it succeeded; it may throw.
    std::function<bool(World&)> run;
    bool writes = true;
};

/// The verbs of subscriptions, purchases and choices, and what only asks.
template <class Store>
std::vector<operation<world<Store>>> further_operations() {
    using w = world<Store>;
    auto nothing = [](w&) {};
    auto paused = [](w& x) { x.wallet().pause().or_throw(); };
    auto unpaid = [](w& x) {
        x.wallet().past_due().or_throw();
        x.clock.set(at("2026-03-02T00:00:00Z"));
    };
    auto added = [](w& x) { x.wallet().add_on({.bucket = "package"}).or_throw(); };
    auto waits = [](w& x) {
        x.wallet()
            .add_on({.bucket = "package", .allowance = 3_cr, .when = coffer::at::period_end})
            .or_throw();
    };
    auto is = [](const auto& r) { return r.has_value(); };
    const coffer::add_on_request add_on{.bucket = "package", .allowance = 7_cr, .request = "new"};
    const coffer::configure_request choice{
        .alerts = {{.name = "mine", .at = 3_cr}},
        .limits = {{.member = "bob", .per = coffer::window::week, .amount = 9_cr}},
        .budget = coffer::budget{.amount = 500_cr},
        .request = "new"};
    return {
        {"pause", nothing, [=](w& x) { return is(x.wallet().pause({.request = "new"})); }},
        {"unpause", paused, [=](w& x) { return is(x.wallet().unpause({.request = "new"})); }},
        {"past_due", nothing, [=](w& x) { return is(x.wallet().past_due({.request = "new"})); }},
        {"paid", unpaid, [=](w& x) { return is(x.wallet().paid({.request = "new"})); }},
        {"end", nothing, [=](w& x) { return is(x.wallet().end({.request = "new"})); }},
        {"keep", waits, [=](w& x) { return is(x.wallet().keep({.request = "new"})); }},
        {"add_on", nothing, [=](w& x) { return is(x.wallet().add_on(add_on)); }},
        {"add_on of another size", added, [=](w& x) { return is(x.wallet().add_on(add_on)); }},
        {"preview", nothing, [=](w& x) { return is(x.wallet().preview(add_on)); }, false},
        {"buy", nothing,
         [=](w& x) {
             return is(x.wallet().buy({.bucket = "package",
                                       .amount = 5_cr,
                                       .price = coffer::money::from_minor(100, "USD"),
                                       .request = "new"}));
         }},
        {"confirm", nothing,
         [=](w& x) { return is(x.wallet().confirm({.order = x.order, .request = "new"})); }},
        {"fail", nothing,
         [=](w& x) { return is(x.wallet().fail({.order = x.order, .request = "new"})); }},
        {"configure", nothing, [=](w& x) { return is(x.wallet().configure(choice)); }},
        {"charge within a limit", nothing,
         [=](w& x) {
             return is(x.wallet().charge({.amount = 2_cr, .member = "ann/bot", .request = "new"}));
         }},
        {"estimate", nothing,
         [=](w& x) { return is(x.wallet().estimate({{.action = "post", .count = 3}})); }, false},
    };
}

template <class Store>
std::vector<operation<world<Store>>> operations() {
    using w = world<Store>;
    auto nothing = [](w&) {};
    auto later = [](w& x) { x.clock.set(at("2026-05-02T00:00:00Z")); };
    auto expired = [](w& x) { x.clock.set(at("2026-02-25T00:00:00Z")); };
    auto is = [](const auto& r) { return r.has_value(); };
    return {
        {"grant", nothing,
         [=](w& x) {
             return is(x.wallet().grant({.bucket = "package", .amount = 2_cr, .request = "new"}));
         }},
        {"first grant", [](w& x) { x.id = "nobody"; },
         [=](w& x) {
             return is(x.wallet().grant({.bucket = "package", .amount = 2_cr, .request = "new"}));
         }},
        {"start", nothing, [=](w& x) { return is(x.wallet().start({.request = "new"})); }},
        {"charge", nothing,
         [=](w& x) { return is(x.wallet().charge({.action = "post", .request = "new"})); }},
        {"charge over many lots", nothing,
         [=](w& x) { return is(x.wallet().charge({.amount = 3.5_cr, .request = "new"})); }},
        {"charge into debt", nothing,
         [=](w& x) { return is(x.wallet().charge({.amount = 20_cr, .request = "new"})); }},
        {"charge after months", later,
         [=](w& x) { return is(x.wallet().charge({.action = "post", .request = "new"})); }},
        {"hold", nothing,
         [=](w& x) {
             auto held = x.wallet().hold({.amount = 1_cr, .request = "new"});
             if (held) (void)held->detach();
             return held.has_value();
         }},
        {"hold over many lots", nothing,
         [=](w& x) {
             auto held = x.wallet().hold({.amount = 3.5_cr, .request = "new"});
             if (held) (void)held->detach();
             return held.has_value();
         }},
        {"hold at many rates", nothing,
         [=](w& x) {
             auto held = x.wallet().hold({.action = "read", .at_most = 1_cr, .request = "new"});
             if (held) (void)held->detach();
             return held.has_value();
         }},
        {"settle at many rates",
         [](w& x) {
             x.open = x.wallet().hold({.action = "read", .at_most = 1_cr}).or_throw().detach();
         },
         [=](w& x) {
             return is(x.wallet().settle(
                 x.open, {.input_tokens = 1, .others_zero = true, .request = "new"}));
         }},
        {"settle", nothing,
         [=](w& x) { return is(x.wallet().settle(x.open, {.amount = 1_cr, .request = "new"})); }},
        {"settle with excess", nothing,
         [=](w& x) { return is(x.wallet().settle(x.wide, {.amount = 30_cr, .request = "new"})); }},
        {"settle through a handle", nothing,
         [=](w& x) {
             auto hold = x.wallet().resume(x.open);
             if (!hold) return false;
             auto settled = hold->settle({.quantity = 2_units, .request = "new"});
             (void)hold->detach();
             return settled.has_value();
         }},
        {"release", nothing,
         [=](w& x) { return is(x.wallet().release(x.wide, {.request = "new"})); }},
        {"refund", nothing,
         [=](w& x) {
             return is(x.wallet().refund({.charge = "old", .amount = 50_cr, .request = "new"}));
         }},
        {"refund into ended lots", expired,
         [=](w& x) { return is(x.wallet().refund({.charge = "old", .request = "new"})); }},
        {"refund of a purchase", nothing,
         [=](w& x) { return is(x.wallet().refund_purchase({.lot = x.pack, .request = "new"})); }},
        {"void", nothing,
         [=](w& x) {
             return is(x.wallet().void_lot(
                 {.lot = coffer::lot_id{x.pack.value() + 6}, .request = "new"}));
         }},
        {"expire_at", nothing,
         [=](w& x) {
             return is(x.wallet().expire_at(
                 {.lot = x.pack, .expires = at("2027-01-01T00:00:00Z"), .request = "new"}));
         }},
        {"sweep", later, [=](w& x) { return is(x.wallet().sweep()); }},
        {"sweep of all", later, [=](w& x) { return is(x.wallets.sweep()); }},
        {"balance", later, [=](w& x) { return is(x.wallet().balance()); }, false},
        {"lots", later, [=](w& x) { return is(x.wallet().lots()); }, false},
        {"entries", nothing, [=](w& x) { return is(x.wallet().entries()); }, false},
        {"entries of a lot", nothing, [=](w& x) { return is(x.wallet().entries({.lot = x.pack})); },
         false},
        {"quote", later,
         [=](w& x) { return is(x.wallet().quote({.action = "post", .request = "new"})); }, false},
        {"a repeated charge", nothing,
         [=](w& x) { return is(x.wallet().charge({.amount = 104_cr, .request = "old"})); }, false},
        {"due", later, [=](w& x) { return is(x.store.due(x.clock.now(), 10)); }, false},
    };
}

/// What needs several plans, a bill at the period's end, or a plan that buys by itself.
template <class Store>
std::vector<operation<world_of_plans<Store>>> operations_of_plans() {
    using w = world_of_plans<Store>;
    auto nothing = [](w&) {};
    auto large = [](w& x) { x.wallet().change({.plan = "large"}).or_throw(); };
    auto waits = [=](w& x) {
        large(x);
        x.wallet().change({.plan = "small"}).or_throw();
    };
    auto later = [](w& x) { x.clock.set(at("2026-03-02T00:00:00Z")); };
    auto buys = [](w& x) { x.go_to_plan_that_buys(); };
    auto bought = [](w& x) {
        x.go_to_plan_that_buys();
        x.wallet().charge({.amount = 20_cr}).or_throw();
    };
    auto is = [](const auto& r) { return r.has_value(); };
    const auto change_to = [=](std::string_view plan, coffer::at when = coffer::at::once) {
        return [=](w& x) {
            return is(x.wallet().change({.plan = plan, .when = when, .request = "new"}));
        };
    };
    return {
        {"change to a larger plan", nothing, change_to("large")},
        {"change to a smaller plan", large, change_to("small")},
        {"change that bills what is owed", nothing, change_to("buys")},
        {"change at the period's end", nothing, change_to("large", coffer::at::period_end)},
        {"change in place of one that waits", waits, change_to("buys", coffer::at::period_end)},
        {"preview of a change", nothing,
         [=](w& x) { return is(x.wallet().preview(coffer::change_request{.plan = "large"})); },
         false},
        {"a plan that waited begins",
         [=](w& x) {
             waits(x);
             later(x);
         },
         [=](w& x) { return is(x.wallet().sweep()); }},
        {"the close of a bill", later, [=](w& x) { return is(x.wallet().sweep()); }},
        {"charge after the close of a bill", later,
         [=](w& x) { return is(x.wallet().charge({.action = "post", .request = "new"})); }},
        {"invoices", later, [=](w& x) { return is(x.wallet().invoices()); }, false},
        {"charge that a recharge follows", buys,
         [=](w& x) { return is(x.wallet().charge({.amount = 20_cr, .request = "new"})); }},
        {"refusal that a recharge follows", buys,
         [=](w& x) {
             const auto refused = x.wallet().charge({.amount = 70_cr, .request = "new"});
             return refused == coffer::errc::insufficient_credits;
         }},
        {"confirm a recharge", bought,
         [=](w& x) {
             const auto orders = x.wallet().orders();
             return orders && orders->size() == 1 &&
                    is(x.wallet().confirm({.order = orders->front().id, .request = "new"}));
         }},
    };
}

/// Whether `now` is `before` and, at most, what fell due since: nothing that anybody asked for.
template <class World>
std::string_view wrong_after_failure(const picture<World>& before, const picture<World>& now) {
    if (now.entries.size() < before.entries.size()) return "entries are gone";
    for (std::size_t i = 0; i < before.entries.size(); ++i) {
        if (!(now.entries[i] == before.entries[i])) return "an entry has changed";
    }
    for (std::size_t i = before.entries.size(); i < now.entries.size(); ++i) {
        if (now.entries[i].request == "new") return "the operation is in the journal";
    }
    if (now.entries.size() == before.entries.size() && !(now.account == before.account)) {
        return "the account has changed";
    }
    if (!(coffer::replay(now.entries) == now.account)) return "the journal does not replay";
    return {};
}

template <class World>
void test(std::string_view store, const operation<World>& op) {
    std::int64_t n = 0;
    for (;; ++n) {
        if (n > 5'000) return fail(store, op.name, n, "it never succeeds");
        World w;
        w.live();
        op.prepare(w);
        picture<World> before{w};

        bool succeeded = false;
        has_failed = false;
        allocations_left = n;
        try {
            succeeded = op.run(w);
        } catch (const std::bad_alloc&) {}
        allocations_left = unlimited;

        if (!has_failed) {
            if (!succeeded) fail(store, op.name, n, "it fails with all memory there");
            break;
        }
        picture<World> now{w};
        if (succeeded) continue;  // it could do without that memory
        if (auto wrong = wrong_after_failure(before, now); !wrong.empty()) {
            fail(store, op.name, n, wrong);
        }
        if (!op.writes && now.entries.size() != before.entries.size()) {
            fail(store, op.name, n, "it has written");
        }
        // The same wallet goes on as if nothing had happened.
        if (!op.run(w)) fail(store, op.name, n, "it fails afterwards");
        picture<World> after{w};
        if (!(coffer::replay(after.entries) == after.account)) {
            fail(store, op.name, n, "the journal does not replay afterwards");
        }
        std::size_t asked = 0;
        for (const coffer::entry& e : after.entries) {
            if (e.request == "new") ++asked;
        }
        if (asked > 1) fail(store, op.name, n, "it has happened twice");
    }
    std::printf("%.*s: %.*s, %lld allocations\n", static_cast<int>(store.size()), store.data(),
                static_cast<int>(op.name.size()), op.name.data(), static_cast<long long>(n));
}

/// A handle that is dropped without memory neither throws nor breaks anything.
template <class Store>
void test_drop(std::string_view store) {
    for (std::int64_t n = 0; n < 40; ++n) {
        world<Store> w;
        w.live();
        {
            auto hold = w.wallet().resume(w.wide).or_throw();
            allocations_left = n;
        }
        allocations_left = unlimited;
        picture<world<Store>> now{w};
        if (!(coffer::replay(now.entries) == now.account)) {
            fail(store, "dropping a handle", n, "the journal does not replay");
        }
        w.clock.set(at("2026-02-03T00:00:00Z"));
        if (w.wallet().balance().or_throw().held != 0_cr) {
            fail(store, "dropping a handle", n, "the hold does not end");
        }
    }
}

template <class Store>
void test_all(std::string_view store) {
    for (const auto& op : operations<Store>()) test(store, op);
    for (const auto& op : further_operations<Store>()) test(store, op);
    for (const auto& op : operations_of_plans<Store>()) test(store, op);
    test_drop<Store>(store);
}

#if COFFER_TEST_HAS_SQLITE
/// An SQLite store that is made without being told where. What SQLite itself takes is not counted.
class filed_store {
public:
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        return store_.open(wanted, into);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        return store_.commit(batch);
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        return store_.entries(wallet, query);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        return store_.due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        return store_.notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) { return store_.acknowledge(id); }

private:
    coffer::sqlite_store store_ = coffer::sqlite_store::open(":memory:").or_throw();
};
#endif

}  // namespace

int main() {
    test_all<coffer::memory_store>("heads");
    test_all<coffer_test::whole_page_store>("whole pages");
#if COFFER_TEST_HAS_SQLITE
    test_all<filed_store>("a file");
#endif
    if (failures > 0) std::printf("%d failed\n", failures);
    return failures == 0 ? 0 : 1;
}

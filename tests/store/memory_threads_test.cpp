#include "support/catch.hpp"

#include <coffer/ledger/ledger.hpp>
#include <coffer/store/memory.hpp>

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <thread>

using namespace coffer::literals;
using coffer::account;
using coffer::commit_outcome;
using coffer::credits;
using coffer::entry;
using coffer::instant;
using coffer::memory_store;
using coffer::request_id;
using coffer::wallet_id;

namespace {

instant sec(std::int64_t n) { return instant{std::chrono::seconds{n}}; }

commit_outcome add_wallet(memory_store& store, const wallet_id& id, credits amount,
                          instant expires) {
    account a;
    entry e;
    coffer::lot_terms terms;
    terms.bucket = coffer::bucket_id::of("package");
    terms.effective = sec(-1);
    terms.expires = expires;
    if (!coffer::decide_grant(a, terms, amount, {}, sec(-1), e) || !coffer::apply(a, e)) {
        return commit_outcome::unknown;
    }
    return store.commit({.wallet = id, .after = a, .entries = std::span{&e, 1}});
}

}  // namespace

TEST_CASE("of two threads that commit on one entry, one conflicts") {
    memory_store store;
    REQUIRE(add_wallet(store, "acme", 1'000_cr, coffer::never) == commit_outcome::committed);
    constexpr int rounds = 400;
    std::atomic<int> committed{0}, other{0};
    auto work = [&](int thread) {
        for (int i = 0; i < rounds;) {
            const account a = *coffer::load(store, "acme");
            entry e;
            coffer::bucket_filter all;
            if (!coffer::decide_charge(a, {1_cr, {}, all}, sec(2), e)) return;
            const std::string request = std::to_string(thread) + ":" + std::to_string(i);
            e.request = request;
            e.requested_by = request_id::scope::caller;
            account after = a;
            if (!coffer::apply(after, e)) return;
            const auto outcome = store.commit({.wallet = "acme",
                                               .expected = a.last,
                                               .after = after,
                                               .entries = std::span{&e, 1}});
            if (outcome == commit_outcome::committed) {
                ++committed;
                ++i;
            } else if (outcome != commit_outcome::conflict) {
                ++other;
            }
        }
    };
    std::thread first{work, 1}, second{work, 2};
    first.join();
    second.join();
    CHECK(committed == 2 * rounds);
    CHECK(other == 0);
    CHECK(coffer::load(store, "acme")->totals.available == 200_cr);
    CHECK(coffer::replay(store.entries("acme", {})->entries) == *coffer::load(store, "acme"));
}

TEST_CASE("threads add wallets, read and charge them by their heads at the same time") {
    memory_store store{1};
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0}, spent{0};
    constexpr int count = 1'500;
    std::thread adds{[&] {
        for (int i = 0; i < count; ++i) {
            const wallet_id id{"w" + std::to_string(i)};
            if (add_wallet(store, id, 10_cr, sec(i)) != commit_outcome::committed) ++wrong;
        }
        stop = true;
    }};
    auto spend = [&] {
        for (int i = 0; !stop || i < 10; ++i) {
            const wallet_id id{"w" + std::to_string(i * 7 % count)};
            const request_id request{"r" + std::to_string(i)};
            coffer::page head;
            const coffer::page_request wanted{
                .wallet = id, .place = store.locate(id), .request = request, .whole = false};
            if (!store.open(wanted, head)) ++wrong;
            entry e;
            coffer::bucket_filter all;
            if (head.known.empty() &&
                coffer::decide_charge(head.state, {1_cr, {}, all}, sec(-1), e)) {
                e.request = request.text();
                e.requested_by = request.made_by();
                account after = head.state;
                if (!coffer::apply(after, e)) ++wrong;
                const auto outcome = store.commit({.wallet = id,
                                                   .place = head.place,
                                                   .expected = head.state.last,
                                                   .after = after,
                                                   .whole = false,
                                                   .entries = std::span{&e, 1}});
                if (outcome == commit_outcome::committed) ++spent;
            }
            if (coffer::load(store, id)->totals.available > 10_cr) ++wrong;
            if (i % 50 == 0 && store.due(coffer::never, 10)->size() > 10) ++wrong;
        }
    };
    std::thread one{spend}, two{spend};
    adds.join();
    one.join();
    two.join();
    CHECK(wrong == 0);
    std::size_t charges = 0;
    for (int i = 0; i < count; ++i) {
        const wallet_id id{"w" + std::to_string(i)};
        charges += store.entries(id, {})->entries.size() - 1;
        REQUIRE(coffer::replay(store.entries(id, {})->entries) == *coffer::load(store, id));
    }
    CHECK(charges == static_cast<std::size_t>(spent));
}

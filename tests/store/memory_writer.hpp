/// A writer of a wallet's journal in a memory store, without a wallet. Include it where a test
/// talks to the store itself.
#pragma once

#include "support/catch.hpp"

#include <coffer/ledger/ledger.hpp>
#include <coffer/store/memory.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace coffer_test {

using namespace coffer::literals;
using coffer::account;
using coffer::commit_outcome;
using coffer::credits;
using coffer::entry;
using coffer::entry_id;
using coffer::entry_kind;
using coffer::instant;
using coffer::journal_query;
using coffer::lot_id;
using coffer::memory_store;
using coffer::notice;
using coffer::request_id;
using coffer::wallet_id;

inline instant sec(std::int64_t n) { return instant{std::chrono::seconds{n}}; }

/// One writer's view of a wallet: the account, the entries not yet committed, and all before.
struct writer {
    memory_store& store;
    wallet_id id;
    account now{};
    std::vector<entry> fresh{};
    std::vector<entry> journal{};
    std::deque<std::string> texts{};

    /// Adds an entry by `decide(entry&)`, under a request if one is named.
    template <class Decide>
    entry& add(Decide&& decide, std::string_view request = {},
               request_id::scope by = request_id::scope::caller) {
        entry e;
        REQUIRE(decide(e));
        if (!request.empty()) {
            e.request = texts.emplace_back(request);
            e.requested_by = by;
        }
        REQUIRE(coffer::apply(now, e));
        return fresh.emplace_back(e);
    }
    entry& grant(credits amount, std::string_view request = {}, instant expires = coffer::never,
                 instant at = sec(1)) {
        return add(
            [&](entry& e) {
                coffer::lot_terms terms;
                terms.bucket = coffer::bucket_id::of("package");
                terms.effective = at;
                terms.expires = expires;
                return coffer::decide_grant(now, terms, amount, {}, at, e);
            },
            request);
    }
    entry& charge(credits amount, std::string_view request = {}, instant at = sec(1)) {
        return add(
            [&](entry& e) {
                coffer::bucket_filter all;
                return coffer::decide_charge(now, {amount, {}, all}, at, e);
            },
            request);
    }
    commit_outcome commit(std::vector<notice> notices = {}) {
        const auto outcome = try_commit(notices);
        if (outcome == commit_outcome::committed) {
            journal.insert(journal.end(), fresh.begin(), fresh.end());
        }
        fresh.clear();
        return outcome;
    }
    commit_outcome try_commit(const std::vector<notice>& notices = {}) {
        const std::uint32_t before = now.last.value() - static_cast<std::uint32_t>(fresh.size());
        return store.commit({.wallet = id,
                             .expected = entry_id{before},
                             .after = now,
                             .entries = fresh,
                             .notices = notices});
    }
    std::vector<entry> read(const journal_query& query) {
        auto page = store.entries(id, query);
        REQUIRE(page);
        more = page->more;
        return page->entries;
    }
    bool more = false;
};

/// The answer to a query by its definition.
inline std::vector<entry> expected(const std::vector<entry>& journal, const journal_query& q,
                                   bool& more) {
    std::vector<entry> found;
    for (const entry& e : journal) {
        if (e.id <= q.after || (q.before && e.id >= q.before)) continue;
        if (q.about && e.about != q.about) continue;
        bool touches = coffer::makes_lot(e) && e.id.value() == q.lot.value();
        for (const coffer::part& p : e.parts) touches = touches || p.lot == q.lot;
        if (q.lot && !touches) continue;
        found.push_back(e);
    }
    if (q.newest_first) std::reverse(found.begin(), found.end());
    more = found.size() > q.limit;
    if (more) found.resize(q.limit);
    return found;
}

/// Opens the head of a wallet's account, as a charge does.
inline coffer::page head_of(memory_store& store, const wallet_id& id, const request_id& request,
                            coffer::wallet_place place = {}) {
    coffer::page head;
    REQUIRE(store.open({.wallet = id, .place = place, .request = request, .whole = false}, head));
    return head;
}

/// Commits a charge on a page that was opened, by the head of the account alone or whole.
inline commit_outcome pay(memory_store& store, const wallet_id& id, const request_id& request,
                          const coffer::page& on, credits amount, entry_id about = {}) {
    entry e;
    coffer::bucket_filter all;
    REQUIRE(coffer::decide_charge(on.state, {amount, {}, all}, sec(2), e));
    e.request = request.text();
    e.requested_by = request.made_by();
    e.about = about;
    account after = on.state;
    REQUIRE(coffer::apply(after, e));
    return store.commit({.wallet = id,
                         .place = on.place,
                         .expected = on.state.last,
                         .after = after,
                         .whole = on.whole,
                         .entries = std::span{&e, 1}});
}

}  // namespace coffer_test

/// What a host's storage has to do: the concept `store`, and the values that pass through it.
///
/// One `commit` per operation carries everything: the account after it, its entries, the request id
/// inside them, the notices, the next due instant. It happens whole or not at all.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A message for the world outside, committed together with what caused it.
struct notice {
    std::uint64_t id = 0;  ///< Given by the store; rising.
    wallet_id wallet{};
    entry_id entry{};
    std::string kind{};
    std::string text{};

    friend bool operator==(const notice&, const notice&) = default;
};

/// Everything that one operation changes.
struct commit_batch {
    const wallet_id& wallet;
    entry_id expected{};  ///< The newest entry that the store must hold; none for a new wallet.
    const account& after;
    std::span<const entry> entries;  ///< Continue the journal; at least one.
    std::span<const notice> notices{};
};

/// What became of a commit.
enum class commit_outcome : std::uint8_t {
    committed,
    conflict,     ///< The store holds another newest entry; nothing was written.
    duplicate,    ///< One of the request ids is known; nothing was written.
    unavailable,  ///< Nothing was written.
    full,         ///< No room; nothing was written.
    unknown,      ///< It may have been written or not.
};

/// Which entries of a journal to read. All conditions hold together.
struct journal_query {
    entry_id after{};   ///< Only entries with higher numbers.
    entry_id before{};  ///< Only entries with lower numbers; none for no bound.
    entry_id about{};   ///< Only entries that speak of this one.
    lot_id lot{};       ///< Only entries that made or touched this lot.
    std::size_t limit = 1'000;
    bool newest_first = false;
};

/// Entries that were read, together with the memory that their texts stand in.
struct journal_page {
    std::vector<entry> entries{};
    bool more = false;  ///< The limit cut the answer short.
    std::shared_ptr<const void> texts{};
};

/// A wallet in which something is due.
struct due_wallet {
    wallet_id wallet{};
    instant due{};

    friend bool operator==(const due_wallet&, const due_wallet&) = default;
};

/// A place where accounts and journals are kept. See docs/store.md for the contract of each call.
template <class S>
concept store = requires(S& s, const wallet_id& wallet, const request_id& request,
                         const journal_query& query, const commit_batch& batch, instant when,
                         std::size_t limit, std::uint64_t id) {
    { s.load(wallet) } -> std::same_as<result<account>>;
    { s.find(wallet, request) } -> std::same_as<result<journal_page>>;
    { s.entries(wallet, query) } -> std::same_as<result<journal_page>>;
    { s.commit(batch) } -> std::same_as<commit_outcome>;
    { s.due(when, limit) } -> std::same_as<result<std::vector<due_wallet>>>;
    { s.notices(limit) } -> std::same_as<result<std::vector<notice>>>;
    { s.acknowledge(id) } -> std::same_as<result<void>>;
};

/// What a decision made in place comes to.
enum class in_place_step : std::uint8_t {
    write,      ///< Carry the entry out and journal it.
    refuse,     ///< Change nothing.
    elsewhere,  ///< Not to be decided here: load and commit.
};

/// What became of an operation in place.
enum class in_place_outcome : std::uint8_t {
    written,
    refused,
    known,      ///< The request id was there; the entry is the first outcome.
    broken,     ///< The entry did not fit the account, which is now in doubt.
    elsewhere,  ///< Nothing was done.
};

namespace detail {

struct any_decision {
    in_place_step operator()(const account&, entry&) const { return in_place_step::refuse; }
};

template <class S>
concept has_load = requires(S& s, const wallet_id& w) {
    { s.load(w) } -> std::same_as<result<account>>;
};
template <class S>
concept has_find = requires(S& s, const wallet_id& w, const request_id& r) {
    { s.find(w, r) } -> std::same_as<result<journal_page>>;
};
template <class S>
concept has_entries = requires(S& s, const wallet_id& w, const journal_query& q) {
    { s.entries(w, q) } -> std::same_as<result<journal_page>>;
};
template <class S>
concept has_commit = requires(S& s, const commit_batch& b) {
    { s.commit(b) } -> std::same_as<commit_outcome>;
};
template <class S>
concept has_due = requires(S& s, instant when, std::size_t limit) {
    { s.due(when, limit) } -> std::same_as<result<std::vector<due_wallet>>>;
};
template <class S>
concept has_notices = requires(S& s, std::size_t limit, std::uint64_t id) {
    { s.notices(limit) } -> std::same_as<result<std::vector<notice>>>;
    { s.acknowledge(id) } -> std::same_as<result<void>>;
};

}  // namespace detail

/// A store that can decide and write one entry under its own lock, without copying the account.
/// The decision runs no policy of the plan and must not call the store.
template <class S>
concept in_place_store = store<S> &&
    requires(S& s, const wallet_id& wallet, typename S::handle where, const request_id& request,
             entry& e, detail::any_decision& decide) {
    { s.locate(wallet) } -> std::same_as<typename S::handle>;
    { s.in_place(where, wallet, request, e, decide) } -> std::same_as<in_place_outcome>;
};

/// True, or a compile-time sentence that says which call the store lacks.
template <class S>
consteval bool check_store() {
    static_assert(detail::has_load<S>,
                  "coffer: this store cannot load an account: it needs 'result<account> load(const "
                  "wallet_id&)'");
    static_assert(detail::has_find<S>,
                  "coffer: this store cannot find a request: it needs 'result<journal_page> "
                  "find(const wallet_id&, const request_id&)'");
    static_assert(detail::has_entries<S>,
                  "coffer: this store cannot read its journal: it needs 'result<journal_page> "
                  "entries(const wallet_id&, const journal_query&)'");
    static_assert(detail::has_commit<S>,
                  "coffer: this store cannot commit: it needs 'commit_outcome commit(const "
                  "commit_batch&)'");
    static_assert(detail::has_due<S>,
                  "coffer: this store cannot list what is due: it needs "
                  "'result<std::vector<due_wallet>> due(instant, std::size_t)'");
    static_assert(detail::has_notices<S>,
                  "coffer: this store has no outbox: it needs 'result<std::vector<notice>> "
                  "notices(std::size_t)' and 'result<void> acknowledge(std::uint64_t)'");
    return true;
}

}  // namespace v0
}  // namespace coffer

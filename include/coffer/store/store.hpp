/// What a host's storage has to do: the concept `store`.
///
/// An operation opens a page, decides, and commits: the account after it, its entries, the request
/// id inside them, the notices, the next due instant. A commit happens whole or not at all.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/store/page.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

namespace detail {

template <class S>
concept has_open = requires(S& s, const page_request& wanted, page& into) {
    { s.open(wanted, into) } -> std::same_as<result<void>>;
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
template <class S>
concept has_groups = requires(S& s) {
    { s.begin_group() } -> std::same_as<result<void>>;
    { s.end_group() } -> std::same_as<commit_outcome>;
    { s.drop_group() } -> std::same_as<void>;
};
template <class S>
concept has_latest = requires(S& s) {
    { s.latest() } -> std::same_as<result<std::optional<instant>>>;
};
template <class S>
concept has_part_of_groups = requires(S& s) {
    s.begin_group();
}
|| requires(S& s) { s.end_group(); }
|| requires(S& s) { s.drop_group(); };

}  // namespace detail

/// A place where accounts and journals are kept. See docs/store.md for the contract of each call.
/// Optional: `wallet_place locate(const wallet_id&)`, for handles that find their wallet once;
/// `void prefetch(const wallet_place&, const request_id&)`, which is told a little before an
/// operation what it will open; `result<std::optional<instant>> latest()`, the latest hour that was
/// recorded, which a watched clock is compared with at the start. See `grouping_store` and
/// `listing_store`, too.
template <class S>
concept store = detail::has_open<S> && detail::has_entries<S> && detail::has_commit<S> &&
    detail::has_due<S> && detail::has_notices<S>;

/// A store that can tell which wallets it has. Optional; see docs/store.md.
template <class S>
concept listing_store = store<S> && requires(S& s, const wallet_id& after, std::size_t limit) {
    { s.wallets(after, limit) } -> std::same_as<result<std::vector<wallet_id>>>;
};

/// A store that can write several commits in one transaction. Optional; see docs/store.md.
template <class S>
concept grouping_store = store<S> && detail::has_groups<S>;

/// True, or a compile-time sentence that says which call the store lacks.
template <class S>
consteval bool check_store() {
    static_assert(detail::has_open<S>,
                  "coffer: this store cannot open a page: it needs 'result<void> open(const "
                  "page_request&, page&)'");
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
    static_assert(detail::has_groups<S> || !detail::has_part_of_groups<S>,
                  "coffer: this store has a part of groups: it needs 'result<void> begin_group()', "
                  "'commit_outcome end_group()' and 'void drop_group()', or none of them");
    return true;
}

/// The account that a store holds; an empty one for a wallet that it does not know.
template <class Store>
result<account> load(Store& store, const wallet_id& wallet) {
    page opened;
    const request_id none;
    result<void> done = store.open({.wallet = wallet, .request = none}, opened);
    if (!done) return done.error();
    return std::move(opened.state);
}

/// The newest entry under a request id; nothing for an id that the store does not know.
template <class Store>
result<journal_page> find(Store& store, const wallet_id& wallet, const request_id& request) {
    page opened;
    result<void> done = store.open({.wallet = wallet, .request = request, .whole = false}, opened);
    if (!done) return done.error();
    if (opened.known.size() > 1) opened.known.resize(1);
    return journal_page{.entries = std::move(opened.known), .texts = std::move(opened.texts)};
}

namespace detail {

/// A store behind one interface, so that what a wallet does is compiled once for all stores.
class store_port {
public:
    store_port(const store_port&) = delete;
    store_port& operator=(const store_port&) = delete;

    virtual wallet_place locate(const wallet_id& wallet) = 0;
    virtual result<void> open(const page_request& wanted, page& into) = 0;
    virtual commit_outcome commit(const commit_batch& batch) = 0;
    virtual result<journal_page> entries(const wallet_id& wallet, const journal_query& query) = 0;
    virtual result<std::vector<due_wallet>> due(instant until, std::size_t limit) = 0;
    virtual result<std::optional<instant>> latest() = 0;
    virtual void prefetch(const wallet_place& place, const request_id& request) = 0;
    virtual bool groups() const noexcept = 0;
    virtual result<void> begin_group() = 0;
    virtual commit_outcome end_group() = 0;
    virtual void drop_group() = 0;

protected:
    store_port() = default;
    ~store_port() = default;
};

template <class Store>
class port_of final : public store_port {
public:
    explicit port_of(Store& store) noexcept : store_{store} {}

    Store& store() const noexcept { return store_; }

    wallet_place locate(const wallet_id& wallet) override {
        if constexpr (requires { store_.locate(wallet); }) {
            return store_.locate(wallet);
        } else {
            return {};
        }
    }
    result<void> open(const page_request& wanted, page& into) override {
        return store_.open(wanted, into);
    }
    commit_outcome commit(const commit_batch& batch) override { return store_.commit(batch); }
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) override {
        return store_.entries(wallet, query);
    }
    result<std::vector<due_wallet>> due(instant until, std::size_t limit) override {
        return store_.due(until, limit);
    }
    result<std::optional<instant>> latest() override {
        if constexpr (has_latest<Store>) {
            return store_.latest();
        } else {
            return std::optional<instant>{};
        }
    }
    void prefetch([[maybe_unused]] const wallet_place& place,
                  [[maybe_unused]] const request_id& request) override {
        if constexpr (requires { store_.prefetch(place, request); }) {
            store_.prefetch(place, request);
        }
    }
    bool groups() const noexcept override { return has_groups<Store>; }
    result<void> begin_group() override {
        if constexpr (has_groups<Store>) {
            return store_.begin_group();
        } else {
            return {};
        }
    }
    commit_outcome end_group() override {
        if constexpr (has_groups<Store>) {
            return store_.end_group();
        } else {
            return commit_outcome::committed;
        }
    }
    void drop_group() override {
        if constexpr (has_groups<Store>) store_.drop_group();
    }

private:
    Store& store_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// Reading a journal: its history by what entries say, and single entries.
#pragma once

#include <coffer/ledger/order_record.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/report/answers.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether what stands for a resource is the name of the lot that the entry made.
inline bool names_a_lot(const entry& e) noexcept {
    return e.kind == entry_kind::granted || e.kind == entry_kind::purchased;
}

/// Whether the entry says that of an order.
inline bool matches_order(const entry& e, const history_query& q) {
    if (q.reference.empty() && !q.origin) return true;
    const std::optional<order_said> said = order_of(e);
    return said && (q.reference.empty() || said->reference == q.reference) &&
           (!q.origin || said->order.origin == *q.origin);
}

inline bool matches(const entry& e, const history_query& q) {
    auto is = [](std::string_view wanted, std::string_view has) {
        return wanted.empty() || wanted == has;
    };
    bool of_kind =
        q.kinds.empty() || std::find(q.kinds.begin(), q.kinds.end(), e.kind) != q.kinds.end();
    return of_kind && is(q.action, e.usage.action) && is(q.member, e.member) &&
           is(q.actor, e.signature.actor()) &&
           is(q.resource, names_a_lot(e) ? std::string_view{} : e.resource) &&
           (q.tag.empty() || has_tag(e.usage.tags, q.tag)) && (!q.from || e.at >= *q.from) &&
           (!q.until || e.at < *q.until) && matches_order(e, q);
}

/// Calls `f(page)` for one page of the journal after another until it returns false.
template <class F>
result<void> for_each_page(store_port& store, const wallet_id& wallet, journal_query q, F&& f) {
    for (;;) {
        result<journal_page> page = store.entries(wallet, q);
        if (!page) return page.error();
        bool more = page->more;
        entry_id last = page->entries.empty() ? entry_id{} : page->entries.back().id;
        if (!f(*std::move(page)) || !more || !last) return {};
        (q.newest_first ? q.before : q.after) = last;
    }
}

/// Whether no later page can have anything more: entries are recorded in the order of time.
inline bool is_past(const entry& e, const history_query& q) noexcept {
    return q.newest_first ? q.from && e.at < *q.from : q.until && e.at >= *q.until;
}

inline result<journal_page> history(store_port& store, const wallet_id& wallet,
                                    const history_query& q) {
    journal_page found;
    auto texts = std::make_shared<std::vector<std::shared_ptr<const void>>>();
    journal_query pages{.after = q.after, .before = q.before, .newest_first = q.newest_first};
    auto read = for_each_page(store, wallet, pages, [&](journal_page page) {
        texts->push_back(std::move(page.texts));
        for (entry& e : page.entries) {
            if (is_past(e, q)) return false;
            if (!matches(e, q)) continue;
            if (found.entries.size() == q.limit) {
                found.more = true;
                return false;
            }
            found.entries.push_back(std::move(e));
        }
        return true;
    });
    if (!read) return read.error();
    found.texts = std::move(texts);
    return found;
}

/// One entry, or nothing.
inline result<journal_page> entry_at(store_port& store, const wallet_id& wallet, entry_id id) {
    if (!id) return journal_page{};
    return store.entries(
        wallet,
        {.after = entry_id{id.value() - 1}, .before = entry_id{id.value() + 1}, .limit = 1});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// One attempt at an operation: an account that was loaded, and the entries decided on top of it.
/// Nothing of it exists for others until it is committed.
#pragma once

#include <coffer/ledger/ledger.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

class session {
public:
    session(account loaded, instant clock) : state{std::move(loaded)}, base{state.last} {
        now = std::max(clock, state.time);
        event = now;
    }

    account state;
    entry_id base;               ///< The newest entry that the store holds.
    std::vector<entry> entries;  ///< Decided since.
    instant now;                 ///< The clock, or the latest instant seen if that is later.
    instant event;               ///< When the operation happened.
    std::size_t primary = 0;     ///< Which entry is the operation itself.
    balance_totals before;       ///< The totals before it.

    moment when() const noexcept { return {now, event}; }

    /// Lets `decide(entry&)` write an entry, and carries it out.
    /// Errors: those of the decision; `wallet_poisoned` if the ledger contradicts itself.
    template <class Decide>
    result<void> add(Decide&& decide) {
        entry e;
        if (result<void> decided = decide(e); !decided) return decided;
        if (!apply(state, e)) return errc::wallet_poisoned;
        entries.push_back(std::move(e));
        return {};
    }

    /// A copy of an open hold that lasts as long as the entries, whose texts it has.
    const hold& keep(const hold& open) { return *kept_.emplace_back(std::make_unique<hold>(open)); }

    /// As `add`, for the entry that is the operation itself.
    template <class Decide>
    result<void> add_primary(Decide&& decide) {
        before = state.totals;
        primary = entries.size();
        return add(std::forward<Decide>(decide));
    }

    /// Remembers a message about a lot that says nothing new, as the operation itself.
    result<void> note(const lot& about) {
        return add_primary([&](entry& e) {
            e.parts.push_back(part{.lot = about.id, .bucket = about.terms.bucket});
            return decide_note(state, entry_kind::noted, when(), e);
        });
    }

private:
    std::vector<std::unique_ptr<hold>> kept_;
};

/// Credits that come back to lots: the parts of an entry, from `first` on.
struct returning {
    std::size_t first = 0;
    lot_id leaving{};  ///< A lot that leaves the burn order by the same entry.
    lot_id freed{};    ///< A lot that is no longer in dispute after it.
};

/// The order in which a plan burns lots.
template <class Order>
class burn_order {
public:
    burn_order(const Order& order, const std::vector<bucket_id>& buckets,
               std::uint64_t fingerprint) noexcept
        : order_{order}, buckets_{buckets}, fingerprint_{fingerprint} {}

    std::uint64_t fingerprint() const noexcept { return fingerprint_; }

    /// Whether the account's lots stand in this order.
    bool holds_for(const account& a) const noexcept {
        return a.order == fingerprint_ || a.rest->lots.empty();
    }

    /// Where a lot goes. Requires: the account's lots stand in this order.
    burn_position position_of(const account& a, const lot& candidate) const {
        const spendable* at = std::lower_bound(
            a.burning.begin(), a.burning.end(), candidate,
            [&](const spendable& s, const lot& l) { return before(*find_record(a, s.lot), l); });
        return placed(a, at);
    }

    /// As above, for a lot that is rolled from all that is available of another, which leaves by it
    /// unless a hold may still give some back.
    burn_position position_of_rolled(const account& a, const lot& candidate, lot_id source) const {
        const spendable* at = std::upper_bound(
            a.burning.begin(), a.burning.end(), candidate,
            [&](const lot& l, const spendable& s) { return before(l, *find_record(a, s.lot)); });
        if (at != a.burning.end() && at->lot == source && leaves(a, source)) ++at;
        return placed(a, at);
    }

    /// As above, for a lot that is granted anew from one that has ended: such lots stand last,
    /// wherever their terms would have them.
    burn_position position_of_regranted(const account& a, const lot& candidate,
                                        lot_id source) const {
        const bool is_last = leaves(a, source);
        const spendable* at =
            std::find_if(a.burning.begin(), a.burning.end(), [&](const spendable& s) {
                return !(is_last && s.lot == source) && before(candidate, *find_record(a, s.lot));
            });
        return placed(a, at);
    }

    /// Sets where lots that have left the burn order come back into it, one after another.
    void place(const account& a, part_list& parts, instant now, returning which = {}) const {
        std::vector<lot_id> order;
        for (const spendable& s : a.burning) {
            if (s.lot != which.leaving) order.push_back(s.lot);
        }
        for (std::size_t i = which.first; i < parts.size(); ++i) {
            part& p = parts[i];
            if (p.amount.is_zero()) continue;
            if (std::find(order.begin(), order.end(), p.lot) != order.end()) continue;
            const lot& record = *find_record(a, p.lot);
            auto at = order.end();
            bool revoked = p.lot == which.freed ? record.revoked : is_revoked(a, record);
            if (!has_ended(a, record, now) && !revoked) {
                at = std::find_if(order.begin(), order.end(), [&](lot_id other) {
                    return before(record, *find_record(a, other));
                });
            }
            if (at != order.end()) p.before = *at;
            order.insert(at, p.lot);
        }
    }

    /// The lots of the account in this order.
    std::vector<lot_id> sorted(const account& a) const {
        std::vector<lot_id> ids;
        for (const spendable& s : a.burning) ids.push_back(s.lot);
        std::sort(ids.begin(), ids.end(), [&](lot_id x, lot_id y) {
            return before(*find_record(a, x), *find_record(a, y));
        });
        return ids;
    }

    bool before(const lot& x, const lot& y) const {
        return order_.before({x, rank(x.terms.bucket)}, {y, rank(y.terms.bucket)});
    }

private:
    static bool leaves(const account& a, lot_id source) { return held_of(a, source).is_zero(); }

    burn_position placed(const account& a, const spendable* before) const noexcept {
        return {.before = before == a.burning.end() ? lot_id{} : before->lot,
                .order = fingerprint_};
    }

    std::uint32_t rank(bucket_id bucket) const noexcept {
        auto at = std::find(buckets_.begin(), buckets_.end(), bucket);
        return static_cast<std::uint32_t>(at - buckets_.begin());
    }

    const Order& order_;
    const std::vector<bucket_id>& buckets_;
    std::uint64_t fingerprint_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

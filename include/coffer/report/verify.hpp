/// Replaying a journal, and whether it agrees with the account.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/report/answers.hpp>
#include <coffer/report/history.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What can still be refunded of the spends of a journal, which its account does not know.
class spends_of_journal {
public:
    /// Whether a refund speaks of an earlier spend, and of no more than is left of it. Entries come
    /// in their order.
    bool accounts_for(const entry& e) {
        if (is_spend(e.kind)) {
            left_.push_back({e.id, e.amount});
        }
        if (e.kind != entry_kind::refunded) return true;
        const auto spend =
            std::lower_bound(left_.begin(), left_.end(), e.about,
                             [](const refundable_rest& r, entry_id id) { return r.spend < id; });
        if (spend == left_.end() || spend->spend != e.about || e.amount > spend->left) return false;
        spend->left = credits::from_micros(spend->left.micros() - e.amount.micros());
        return true;
    }

private:
    struct refundable_rest {
        entry_id spend{};
        credits left{};
    };
    std::vector<refundable_rest> left_;  // in the order of the journal
};

/// Replays the journal up to an entry onto an empty account, and notes what does not follow.
inline result<account> replay_to(store_port& store, const wallet_id& wallet, entry_id last,
                                 verification& v) {
    account rebuilt;
    spends_of_journal spent;
    if (!last) return rebuilt;
    auto read = for_each_page(store, wallet, {}, [&](const journal_page& page) {
        for (const entry& e : page.entries) {
            if (rebuilt.last == last && e.id > last) return false;  // others have gone on since
            bool follows = e.id.value() == rebuilt.last.value() + 1;
            if (!apply(rebuilt, e)) {
                v.first_wrong = e.id;
                v.wrong = follows ? "an entry does not follow" : "the numbering has a gap";
                return false;
            }
            if (!spent.accounts_for(e)) {
                v.first_wrong = e.id;
                v.wrong = "a refund exceeds its charge";
                return false;
            }
            ++v.entries;
        }
        return true;
    });
    if (!read) return read.error();
    return rebuilt;
}

/// The account after one of its entries, rebuilt from its journal. Errors: `corrupt_record`.
inline result<account> account_after(store_port& store, const wallet_id& wallet, entry_id last) {
    verification v;
    result<account> rebuilt = replay_to(store, wallet, last, v);
    if (rebuilt && v.first_wrong) return errc::corrupt_record;
    return rebuilt;
}

/// What is wrong with an account by itself, in a few words; empty if nothing.
inline std::string_view wrong_sums(const account& a) {
    std::int64_t available = 0;
    std::int64_t held = 0;
    for (const lot& l : lots_of(a)) {
        bool negative = l.available.is_negative() || l.held.is_negative() ||
                        l.spent.is_negative() || l.expired.is_negative() ||
                        l.voided.is_negative() || l.rolled.is_negative();
        if (negative) return "a lot has less than nothing";
        if (l.active) available += l.available.micros();
        held += l.held.micros();
    }
    std::int64_t owed = 0;
    for (const debt& d : a.rest->debts) owed += d.open.micros();
    const balance_totals sums{credits::from_micros(available), credits::from_micros(held),
                              credits::from_micros(owed)};
    return sums == a.totals ? std::string_view{} : "the totals are not the sums";
}

/// Whether the journal goes on after the newest entry that the account knows.
inline result<bool> has_stray_entries(store_port& store, const wallet_id& wallet, entry_id last) {
    result<journal_page> beyond = store.entries(wallet, {.after = last, .limit = 1});
    if (!beyond) return beyond.error();
    if (beyond->entries.empty()) return false;
    result<account> again = load(store, wallet);  // an operation in between takes both further
    if (!again) return again.error();
    return again->last == last;
}

/// Replays the journal and compares with what the store holds.
inline result<verification> verify(store_port& store, const wallet_id& wallet) {
    result<account> stored = load(store, wallet);
    if (!stored) return stored.error();
    verification v;
    result<account> rebuilt = replay_to(store, wallet, stored->last, v);
    if (!rebuilt) return rebuilt.error();
    if (v.first_wrong) return v;
    result<bool> stray = has_stray_entries(store, wallet, stored->last);
    if (!stray) return stray.error();
    if (*stray) {
        v.wrong = "the journal goes beyond the account";
    } else if (*rebuilt != *stored) {
        v.wrong = "the account is not what its journal says";
    } else {
        v.wrong = wrong_sums(*rebuilt);
    }
    v.sound = v.wrong.empty();
    return v;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

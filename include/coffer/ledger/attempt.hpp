/// One attempt at an operation: an account that was opened, and the entries decided on top of it.
/// Nothing of it exists for others until it is committed.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/burn_order.hpp>
#include <coffer/ledger/post.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The entries of an attempt. One, the rule, needs no allocation.
class entry_list {
public:
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    entry* begin() noexcept { return size_ > 1 ? many_.data() : &one_; }
    entry* end() noexcept { return begin() + size_; }
    const entry* begin() const noexcept { return size_ > 1 ? many_.data() : &one_; }
    const entry* end() const noexcept { return begin() + size_; }
    entry& operator[](std::size_t i) noexcept { return begin()[i]; }
    const entry& operator[](std::size_t i) const noexcept { return begin()[i]; }
    entry& back() noexcept { return end()[-1]; }

    entry& emplace_back() {
        if (size_ == 0) {
            if (used_) one_ = entry{};
            used_ = true;
            size_ = 1;
            return one_;
        }
        if (size_ == 1) {
            many_.clear();
            many_.push_back(std::move(one_));
        }
        entry& fresh = many_.emplace_back();
        ++size_;
        return fresh;
    }
    /// Drops all from the place `count` on.
    void shrink_to(std::size_t count) {
        if (size_ > 1) many_.resize(count);
        if (size_ > 1 && count == 1) one_ = std::move(many_[0]);
        size_ = count;
    }
    void clear() { shrink_to(0); }

private:
    entry one_{};              // the only one
    std::vector<entry> many_;  // all, if there are several
    std::size_t size_ = 0;
    bool used_ = false;  // `one_` is not fresh any more
};

/// What a decision may find that it has to know beyond the account; it is then asked for and
/// decided anew. All that was asked for stays asked for.
struct wanted_facts {
    bool whole = false;                  ///< All of the account, not its head alone.
    entry_id told{};                     ///< An entry, and those that speak of it.
    std::optional<instant> used_from{};  ///< What was spent since then.
    std::optional<instant> period_of{};  ///< When the account's period began in which that lies.

    friend bool operator==(const wanted_facts&, const wanted_facts&) = default;
};

/// What is known beyond the account.
struct known_facts {
    /// A hold that the same request opened before, and what ended it.
    std::span<const entry> former{};
    std::span<const entry> told{};  ///< An entry, what speaks of it, and of these.
    entry_id told_of{};             ///< Which entry was asked for.
    std::optional<instant> used_from{};
    credits used{};
    std::optional<instant> period_of{};
    instant period_from = instant::min();  ///< The earliest instant before all periods.
    instant period_until = never;          ///< When the next one began; never if none did.
};

class attempt {
public:
    /// `clock`: what time it is; an account that has seen a later instant is at that one.
    /// Requires: `found` outlives the attempt. `is_whole`: its `rest` is there.
    attempt(const account& found, instant clock, bool is_whole = true)
        : opened{found},
          state{found},
          now{std::max(clock, found.time)},
          event{now},
          whole{is_whole} {}

    const account& opened;    ///< As the store has it. The texts of holds are read here.
    account state;            ///< After all that was decided since.
    entry_list entries;       ///< Decided since.
    instant now;              ///< The clock, or the latest instant seen if that is later.
    instant event;            ///< When the operation happened.
    std::size_t primary = 0;  ///< Which entry is the operation itself.
    bool whole;               ///< Whether all of the account is there, not its head alone.
    known_facts known{};
    wanted_facts wanted{};
    bool lacks = false;           ///< What is wanted is not known: the decision counts for nothing.
    plan_shelf* shelf = nullptr;  ///< Where plans that wait are found; none where there is one.
    /// So many credits in the bucket of the recharge would let the refused spend go ahead.
    std::optional<int128> lacked{};
    /// The limit that refused, packed with its whole name: an error cuts it.
    std::string_view limit_refused{};
    std::size_t watched = 0;  ///< So many entries were there when alerts were last compared.

    /// Keeps a text that an entry of the attempt refers to.
    std::string_view keep(std::string text) {
        if (text.empty()) return {};
        texts_.push_back(std::make_unique<const std::string>(std::move(text)));
        return *texts_.back();
    }

    /// The same for bytes of which nothing is told to the world outside.
    std::string_view keep_bytes(std::string_view packed) {
        if (packed.size() > sizeof bytes_ || bytes_used_) return keep(std::string{packed});
        bytes_used_ = !packed.empty();
        copy_text(bytes_, packed);
        return {bytes_, packed.size()};
    }

    /// Whether an entry may tell something to the world outside: its text is kept here.
    bool tells() const noexcept { return !texts_.empty(); }

    /// Begins another step: the entries of the last one are not of interest any more.
    void start_step() {
        entries.clear();
        watched = 0;
    }

    /// Ends a decision that has to know more. The error says nothing to anybody.
    error lack() noexcept {
        lacks = true;
        return errc::unavailable;
    }

    moment when() const noexcept { return {now, event}; }

    /// Lets `decide(entry&)` write an entry, and carries it out.
    /// Errors: those of the decision; `wallet_poisoned` if the ledger contradicts itself.
    template <class Decide>
    result<void> add(Decide&& decide) {
        entry& e = entries.emplace_back();
        if (result<void> decided = decide(e); !decided) {
            entries.shrink_to(entries.size() - 1);
            return decided;
        }
        if (!apply(state, e)) {
            entries.shrink_to(entries.size() - 1);
            return errc::wallet_poisoned;
        }
        return {};
    }

    /// Takes back all entries but the first `count`. Errors: as `add`.
    result<void> go_back_to(std::size_t count) {
        entries.shrink_to(count);
        watched = std::min(watched, count);
        state = opened;
        for (const entry& e : entries) {
            if (!apply(state, e)) return errc::wallet_poisoned;
        }
        return {};
    }

    /// As `add`, for the entry that is the operation itself.
    template <class Decide>
    result<void> add_primary(Decide&& decide) {
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

    /// Puts the lots into the plan's order.
    result<void> put_in_order(const plan_terms& plan, instant at) {
        if (is_in_order(state, plan)) return {};
        return add([&](entry& e) {
            return decide_reorder(state, in_burn_order(state, plan), plan.order, at, e);
        });
    }

private:
    std::vector<std::unique_ptr<const std::string>> texts_;
    char bytes_[32];
    bool bytes_used_ = false;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

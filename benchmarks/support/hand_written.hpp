/// What a good programmer would write by hand for one product: a flat table of wallets with three
/// lots inside the record, a journal of 64-byte lines, and a table of 128-bit idempotency keys. It
/// knows no rules beyond "first lot first, nothing expired", cannot fail halfway, and serves one
/// thread. It is the yardstick for `charge.cpp`.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

namespace hand_written {

/// Spreads consecutive numbers over 64 bits.
inline std::uint64_t scatter(std::uint64_t number) noexcept {
    std::uint64_t z = number + 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

struct lot {
    std::int64_t left;
    std::int64_t expires;
};

struct wallet {
    std::uint64_t id;  // zero: the place is free
    std::int64_t balance;
    std::uint32_t count;
    std::uint32_t first;  // lots before it are spent
    std::array<lot, 3> lots;
};
static_assert(sizeof(wallet) == 72);

struct key {
    std::uint64_t low;
    std::uint64_t high;
};

struct journal_line {
    std::uint64_t number;
    std::uint64_t wallet;
    key request;
    std::int64_t amount;
    std::int64_t balance_after;
    std::int64_t at;
    std::uint32_t first_lot;
    std::uint32_t lot_count;
};
static_assert(sizeof(journal_line) == 64);

/// The size of a table for so many things at most three fifths full.
inline std::size_t table_size(std::size_t things) noexcept {
    std::size_t size = 16;
    while (size * 6 / 10 < things) size *= 2;
    return size;
}

class wallet_table {
public:
    explicit wallet_table(std::size_t expected) : places_(table_size(expected), wallet{}) {}

    wallet* find(std::uint64_t id) noexcept {
        wallet* at = place_of(id);
        return at->id == id ? at : nullptr;
    }
    void add(const wallet& w) noexcept { *place_of(w.id) = w; }
    void prefetch(std::uint64_t id) const noexcept {
        __builtin_prefetch(&places_[scatter(id) & (places_.size() - 1)], 1);
    }
    const std::vector<wallet>& places() const noexcept { return places_; }

private:
    wallet* place_of(std::uint64_t id) noexcept {
        std::size_t mask = places_.size() - 1;
        std::size_t at = scatter(id) & mask;
        while (places_[at].id != 0 && places_[at].id != id) at = (at + 1) & mask;
        return &places_[at];
    }

    std::vector<wallet> places_;
};

class key_table {
public:
    explicit key_table(std::size_t expected) : places_(table_size(expected), place{}) {}

    /// Whether the key was new.
    bool add(key k, std::uint64_t line) {
        if (count_ * 10 >= places_.size() * 6) grow();
        place& at = places_[place_of(k)];
        if ((at.what.low | at.what.high) != 0) return false;
        at = {k, line};
        ++count_;
        return true;
    }

    void prefetch(key k) const noexcept {
        __builtin_prefetch(&places_[k.low & (places_.size() - 1)], 1);
    }

private:
    struct place {
        key what;
        std::uint64_t line;
    };

    std::size_t place_of(key k) const noexcept {
        std::size_t mask = places_.size() - 1;
        std::size_t at = k.low & mask;
        for (;; at = (at + 1) & mask) {
            const key& there = places_[at].what;
            if ((there.low | there.high) == 0) return at;
            if (there.low == k.low && there.high == k.high) return at;
        }
    }
    void grow() {
        std::vector<place> old(places_.size() * 2, place{});
        old.swap(places_);
        for (const place& p : old) {
            if ((p.what.low | p.what.high) != 0) places_[place_of(p.what)] = p;
        }
    }

    std::vector<place> places_;
    std::size_t count_ = 0;
};

class journal {
public:
    std::uint64_t size() const noexcept { return count_; }
    journal_line& next() {
        if (count_ % chunk == 0) chunks_.push_back(std::make_unique<chunk_lines>());
        return (*chunks_.back())[count_++ % chunk];
    }

private:
    static constexpr std::size_t chunk = 4'096;
    using chunk_lines = std::array<journal_line, chunk>;

    std::vector<std::unique_ptr<chunk_lines>> chunks_;
    std::uint64_t count_ = 0;
};

/// How much of it is kept: nothing but the wallets, a journal too, idempotency keys too.
enum class keeps { wallets, journal, requests };

template <keeps Level>
class ledger {
public:
    ledger(std::size_t wallets, std::size_t charges)
        : wallets_{wallets}, keys_{Level == keeps::requests ? charges : 0} {}

    void open(std::uint64_t id, std::int64_t each, std::int64_t soon) {
        constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
        wallets_.add(
            {id, 3 * each, 3, 0, {lot{each, soon}, lot{each, soon * 2}, lot{each, never}}});
    }

    /// The balance after the charge; nothing if it is refused or known.
    std::optional<std::int64_t> charge(std::uint64_t id, std::int64_t amount, key request,
                                       std::int64_t now) {
        if constexpr (Level == keeps::requests) {
            if (!keys_.add(request, journal_.size())) return std::nullopt;
        }
        wallet* w = wallets_.find(id);
        if (!w || w->balance < amount) return std::nullopt;
        std::uint32_t first = w->first;
        std::uint32_t touched = 0;
        std::int64_t owed = amount;
        std::uint32_t at = first;
        for (; at < w->count && owed > 0; ++at) {
            lot& l = w->lots[at];
            if (l.left <= 0 || l.expires <= now) continue;
            std::int64_t taken = std::min(l.left, owed);
            l.left -= taken;
            owed -= taken;
            ++touched;
            if (l.left > 0) break;
        }
        w->first = at;
        w->balance -= amount;
        if constexpr (Level != keeps::wallets) {
            journal_line& line = journal_.next();
            line = {journal_.size(), id, request, amount, w->balance, now, first, touched};
        }
        return w->balance;
    }

    /// Asks the processor to bring closer what a charge will touch.
    void prefetch(std::uint64_t id, key request) const noexcept {
        wallets_.prefetch(id);
        keys_.prefetch(request);
    }

    std::int64_t total() const noexcept {
        std::int64_t sum = 0;
        for (const wallet& w : wallets_.places()) sum += w.balance;
        return sum;
    }

private:
    wallet_table wallets_;
    key_table keys_;
    journal journal_;
};

}  // namespace hand_written

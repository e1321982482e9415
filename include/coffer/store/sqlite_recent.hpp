/// What a store has in memory of wallets that it read whole, so that their rows are not read again
/// as long as they are the same. Include `store/sqlite.hpp`.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/store/detail/account_rows.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Accounts by their numbers in one file, each with the marks that its head had. Equal marks are
/// equal rows, whoever wrote them, so nothing that is kept can be out of date unnoticed.
/// Guarantees: `keep` takes no memory but shares what the account has.
class recent_accounts {
public:
    /// `most`: lots, holds, counters and places in the burn order of all accounts together.
    explicit recent_accounts(std::size_t most)
        : most_{most}, slots_{std::make_unique<std::array<slot, places>>()} {}

    /// Completes an account of which the head was read. Returns whether its rows are known.
    bool complete(std::int64_t number, const head_marks& marks, account& head) const noexcept {
        const slot& s = slot_of(number);
        if (s.number != number || s.marks != marks) return false;
        head.body() = s.body;
        head.burning.take_far(s.burning);
        return true;
    }
    void keep(std::int64_t number, const head_marks& marks, const account& whole) noexcept {
        slot& s = slot_of(number);
        forget(s);
        const std::size_t size = whole.rest->lots.size() + whole.rest->holds.size() +
                                 whole.counters.size() + whole.burning.size();
        if (size > most_) return;
        while (kept_ + size > most_) forget((*slots_)[next_++ % places]);
        s = {number, marks, size, whole.body(), whole.burning};
        kept_ += size;
    }
    void clear() noexcept {
        for (slot& s : *slots_) forget(s);
    }

private:
    struct slot {
        std::int64_t number = 0;  // from 1
        head_marks marks{};
        std::size_t size = 0;
        account_body body{};
        burn_list burning{};
    };
    static constexpr std::size_t places = 256;

    slot& slot_of(std::int64_t number) const noexcept {
        return (*slots_)[static_cast<std::size_t>(number) % places];
    }
    void forget(slot& s) noexcept {
        kept_ -= s.size;
        s = {};
    }

    std::size_t most_;
    std::size_t kept_ = 0;
    std::size_t next_ = 0;
    std::unique_ptr<std::array<slot, places>> slots_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

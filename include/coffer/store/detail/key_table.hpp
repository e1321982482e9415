/// Tables from hashes to 32-bit values that know no keys: the caller verifies each candidate.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Open addressing with 8 bytes a slot. Guarantees: after `reserve(n)` n inserts do not throw.
class key_table {
public:
    /// The first value under `hash` that `matches` accepts; 0 if there is none.
    template <class Matches>
    std::uint32_t find(std::uint64_t hash, Matches&& matches) const {
        const slot* found = search(hash, matches);
        return found ? found->value : 0;
    }

    void reserve(std::size_t more) {
        if (count_ + more > room_) grow(more);
    }
    /// Adds a value, which is not zero, beside others under the same hash.
    void insert(std::uint64_t hash, std::uint32_t value) noexcept {
        std::size_t mask = slots_.size() - 1;
        std::size_t at = print_of(hash) & mask;
        while (slots_[at].value != 0) at = (at + 1) & mask;
        slots_[at] = {print_of(hash), value};
        ++count_;
    }
    /// Replaces the value that `matches` accepts. Returns whether there was one.
    template <class Matches>
    bool replace(std::uint64_t hash, Matches&& matches, std::uint32_t value) noexcept {
        auto* found = const_cast<slot*>(search(hash, matches));
        if (found) found->value = value;
        return found != nullptr;
    }
    std::size_t size() const noexcept { return count_; }

    /// Asks the processor to bring the slot of `hash` closer. Any thread may ask, without a lock:
    /// where a writer replaces the table, the wrong line comes.
    void prefetch(std::uint64_t hash) const noexcept {
        const slot* first = first_.load(std::memory_order_relaxed);
        auto place = reinterpret_cast<std::uintptr_t>(first);
        place += (print_of(hash) & mask_.load(std::memory_order_relaxed)) * sizeof(slot);
        __builtin_prefetch(reinterpret_cast<const void*>(place), 1);
    }

private:
    struct slot {
        std::uint32_t print = 0;
        std::uint32_t value = 0;
    };

    static std::uint32_t print_of(std::uint64_t hash) noexcept {
        return static_cast<std::uint32_t>(hash >> 32);
    }

    template <class Matches>
    const slot* search(std::uint64_t hash, Matches& matches) const {
        if (slots_.empty()) return nullptr;
        std::size_t mask = slots_.size() - 1;
        std::uint32_t print = print_of(hash);
        for (std::size_t at = print & mask; slots_[at].value != 0; at = (at + 1) & mask) {
            if (slots_[at].print == print && matches(slots_[at].value)) return &slots_[at];
        }
        return nullptr;
    }

#if defined(__GNUC__)
    [[gnu::noinline]]
#endif
    void
    grow(std::size_t more) {
        std::size_t wanted = slots_.empty() ? 16 : slots_.size() * 2;
        while ((count_ + more) * 4 > wanted * 3) wanted *= 2;
        std::vector<slot> larger(wanted);
        std::size_t mask = larger.size() - 1;
        for (const slot& s : slots_) {
            if (s.value == 0) continue;
            std::size_t at = s.print & mask;
            while (larger[at].value != 0) at = (at + 1) & mask;
            larger[at] = s;
        }
        slots_ = std::move(larger);
        room_ = slots_.size() / 4 * 3;
        first_.store(slots_.data(), std::memory_order_relaxed);
        mask_.store(slots_.size() - 1, std::memory_order_relaxed);
    }

    std::vector<slot> slots_;  // a power of two, at most three quarters full
    std::size_t count_ = 0;
    std::size_t room_ = 0;
    std::atomic<const slot*> first_{nullptr};  // for `prefetch`
    std::atomic<std::size_t> mask_{0};
};

/// The same for values that are never replaced, and readable without a lock while one writer adds.
/// A reader may miss what is being added. Tables that were outgrown stay, for readers still in
/// them: together they are smaller than the present one.
class shared_key_table {
public:
    /// The first value under `hash` that `matches` accepts; 0 if there is none.
    template <class Matches>
    std::uint32_t find(std::uint64_t hash, Matches&& matches) const {
        const table* here = present_.load(std::memory_order_acquire);
        if (!here) return 0;
        std::uint64_t print = hash >> 32;
        for (std::size_t at = print & here->mask;; at = (at + 1) & here->mask) {
            std::uint64_t slot = here->slots[at].load(std::memory_order_acquire);
            if (slot == 0) return 0;
            auto value = static_cast<std::uint32_t>(slot);
            if (slot >> 32 == print && matches(value)) return value;
        }
    }

    /// Makes room for one more.
    void reserve_one() {
        std::size_t size = present_ ? present_.load(std::memory_order_relaxed)->mask + 1 : 0;
        if ((count_ + 1) * 4 > size * 3) grow(size == 0 ? 16 : size * 2);
    }
    /// Adds a value, which is not zero. All that readers find through it must be written before.
    void insert(std::uint64_t hash, std::uint32_t value) noexcept {
        place(*present_.load(std::memory_order_relaxed), (hash >> 32 << 32) | value);
        ++count_;
    }

private:
    struct table {
        explicit table(std::size_t size)
            : mask{size - 1}, slots{std::make_unique<std::atomic<std::uint64_t>[]>(size)} {}
        std::size_t mask;
        std::unique_ptr<std::atomic<std::uint64_t>[]> slots;  // print and value; zero is free
    };

    static void place(const table& into, std::uint64_t slot) noexcept {
        std::size_t at = (slot >> 32) & into.mask;
        while (into.slots[at].load(std::memory_order_relaxed) != 0) at = (at + 1) & into.mask;
        into.slots[at].store(slot, std::memory_order_release);
    }
    void grow(std::size_t size) {
        auto larger = std::make_unique<table>(size);
        if (const table* old = present_.load(std::memory_order_relaxed)) {
            for (std::size_t i = 0; i <= old->mask; ++i) {
                std::uint64_t slot = old->slots[i].load(std::memory_order_relaxed);
                if (slot != 0) place(*larger, slot);
            }
        }
        tables_.push_back(std::move(larger));
        present_.store(tables_.back().get(), std::memory_order_release);
    }

    std::atomic<const table*> present_{nullptr};
    std::vector<std::unique_ptr<table>> tables_;
    std::size_t count_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

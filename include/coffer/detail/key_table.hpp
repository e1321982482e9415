/// A table from hashes to 32-bit values that knows no keys: the caller verifies each candidate.
#pragma once

#include <cstddef>
#include <cstdint>
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
        while ((count_ + more) * 4 > slots_.size() * 3) grow();
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

    /// Asks the processor to bring the slot of `hash` closer.
    void prefetch(std::uint64_t hash) const noexcept {
        if (!slots_.empty()) {
            __builtin_prefetch(slots_.data() + (print_of(hash) & (slots_.size() - 1)), 1);
        }
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

    void grow() {
        std::vector<slot> larger(slots_.empty() ? 16 : slots_.size() * 2);
        std::size_t mask = larger.size() - 1;
        for (const slot& s : slots_) {
            if (s.value == 0) continue;
            std::size_t at = s.print & mask;
            while (larger[at].value != 0) at = (at + 1) & mask;
            larger[at] = s;
        }
        slots_ = std::move(larger);
    }

    std::vector<slot> slots_;  // a power of two, at most three quarters full
    std::size_t count_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

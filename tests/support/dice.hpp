/// Random choices that are the same on every platform. Include it where a test draws lots; it adds
/// the amounts and texts that suit it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace coffer_test {

class fair_dice {
public:
    explicit fair_dice(std::uint64_t seed) : source_{seed} {}

    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(source_() % static_cast<std::uint64_t>(n));
    }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + below(high - low + 1);
    }
    bool one_in(std::int64_t n) { return below(n) == 0; }

    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(below(static_cast<std::int64_t>(list.size())))];
    }
    template <class T>
    T of(std::initializer_list<T> list) {
        return list.begin()[below(static_cast<std::int64_t>(list.size()))];
    }

private:
    std::mt19937_64 source_;
};

}  // namespace coffer_test

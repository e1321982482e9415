/// Timing side by side, counted memory, and random calls: what the benchmark programs share.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace measure {

/// Counted by the program's operators new and delete (counting_new.hpp).
inline std::atomic<std::uint64_t> allocations{0};
inline std::atomic<std::int64_t> live_bytes{0};

/// Makes all later memory come from one heap whose pages were written to before: the first touch of
/// a page costs more than many charges. What is freed stays in the heap, so nothing is untouched
/// again.
inline void touch_heap(std::size_t bytes) {
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_ARENA_MAX, 1);  // threads share the touched heap
    mallopt(M_TRIM_THRESHOLD, -1);
    void* heap = std::malloc(bytes);
    if (!heap) std::abort();
    std::memset(heap, 1, bytes);
    std::free(heap);
}

/// Stops the program: a figure of a program that computes wrongly is worth nothing.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "FAILED: %s\n", what);
    std::exit(1);
}

class random {
public:
    explicit random(std::uint64_t seed) noexcept : state_{seed} {}
    std::uint64_t operator()() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t bound) noexcept {
        return static_cast<std::uint64_t>((static_cast<double>((*this)() >> 11) * 0x1p-53) *
                                          static_cast<double>(bound));
    }

private:
    std::uint64_t state_;
};

inline double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

template <class F>
double nanoseconds_each(std::size_t count, F&& work) {
    double begin = seconds();
    work();
    return (seconds() - begin) * 1e9 / static_cast<double>(count);
}

struct spread {
    double low;
    double median;
    double high;
};
inline spread spread_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return {values.front(), values[values.size() / 2], values.back()};
}

/// Runs workloads in turn, slice by slice (A B C A B C …), so that whatever disturbs the machine
/// disturbs all of them. A ratio is taken within one round; the median of the rounds is printed.
class contest {
public:
    /// `slice(round)` answers nanoseconds for one operation.
    void add(std::string name, std::function<double(int)> slice) {
        runners_.push_back({std::move(name), std::move(slice), {}});
    }

    /// The first round warms up and is not counted.
    void run(int rounds) {
        for (int round = 0; round <= rounds; ++round) {
            for (runner& r : runners_) {
                double each = r.slice(round);
                if (round > 0) r.times.push_back(each);
            }
        }
    }

    spread time(std::string_view name) const { return spread_of(find(name).times); }
    spread ratio(std::string_view name, std::string_view base) const {
        const std::vector<double>& above = find(name).times;
        const std::vector<double>& below = find(base).times;
        std::vector<double> ratios;
        for (std::size_t i = 0; i < above.size(); ++i) ratios.push_back(above[i] / below[i]);
        return spread_of(std::move(ratios));
    }
    /// A table of all workloads: times, and ratios to each of the bases.
    void print(const std::vector<std::string>& bases) const {
        std::printf("%-34s %21s", "", "ns low/median/high");
        for (const std::string& base : bases) std::printf("   x %-18s", base.c_str());
        std::printf("\n");
        for (const runner& r : runners_) {
            spread t = spread_of(r.times);
            std::printf("%-34s %6.0f /%6.0f /%6.0f", r.name.c_str(), t.low, t.median, t.high);
            for (const std::string& base : bases) {
                spread q = ratio(r.name, base);
                std::printf("   %.2f/%.2f/%.2f     ", q.low, q.median, q.high);
            }
            std::printf("\n");
        }
    }

private:
    struct runner {
        std::string name;
        std::function<double(int)> slice;
        std::vector<double> times;
    };
    const runner& find(std::string_view name) const {
        for (const runner& r : runners_) {
            if (r.name == name) return r;
        }
        std::abort();
    }

    std::vector<runner> runners_;
};

}  // namespace measure

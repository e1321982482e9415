/// Operators new and delete that count. Included by exactly one file of a program.
#pragma once

#include "measure.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace measure {

inline void* counted(void* p) {
    if (!p) std::abort();
    allocations.fetch_add(1, std::memory_order_relaxed);
    live_bytes.fetch_add(static_cast<std::int64_t>(malloc_usable_size(p)),
                         std::memory_order_relaxed);
    return p;
}
inline void uncounted(void* p) noexcept {
    if (!p) return;
    live_bytes.fetch_sub(static_cast<std::int64_t>(malloc_usable_size(p)),
                         std::memory_order_relaxed);
    std::free(p);
}

}  // namespace measure

void* operator new(std::size_t size) { return measure::counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t at) {
    auto line = static_cast<std::size_t>(at);
    return measure::counted(std::aligned_alloc(line, (size + line - 1) / line * line));
}
void operator delete(void* p) noexcept { measure::uncounted(p); }
void operator delete(void* p, std::size_t) noexcept { measure::uncounted(p); }
void operator delete(void* p, std::align_val_t) noexcept { measure::uncounted(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { measure::uncounted(p); }

/// Memory that records are appended to and that never moves, so that texts can point into it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Where a record stands: chunk number and place in it; zero is none.
using record_ref = std::uint32_t;

/// Appends records in chunks. Guarantees: after `reserve(n)`, `keep` of up to `n` bytes does not
/// fail.
class journal_arena {
public:
    static constexpr std::size_t chunk_size = 16 * 1024;
    static constexpr std::size_t alignment = 8;

    std::byte* at(record_ref ref) const noexcept {
        return chunks_[ref >> place_bits].bytes.get() + (ref & place_mask) * alignment;
    }

    /// Makes room for one record of up to `size` bytes; returns where it would stand, or zero if
    /// the arena cannot number any more (32 GiB).
    record_ref reserve(std::size_t size) {
        // A record that needs a larger chunk ends it: places beyond a chunk have no reference.
        if (used_ >= chunk_size || used_ + size > limit_) {
            if (chunks_.size() == max_chunks) return 0;
            open_chunk(size);
        }
        return ((static_cast<record_ref>(chunks_.size()) - 1) << place_bits) |
               static_cast<record_ref>(used_ / alignment);
    }
    /// Where the record that was reserved last stands.
    std::byte* tail() const noexcept { return last_ + used_; }

    /// Keeps the first `size` bytes of what was reserved last, and asks the processor to bring
    /// closer what comes next: many arenas in turn are no sequence that it would foresee.
    void keep(std::size_t size) noexcept {
        used_ += (size + alignment - 1) / alignment * alignment;
        if (used_ + 3 * 64 <= limit_) {
            __builtin_prefetch(tail(), 1);
            __builtin_prefetch(tail() + 64, 1);
            __builtin_prefetch(tail() + 128, 1);
        }
    }
    /// A mark to return to, if what was kept since must not stay.
    struct mark {
        std::size_t chunks;
        std::size_t used;
    };
    mark here() const noexcept { return {chunks_.size(), used_}; }
    void back_to(mark m) noexcept {
        if (m.chunks == 0) return;  // the first chunks may stay: nobody refers to them
        chunks_.resize(m.chunks);
        last_ = chunks_.back().bytes.get();
        limit_ = chunks_.back().size;
        used_ = m.used;
    }

private:
    struct chunk {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size = 0;
    };
    static constexpr unsigned place_bits = 11;  // 2,048 places of 8 bytes in a chunk
    static constexpr std::uint32_t place_mask = (1u << place_bits) - 1;
    static constexpr std::size_t max_chunks = std::size_t{1} << (32 - place_bits);
    static_assert(chunk_size / alignment == std::size_t{1} << place_bits);

#if defined(__GNUC__)
    [[gnu::noinline]]
#endif
    void
    open_chunk(std::size_t at_least) {
        std::size_t size = std::max(chunk_size, at_least + alignment);
        chunks_.push_back(chunk{std::unique_ptr<std::byte[]>{new std::byte[size]}, size});
        last_ = chunks_.back().bytes.get();
        limit_ = size;
        used_ = chunks_.size() == 1 ? alignment : 0;  // no record has the reference zero
    }

    std::vector<chunk> chunks_;
    std::byte* last_ = nullptr;  // the newest chunk
    std::size_t used_ = 0;       // of it
    std::size_t limit_ = 0;      // its size
};

/// Takes back what was kept since `before`, unless it is disarmed.
struct undo_records {
    journal_arena& journal;
    journal_arena::mark before;
    bool armed = true;
    ~undo_records() {
        if (armed) journal.back_to(before);
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

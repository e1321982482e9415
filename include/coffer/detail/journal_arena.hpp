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

/// Appends records in chunks. Guarantees: after `reserve(n, count)` that many appends of together
/// `n` bytes do not throw.
class journal_arena {
public:
    static constexpr std::size_t chunk_size = 16 * 1024;
    static constexpr std::size_t alignment = 8;

    std::byte* at(record_ref ref) const noexcept {
        return chunks_[ref >> place_bits].bytes.get() + (ref & place_mask) * alignment;
    }

    /// Makes room for one record of up to `size` bytes; returns where it would stand.
    record_ref reserve(std::size_t size) {
        if (chunks_.empty() || used_ + size > chunks_.back().size) open_chunk(size);
        return ((static_cast<record_ref>(chunks_.size()) - 1) << place_bits) |
               static_cast<record_ref>(used_ / alignment);
    }
    /// Keeps the first `size` bytes of what was reserved last.
    void keep(std::size_t size) noexcept {
        used_ += (size + alignment - 1) / alignment * alignment;
    }
    /// A mark to return to, if what was kept since must not stay.
    struct mark {
        std::size_t chunks;
        std::size_t used;
    };
    mark here() const noexcept { return {chunks_.size(), used_}; }
    void back_to(mark m) noexcept {
        if (m.chunks == 0) return;  // the first chunk may stay, empty
        chunks_.resize(m.chunks);
        used_ = m.used;
    }

private:
    struct chunk {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size = 0;
    };
    static constexpr unsigned place_bits = 11;  // 2,048 places of 8 bytes in a chunk
    static constexpr std::uint32_t place_mask = (1u << place_bits) - 1;
    static_assert(chunk_size / alignment == std::size_t{1} << place_bits);

    void open_chunk(std::size_t at_least) {
        std::size_t size = std::max(chunk_size, at_least + alignment);
        chunks_.push_back(chunk{std::unique_ptr<std::byte[]>{new std::byte[size]}, size});
        used_ = chunks_.size() == 1 ? alignment : 0;  // no record has the reference zero
    }

    std::vector<chunk> chunks_;
    std::size_t used_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

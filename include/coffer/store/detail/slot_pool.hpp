/// Objects that are only ever added, addressed by number, and never moved.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Hands out blocks of memory side by side, so that the objects of many pools share few pages: on
/// large stores, finding the page of an object costs more than reading it. Threads may share it.
class slab_source {
public:
    slab_source() = default;
    slab_source(const slab_source&) = delete;
    slab_source& operator=(const slab_source&) = delete;
    ~slab_source() {
        for (void* slab : slabs_) ::operator delete(slab, page);
    }

    /// A block that lives as long as the source, aligned to a cache line.
    void* take(std::size_t bytes) {
        bytes = (bytes + 63) / 64 * 64;
        std::lock_guard lock{lock_};
        if (bytes > left_) {
            slabs_.reserve(slabs_.size() + 1);
            std::size_t size = std::max(next_size_, bytes);
            next_ = static_cast<std::byte*>(::operator new(size, page));
            slabs_.push_back(next_);
            left_ = size;
            next_size_ = std::min(next_size_ * 2, largest_slab);
        }
        std::byte* block = next_;
        next_ += bytes;
        left_ -= bytes;
        return block;
    }

private:
    static constexpr std::align_val_t page{4'096};
    static constexpr std::size_t largest_slab = 2 * 1024 * 1024;

    std::mutex lock_;
    std::vector<void*> slabs_;
    std::byte* next_ = nullptr;
    std::size_t left_ = 0;
    std::size_t next_size_ = 64 * 1024;
};

/// Numbers begin at 1. One writer adds; readers that know a number need no lock. Making a default
/// `T` must not throw.
/// Guarantees: after `reserve_one` the next `add` does not throw.
template <class T>
class slot_pool {
    static_assert(alignof(T) <= 64);

public:
    slot_pool() = default;
    slot_pool(const slot_pool&) = delete;
    slot_pool& operator=(const slot_pool&) = delete;
    ~slot_pool() {
        for (std::uint32_t number = 1; number <= size_; ++number) (*this)[number].~T();
    }

    T& operator[](std::uint32_t number) const noexcept {
        return *(directory_.load(std::memory_order_acquire)[(number - 1) / block_size] +
                 (number - 1) % block_size);
    }
    std::uint32_t size() const noexcept { return size_; }
    void reserve_one(slab_source& memory) {
        if (size_ < block_count_ * block_size) return;
        if (block_count_ == room_) widen();
        directories_.back()[block_count_] =
            static_cast<T*>(memory.take(std::size_t{block_size} * sizeof(T)));
        ++block_count_;
    }
    /// The new object, which has the number `size()`.
    T& add() noexcept {
        ++size_;
        return *::new (static_cast<void*>(&(*this)[size_])) T{};
    }

private:
    static constexpr std::uint32_t block_size = 16;

    /// A larger directory. The old ones stay, for readers still in them.
    void widen() {
        std::size_t room = std::max<std::size_t>(8, room_ * 2);
        directories_.reserve(directories_.size() + 1);
        auto wider = std::make_unique<T*[]>(room);
        if (block_count_ > 0) std::copy_n(directories_.back().get(), block_count_, wider.get());
        directories_.push_back(std::move(wider));
        directory_.store(directories_.back().get(), std::memory_order_release);
        room_ = room;
    }

    std::atomic<T* const*> directory_{nullptr};
    std::uint32_t size_ = 0;
    std::uint32_t block_count_ = 0;
    std::size_t room_ = 0;
    std::vector<std::unique_ptr<T*[]>> directories_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

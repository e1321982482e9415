/// A vector that copies share until one of them writes, in one allocation: the lists of an account,
/// most of which an operation does not touch.
#pragma once

#include <coffer/base/detail/assert.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Behaves as a vector. A copy costs a counter, and the first access that could write copies the
/// elements where others have them, too. An empty one allocates nothing.
/// Guarantees: copies may be used by different threads; growth leaves at most a quarter unused.
template <class T>
class shared_vector {
public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    shared_vector() noexcept = default;
    shared_vector(const shared_vector& other) noexcept : block_{other.block_} {
        if (block_) block_->owners.fetch_add(1, std::memory_order_relaxed);
    }
    shared_vector(shared_vector&& other) noexcept : block_{std::exchange(other.block_, nullptr)} {}
    shared_vector& operator=(shared_vector other) noexcept {
        swap(other);
        return *this;
    }
    ~shared_vector() {
        if (block_ && (is_sole() || block_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)) {
            std::destroy_n(elements(), block_->size);
            ::operator delete(block_);
        }
    }
    void swap(shared_vector& other) noexcept { std::swap(block_, other.block_); }

    bool empty() const noexcept { return size() == 0; }
    std::size_t size() const noexcept { return block_ ? block_->size : 0; }
    std::size_t capacity() const noexcept { return block_ ? block_->capacity : 0; }
    const T* begin() const noexcept { return block_ ? elements() : nullptr; }
    const T* end() const noexcept { return begin() + size(); }
    const T& operator[](std::size_t i) const noexcept {
        COFFER_ASSERT(i < size());
        return elements()[i];
    }
    const T& front() const noexcept { return (*this)[0]; }
    const T& back() const noexcept { return (*this)[size() - 1]; }

    T* begin() {
        if (block_ && !is_sole()) move_to(size());
        return block_ ? elements() : nullptr;
    }
    T* end() { return begin() + size(); }
    T& operator[](std::size_t i) {
        COFFER_ASSERT(i < size());
        return begin()[i];
    }
    T& front() { return (*this)[0]; }
    T& back() { return (*this)[size() - 1]; }

    T& push_back(T value) {
        if (!block_ || !is_sole() || block_->size == block_->capacity) {
            move_to(size() + 1 + size() / 4);
        }
        return append(std::move(value));
    }
    /// Drops the elements from `first` to before `last`.
    void erase(const T* first, const T* last) {
        const std::ptrdiff_t at = first - std::as_const(*this).begin();
        const std::ptrdiff_t count = last - first;
        if (count == 0) return;
        T* const from = begin() + at;
        std::move(from + count, end(), from);
        const auto dropped = static_cast<std::uint32_t>(count);
        std::destroy_n(end() - count, dropped);
        block_->size -= dropped;
    }
    void erase(const T* at) { erase(at, at + 1); }
    void pop_back() { erase(std::as_const(*this).end() - 1); }
    void clear() noexcept { *this = shared_vector{}; }

    /// Whether both have the very same elements, not equal ones.
    bool is_same(const shared_vector& other) const noexcept { return block_ == other.block_; }

    friend bool operator==(const shared_vector& a, const shared_vector& b) {
        return a.block_ == b.block_ || std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    /// Stands before the elements.
    struct alignas(std::max(alignof(T), alignof(std::uint32_t))) block {
        std::atomic<std::uint32_t> owners{1};
        std::uint32_t size = 0;
        std::uint32_t capacity = 0;
    };
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

    bool is_sole() const noexcept { return block_->owners.load(std::memory_order_acquire) == 1; }
    T* elements() const noexcept { return std::launder(reinterpret_cast<T*>(block_ + 1)); }

    template <class Value>
    T& append(Value&& value) {
        void* const place = elements() + block_->size;
        T* const at = ::new (place) T(std::forward<Value>(value));
        ++block_->size;
        return *at;
    }
    /// Goes on in a block of its own.
    void move_to(std::size_t capacity) {
        shared_vector fresh;
        fresh.block_ = ::new (::operator new(sizeof(block) + capacity * sizeof(T))) block;
        fresh.block_->capacity = static_cast<std::uint32_t>(capacity);
        const bool sole = block_ && is_sole();
        const std::size_t count = size();
        for (std::size_t i = 0; i < count; ++i) {
            T& each = elements()[i];
            sole ? fresh.append(std::move(each)) : fresh.append(std::as_const(each));
        }
        swap(fresh);
    }

    block* block_ = nullptr;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// A vector whose first elements live in the object itself, for the few parts of a charge and the
/// few lots of a wallet. Only for types that are copied as bytes.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Guarantees: nothing is allocated up to `Inline` elements; after `reserve(n)` growth to `n` does
/// not throw.
template <class T, std::uint32_t Inline>
class inline_vector {
    static_assert(std::is_trivially_copyable_v<T>);
    static_assert(Inline > 0);

public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    inline_vector() noexcept = default;
    inline_vector(std::initializer_list<T> all) { assign(all.begin(), all.size()); }
    inline_vector(const inline_vector& other) { assign(other.begin(), other.size()); }
    inline_vector(inline_vector&& other) noexcept { steal(other); }
    inline_vector& operator=(const inline_vector& other) {
        if (this != &other) assign(other.begin(), other.size());
        return *this;
    }
    inline_vector& operator=(inline_vector&& other) noexcept {
        if (this != &other) {
            free_heap();
            steal(other);
        }
        return *this;
    }
    ~inline_vector() { free_heap(); }

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }
    /// Whether the elements live in the object itself.
    bool is_inline() const noexcept { return heap_ == nullptr; }

    T* begin() noexcept { return data(); }
    T* end() noexcept { return begin() + size_; }
    const T* begin() const noexcept { return data(); }
    const T* end() const noexcept { return begin() + size_; }
    T& operator[](std::size_t i) noexcept { return begin()[i]; }
    const T& operator[](std::size_t i) const noexcept { return begin()[i]; }
    T& back() noexcept { return end()[-1]; }
    const T& back() const noexcept { return end()[-1]; }

    void clear() noexcept { size_ = 0; }

    void reserve(std::size_t wanted) {
        if (wanted > capacity_) grow(wanted);
    }
    void push_back(const T& value) {
        if (size_ == capacity_) {
            const T copy = value;  // which may stand in what is replaced
            grow(std::size_t{capacity_} + std::max(capacity_, Inline));
            data()[size_++] = copy;
        } else {
            data()[size_++] = value;
        }
    }

    /// Drops everything from `new_end` on.
    void shrink_to(const_iterator new_end) noexcept {
        size_ = static_cast<std::uint32_t>(new_end - begin());
    }

    friend bool operator==(const inline_vector& a,
                           const inline_vector& b) requires std::equality_comparable<T> {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    T* data() noexcept { return heap_ ? heap_ : std::launder(reinterpret_cast<T*>(inline_)); }
    const T* data() const noexcept {
        return heap_ ? heap_ : std::launder(reinterpret_cast<const T*>(inline_));
    }

    void grow(std::size_t wanted) {
        T* larger =
            static_cast<T*>(::operator new (wanted * sizeof(T), std::align_val_t{alignof(T)}));
        std::memcpy(static_cast<void*>(larger), begin(), size_ * sizeof(T));
        free_heap();
        heap_ = larger;
        capacity_ = static_cast<std::uint32_t>(wanted);
    }
    void assign(const T* from, std::size_t count) {
        if (count > capacity_) {
            size_ = 0;
            grow(count);
        }
        if (count > 0) std::memcpy(static_cast<void*>(data()), from, count * sizeof(T));
        size_ = static_cast<std::uint32_t>(count);
    }
    void steal(inline_vector& other) noexcept {
        heap_ = std::exchange(other.heap_, nullptr);
        size_ = other.size_;
        capacity_ = std::exchange(other.capacity_, Inline);
        if (!heap_ && size_ > 0) std::memcpy(inline_, other.inline_, sizeof inline_);
        other.clear();
    }
    void free_heap() noexcept {
        if (heap_) ::operator delete (heap_, std::align_val_t{alignof(T)});
        heap_ = nullptr;
        capacity_ = Inline;
    }

    T* heap_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = Inline;
    alignas(T) std::byte inline_[Inline * sizeof(T)];
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

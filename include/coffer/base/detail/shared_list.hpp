/// A list of which copies share what none of them has changed: all lots of a wallet, however many,
/// are copied by one pointer, and a change costs the few elements around it.
#pragma once

#include <coffer/base/detail/assert.hpp>
#include <coffer/base/detail/shared_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Elements in chunks of `Chunk`, all full but the first and the last. The first one is at hand: a
/// short list is one allocation.
/// Complexity: reading is constant; a copy is constant; a change at either end copies at most one
/// chunk, and an insertion or removal in between all that stands behind it.
template <class T, std::size_t Chunk>
class shared_list {
    static_assert(Chunk > 0 && (Chunk & (Chunk - 1)) == 0);

public:
    using value_type = T;

    /// Walks the elements without copying any.
    class const_iterator {
    public:
        using iterator_category = std::random_access_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = const T*;
        using reference = const T&;

        const_iterator() noexcept = default;
        const_iterator(const shared_list* list, std::size_t at) noexcept : list_{list}, at_{at} {}

        std::size_t index() const noexcept { return at_; }
        reference operator*() const noexcept { return (*list_)[at_]; }
        pointer operator->() const noexcept { return &**this; }
        reference operator[](difference_type n) const noexcept { return *(*this + n); }
        const_iterator& operator+=(difference_type n) noexcept {
            at_ = static_cast<std::size_t>(static_cast<difference_type>(at_) + n);
            return *this;
        }
        const_iterator& operator-=(difference_type n) noexcept { return *this += -n; }
        const_iterator& operator++() noexcept { return *this += 1; }
        const_iterator& operator--() noexcept { return *this += -1; }
        const_iterator operator++(int) noexcept {
            const_iterator before = *this;
            ++*this;
            return before;
        }
        const_iterator operator--(int) noexcept {
            const_iterator before = *this;
            --*this;
            return before;
        }
        friend const_iterator operator+(const_iterator i, difference_type n) noexcept {
            return i += n;
        }
        friend const_iterator operator+(difference_type n, const_iterator i) noexcept {
            return i += n;
        }
        friend const_iterator operator-(const_iterator i, difference_type n) noexcept {
            return i -= n;
        }
        friend difference_type operator-(const_iterator a, const_iterator b) noexcept {
            return static_cast<difference_type>(a.at_) - static_cast<difference_type>(b.at_);
        }
        friend bool operator==(const_iterator a, const_iterator b) noexcept {
            return a.at_ == b.at_;
        }
        friend auto operator<=>(const_iterator a, const_iterator b) noexcept {
            return a.at_ <=> b.at_;
        }

    private:
        const shared_list* list_ = nullptr;
        std::size_t at_ = 0;
    };

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    const_iterator begin() const noexcept { return {this, 0}; }
    const_iterator end() const noexcept { return {this, size_}; }

    const T& operator[](std::size_t i) const noexcept {
        COFFER_ASSERT(i < size_);
        return chunk((first_ + i) / Chunk)[(first_ + i) % Chunk];
    }
    const T& front() const noexcept { return (*this)[0]; }
    const T& back() const noexcept { return (*this)[size_ - 1]; }

    /// An element for writing.
    T& edit(std::size_t i) {
        COFFER_ASSERT(i < size_);
        return chunk((first_ + i) / Chunk)[(first_ + i) % Chunk];
    }

    void push_back(T value) {
        const std::size_t last = (first_ + size_) / Chunk;
        if (last > others_.size()) others_.push_back({});
        chunk(last).push_back(std::move(value));
        ++size_;
    }
    void insert(std::size_t i, const T& value) {
        COFFER_ASSERT(i <= size_);
        push_back(value);
        for (std::size_t k = size_ - 1; k > i; --k) std::swap(edit(k), edit(k - 1));
    }
    void erase(std::size_t i) {
        COFFER_ASSERT(i < size_);
        if (i == 0) {
            pop_front();
            return;
        }
        for (std::size_t k = i; k + 1 < size_; ++k) edit(k) = (*this)[k + 1];
        pop_back();
    }
    void pop_front() {
        if (size_ == 1) return clear();
        if (first_ + 1 == Chunk) {
            chunk_ = std::as_const(others_).front();
            others_.erase(std::as_const(others_).begin());
        }
        first_ = (first_ + 1) % Chunk;
        --size_;
    }
    void pop_back() {
        if (size_ == 1) return clear();
        auto& last = others_.empty() ? chunk_ : others_.back();
        last.pop_back();
        if (!others_.empty() && last.empty()) others_.pop_back();
        --size_;
    }
    void clear() noexcept { *this = shared_list{}; }

    /// How many elements from `i` on are the very same, not equal ones, as those of `other` from
    /// `j` on; perhaps not all of them.
    std::size_t shared_from(std::size_t i, const shared_list& other, std::size_t j) const noexcept {
        if (i >= size_ || j >= other.size_) return 0;
        const std::size_t at = first_ + i;
        const std::size_t there = other.first_ + j;
        const std::size_t most = std::min(size_ - i, other.size_ - j);
        if (at == there && has_same_chunks(other)) return most;
        if (at % Chunk != there % Chunk) return 0;
        if (!chunk(at / Chunk).is_same(other.chunk(there / Chunk))) return 0;
        return std::min(most, Chunk - at % Chunk);
    }

    friend bool operator==(const shared_list& a, const shared_list& b) {
        if (a.size_ != b.size_) return false;
        if (a.first_ == b.first_ && a.has_same_chunks(b)) return true;
        return std::equal(a.begin(), a.end(), b.begin());
    }

private:
    const shared_vector<T>& chunk(std::size_t i) const noexcept {
        return i == 0 ? chunk_ : others_[i - 1];
    }
    shared_vector<T>& chunk(std::size_t i) { return i == 0 ? chunk_ : others_[i - 1]; }
    bool has_same_chunks(const shared_list& other) const noexcept {
        return chunk_.is_same(other.chunk_) && others_.is_same(other.others_);
    }

    shared_vector<T> chunk_;
    shared_vector<shared_vector<T>> others_;
    std::uint32_t first_ = 0;  // so many of the first chunk have been removed
    std::uint32_t size_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

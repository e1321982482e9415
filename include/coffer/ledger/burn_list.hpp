/// The lots that a charge can take from, in burn order: the first few stand in the account itself,
/// so that the commonest charge touches nothing else.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/assert.hpp>
#include <coffer/base/detail/shared_box.hpp>
#include <coffer/base/detail/shared_list.hpp>
#include <coffer/base/id.hpp>
#include <coffer/time/instant.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace coffer {
inline namespace v0 {

/// What is left of a lot: its part in the burn order.
struct spendable {
    credits available{};
    credits held{};           ///< By open holds.
    instant expires = never;  ///< `never` too where the period's end decides.
    lot_id lot{};
    bucket_id bucket{};

    friend constexpr bool operator==(const spendable&, const spendable&) = default;
};

/// Spendable lots in burn order. Complexity: a copy is constant, whatever the number of lots;
/// changes among the first `near` lots are, too, as long as there are no others.
class burn_list {
public:
    /// So many stand in the list itself.
    static constexpr std::size_t near = 3;

    using value_type = spendable;

    class const_iterator {
    public:
        using iterator_category = std::random_access_iterator_tag;
        using value_type = spendable;
        using difference_type = std::ptrdiff_t;
        using pointer = const spendable*;
        using reference = const spendable&;

        const_iterator() noexcept = default;
        const_iterator(const burn_list* list, std::size_t at) noexcept : list_{list}, at_{at} {}

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
        const burn_list* list_ = nullptr;
        std::size_t at_ = 0;
    };

    bool empty() const noexcept { return count_ == 0; }
    std::size_t size() const noexcept { return std::size_t{count_} + far_count_; }
    /// Whether all lots stand in the list itself.
    bool is_near() const noexcept { return far_count_ == 0 && left_out_ == 0; }
    /// How many stand in the list itself, and the others.
    std::size_t near_size() const noexcept { return count_; }
    const detail::shared_list<spendable, 64>& far() const noexcept { return *far_; }
    /// Whether there are others that are left out here: a store gave the head of an account alone.
    bool leaves_out_far() const noexcept { return left_out_ != 0; }
    void leave_out_far() noexcept { left_out_ = 1; }
    /// Becomes as another list is among its first lots; the others stay.
    void take_near(const burn_list& other) noexcept {
        near_ = other.near_;
        count_ = other.count_;
    }
    /// Puts those of another list behind the ones that stand in this.
    void take_far(const burn_list& other) noexcept {
        far_ = other.far_;
        far_count_ = other.far_count_;
        left_out_ = other.left_out_;
    }
    const_iterator begin() const noexcept { return {this, 0}; }
    const_iterator end() const noexcept { return {this, size()}; }
    const spendable& operator[](std::size_t i) const noexcept {
        return i < count_ ? near_[i] : far()[i - near];
    }

    /// A lot for writing.
    spendable& edit(std::size_t i) { return i < count_ ? near_[i] : far_.edit().edit(i - near); }

    void push_back(const spendable& s) {
        if (count_ < near) {
            near_[count_++] = s;
        } else {
            far_.edit().push_back(s);
            ++far_count_;
        }
    }
    void insert(std::size_t i, const spendable& s) {
        COFFER_ASSERT(i <= size());
        if (i >= near) {
            far_.edit().insert(i - near, s);
            ++far_count_;
            return;
        }
        if (count_ == near) {
            far_.edit().insert(0, near_[near - 1]);
            ++far_count_;
        } else {
            ++count_;
        }
        for (std::size_t k = count_ - 1; k > i; --k) near_[k] = near_[k - 1];
        near_[i] = s;
    }
    void erase(std::size_t i) {
        COFFER_ASSERT(i < size());
        if (i >= count_) {
            far_.edit().erase(i - near);
            --far_count_;
            return;
        }
        for (std::size_t k = i; k + 1 < count_; ++k) near_[k] = near_[k + 1];
        if (far_count_ == 0) {
            --count_;
            return;
        }
        near_[near - 1] = far().front();
        far_.edit().pop_front();
        --far_count_;
    }
    void clear() noexcept { *this = burn_list{}; }

    friend bool operator==(const burn_list& a, const burn_list& b) {
        if (a.count_ != b.count_ || a.left_out_ != b.left_out_) return false;
        for (std::size_t i = 0; i < a.count_; ++i) {
            if (a.near_[i] != b.near_[i]) return false;
        }
        return a.far_count_ == b.far_count_ && (a.far_count_ == 0 || a.far_ == b.far_);
    }

private:
    std::array<spendable, near> near_{};
    detail::shared_box<detail::shared_list<spendable, 64>> far_{};
    std::uint32_t far_count_ : 29 = 0;
    std::uint32_t count_ : 2 = 0;  // of the near ones; all are taken where there are others
    std::uint32_t left_out_ : 1 = 0;
};

}  // namespace v0
}  // namespace coffer

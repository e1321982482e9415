/// A value that copies share until one of them writes: the part of a record that most operations do
/// not touch.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Behaves as the value it holds. A copy costs a counter, and `edit` copies the value where others
/// have it, too. An empty box reads as a default value and allocates only when it is written.
/// Guarantees: copies may be used by different threads.
template <class T>
class shared_box {
public:
    shared_box() noexcept = default;
    shared_box(const shared_box& other) noexcept : node_{other.node_} {
        if (node_) node_->owners.fetch_add(1, std::memory_order_relaxed);
    }
    shared_box(shared_box&& other) noexcept : node_{std::exchange(other.node_, nullptr)} {}
    shared_box& operator=(const shared_box& other) noexcept {
        if (this != &other) shared_box{other}.swap(*this);
        return *this;
    }
    shared_box& operator=(shared_box&& other) noexcept {
        shared_box taken{std::move(other)};
        swap(taken);
        return *this;
    }
    ~shared_box() {
        if (node_ && (is_sole() || node_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)) {
            delete node_;
        }
    }

    /// Whether it was written; one that was not reads as a default value.
    bool has_value() const noexcept { return node_ != nullptr; }

    void swap(shared_box& other) noexcept { std::swap(node_, other.node_); }

    const T& operator*() const noexcept { return node_ ? node_->value : nothing(); }
    const T* operator->() const noexcept { return &**this; }

    /// The value for writing. Guarantees: does not throw once it has succeeded, until this box is
    /// copied.
    T& edit() {
        if (!node_) {
            node_ = new node{};
        } else if (!is_sole()) {
            shared_box copy;
            copy.node_ = new node{node_->value};
            swap(copy);
        }
        return node_->value;
    }

    /// Whether both are one value, not equal ones.
    bool is_same(const shared_box& other) const noexcept { return node_ == other.node_; }

    friend bool operator==(const shared_box& a, const shared_box& b) {
        return a.node_ == b.node_ || *a == *b;
    }

private:
    struct node {
        node() = default;
        explicit node(const T& copied) : value(copied) {}
        T value{};
        std::atomic<std::uint32_t> owners{1};
    };

    bool is_sole() const noexcept { return node_->owners.load(std::memory_order_acquire) == 1; }

    static const T& nothing() noexcept {
        static const T value{};
        return value;
    }

    node* node_ = nullptr;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

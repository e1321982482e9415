/// A value kept on the heap, for the part of a record that most operations do not touch.
#pragma once

#include <memory>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Behaves as the value it holds; an empty box reads as a default value and allocates only when it
/// is written.
template <class T>
class boxed {
public:
    boxed() noexcept = default;
    boxed(const boxed& other)
        : value_{other.value_ ? std::make_unique<T>(*other.value_) : nullptr} {}
    boxed(boxed&&) noexcept = default;
    boxed& operator=(const boxed& other) {
        if (this != &other) *this = boxed{other};
        return *this;
    }
    boxed& operator=(boxed&&) noexcept = default;
    ~boxed() = default;

    const T& operator*() const noexcept { return value_ ? *value_ : nothing(); }
    const T* operator->() const noexcept { return &**this; }

    /// The value for writing. Guarantees: does not throw once it has succeeded.
    T& edit() {
        if (!value_) value_ = std::make_unique<T>();
        return *value_;
    }

    friend bool operator==(const boxed& a, const boxed& b) { return *a == *b; }

private:
    static const T& nothing() noexcept {
        static const T value{};
        return value;
    }

    std::unique_ptr<T> value_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

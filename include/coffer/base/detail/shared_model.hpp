/// An object that copies share and nobody changes, behind an interface: what holds a policy or a
/// price of any type. Private to coffer.
///
/// Written by hand: each type held by a `std::shared_ptr` costs a dozen more instances.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What is shared, with the number of its owners.
class shared_object {
public:
    shared_object() = default;
    shared_object(const shared_object&) = delete;
    shared_object& operator=(const shared_object&) = delete;

protected:
    virtual ~shared_object() = default;

private:
    friend class shared_owner;
    mutable std::atomic<std::uint32_t> owners_{1};
};

/// One of the owners; the last deletes the object.
class shared_owner {
public:
    shared_owner() noexcept = default;
    explicit shared_owner(const shared_object* made) noexcept : object_{made} {}
    shared_owner(const shared_owner& other) noexcept : object_{other.object_} {
        if (object_) object_->owners_.fetch_add(1, std::memory_order_relaxed);
    }
    shared_owner& operator=(const shared_owner& other) noexcept {
        shared_owner copy{other};
        std::swap(object_, copy.object_);
        return *this;
    }
    ~shared_owner() {
        if (object_ && object_->owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete object_;
        }
    }

    const shared_object* get() const noexcept { return object_; }

private:
    const shared_object* object_ = nullptr;
};

/// A model of some type behind the questions of `Interface`, which is a `shared_object`. Moving
/// copies, so that what was moved from still answers.
template <class Interface>
class shared_model {
public:
    shared_model() noexcept = default;
    explicit shared_model(const Interface* made) noexcept : owner_{made} {}

    explicit operator bool() const noexcept { return owner_.get() != nullptr; }
    const Interface* operator->() const noexcept {
        return static_cast<const Interface*>(owner_.get());
    }

private:
    shared_owner owner_;
};

template <class Interface, template <class> class Model, class Policy>
shared_model<Interface> share(Policy&& policy) {
    return shared_model<Interface>{
        new Model<std::remove_cvref_t<Policy>>(std::forward<Policy>(policy))};
}

/// Whether an eraser takes a `Policy`: anything but another eraser of its own type.
template <class Policy, class Eraser>
concept other_than = !std::same_as<std::remove_cvref_t<Policy>, Eraser>;

}  // namespace detail
}  // namespace v0
}  // namespace coffer

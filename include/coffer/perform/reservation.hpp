/// The handle on an open hold.
#pragma once

#include <coffer/perform/perform.hpp>
#include <coffer/perform/settle.hpp>

#include <utility>

namespace coffer {
inline namespace v0 {

/// An open hold, by a handle.
///
/// The handle of the call that opened the hold owns it: dropped unsettled, it releases the hold:
/// once, without retry, never throwing; what that leaves open ends at its `until`. A handle that
/// was resumed settles and releases by name and does nothing when it is dropped, until `adopt`.
class [[nodiscard]] reservation {
public:
    reservation(reservation&& other) noexcept
        : engine_{std::exchange(other.engine_, nullptr)},
          target_{std::move(other.target_)},
          opened_{other.opened_},
          owns_{other.owns_} {}
    reservation& operator=(reservation&& other) noexcept {
        if (this != &other) {
            drop();
            engine_ = std::exchange(other.engine_, nullptr);
            target_ = std::move(other.target_);
            opened_ = other.opened_;
            owns_ = other.owns_;
        }
        return *this;
    }
    reservation(const reservation&) = delete;
    reservation& operator=(const reservation&) = delete;
    ~reservation() { drop(); }

    hold_id id() const noexcept { return opened_.hold; }
    credits amount() const noexcept { return opened_.cost; }
    instant until() const noexcept { return opened_.until; }
    /// Whether this handle would still release the hold.
    bool owns() const noexcept { return engine_ != nullptr && owns_; }
    /// What opened the hold.
    const receipt& opened() const noexcept { return opened_; }

    /// Makes this handle the hold's owner, on your word that the first one is gone: its process has
    /// crashed, or its outcome was unknown.
    void adopt() noexcept { owns_ = true; }

    /// Turns the hold into a spend of what was really used; the rest goes back. Refused, the hold
    /// stays open. After `outcome_unknown` the handle no longer owns it: repeat the same settle.
    result<receipt> settle(const settle_request& r = {}) {
        if (!engine_) return errc::hold_closed;
        result<receipt> settled = detail::settle(*engine_, target_, opened_.hold, r);
        let_go_after(settled);
        return settled;
    }

    /// Gives the hold back.
    result<receipt> release(const release_request& r = {}) {
        if (!engine_) return errc::hold_closed;
        result<receipt> released = detail::release(*engine_, target_, opened_.hold, r);
        let_go_after(released);
        return released;
    }

    /// Keeps the hold open beyond this handle. Take it up again by `wallet.resume(id)`.
    hold_id detach() noexcept {
        engine_ = nullptr;
        return opened_.hold;
    }

private:
    friend class wallet;

    reservation(detail::engine& by, const detail::target& target, const receipt& opened, bool owns)
        : engine_{&by}, target_{target}, opened_{opened}, owns_{owns} {}

    void let_go_after(const result<receipt>& ended) noexcept {
        if (ended) {
            engine_ = nullptr;
            return;
        }
        switch (ended.error().code()) {
            case errc::outcome_unknown: owns_ = false; break;
            case errc::unknown_hold:
            case errc::hold_expired:
            case errc::hold_closed: engine_ = nullptr; break;
            default: break;
        }
    }

    void drop() noexcept {
        detail::engine* by = std::exchange(engine_, nullptr);
        if (!by || !owns_) return;
        target_.actor.reset();  // nobody asks for it
#if defined(__cpp_exceptions)
        try {
            (void)detail::release(*by, target_, opened_.hold, {}, {.once = true});
        } catch (...) {  // the hold ends at its `until`
        }
#else
        (void)detail::release(*by, target_, opened_.hold, {}, {.once = true});
#endif
    }

    detail::engine* engine_;
    detail::target target_;
    receipt opened_;
    bool owns_;
};

}  // namespace v0
}  // namespace coffer

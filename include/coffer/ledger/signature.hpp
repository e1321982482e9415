/// Who asked for an entry of the journal, and why. It comes with `entry.hpp`.
#pragma once

#include <coffer/base/detail/short_text.hpp>

#include <cstddef>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// The longest actor and reason.
inline constexpr std::size_t max_actor_size = 95;
inline constexpr std::size_t max_reason_size = 255;

/// Who asked for an entry, and why: two texts, of which most entries have none. As a member it
/// takes the room of a pointer; like all texts of an entry, these belong to who handed it out.
class signature {
public:
    constexpr signature() noexcept = default;
    /// What a `signature_text` wrote, or a copy of its `bytes()`, both of which outlive it.
    explicit signature(std::string_view bytes) noexcept
        : bytes_{bytes.empty() ? nullptr : bytes.data()} {}

    /// Who asked; empty for what the host did by itself.
    std::string_view actor() const noexcept {
        return bytes_ ? std::string_view{bytes_ + 2, size_at(0)} : std::string_view{};
    }
    std::string_view reason() const noexcept {
        return bytes_ ? std::string_view{bytes_ + 2 + size_at(0), size_at(1)} : std::string_view{};
    }
    bool empty() const noexcept { return actor().empty() && reason().empty(); }

    /// Both texts as one, to be kept and read again; empty where there is none.
    std::string_view bytes() const noexcept {
        return bytes_ ? std::string_view{bytes_, 2 + size_at(0) + size_at(1)} : std::string_view{};
    }

    friend bool operator==(const signature& a, const signature& b) noexcept {
        return a.actor() == b.actor() && a.reason() == b.reason();
    }

private:
    std::size_t size_at(std::size_t place) const noexcept {
        return static_cast<unsigned char>(bytes_[place]);
    }

    const char* bytes_ = nullptr;  // the sizes of both texts, a byte each, and the texts
};

/// The room that the texts of a signature stand in.
class signature_text {
public:
    /// Texts beyond `max_actor_size` and `max_reason_size` are left out.
    signature_text(std::string_view actor, std::string_view reason) noexcept {
        if (actor.size() > max_actor_size) actor = {};
        if (reason.size() > max_reason_size) reason = {};
        if (actor.empty() && reason.empty()) return;
        bytes_[0] = static_cast<char>(actor.size());
        bytes_[1] = static_cast<char>(reason.size());
        detail::copy_text(bytes_ + 2, actor);
        detail::copy_text(bytes_ + 2 + actor.size(), reason);
        view_ = signature{{bytes_, 2 + actor.size() + reason.size()}};
    }
    signature_text(const signature_text&) = delete;
    signature_text& operator=(const signature_text&) = delete;

    const coffer::signature& view() const noexcept { return view_; }

private:
    coffer::signature view_{};
    char bytes_[2 + max_actor_size + max_reason_size];  // written only where there is a text
};

}  // namespace v0
}  // namespace coffer

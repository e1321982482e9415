/// What one operation has seen of price lists that may be replaced meanwhile. Private to coffer.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// While it lives, all questions of this thread to a replaceable list are answered by one and the
/// same list, which is kept: a charge sees the old prices or the new ones, never some of each.
class price_pin {
public:
    price_pin() noexcept : outer_{current_} { current_ = this; }
    ~price_pin() { current_ = outer_; }
    price_pin(const price_pin&) = delete;
    price_pin& operator=(const price_pin&) = delete;

    /// What `load()` gave the first who asked for `owner`'s; outside of operations, what it gives.
    template <class T, class Load>
    static std::shared_ptr<const T> seen(const void* owner, Load&& load) {
        if (!current_) return load();
        if (!current_->seen_) current_->seen_ = std::make_unique<seen_lists>();
        for (const auto& [of, kept] : *current_->seen_) {
            if (of == owner) return std::static_pointer_cast<const T>(kept);
        }
        std::shared_ptr<const T> fresh = load();
        current_->seen_->emplace_back(owner, fresh);
        return fresh;
    }

private:
    using seen_lists = std::vector<std::pair<const void*, std::shared_ptr<const void>>>;

    static inline thread_local price_pin* current_ = nullptr;

    price_pin* outer_;
    std::unique_ptr<seen_lists> seen_;  // none before a list is asked
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

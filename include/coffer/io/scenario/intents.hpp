/// The orders that the plan of a scenario has placed by itself, by their numbers.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/io/scenario/step.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Knows which order a step is about.
class intent_list {
public:
    void add(order_id placed) { placed_.push_back(placed); }

    /// No order where there is none of that number: the library says what that is. A request that
    /// is known and names none is about the one that was the latest when it was made.
    order_id meant_by(const scenario_step& s, const intent_request& r, bool is_known) {
        const auto count = static_cast<std::int64_t>(placed_.size());
        const std::int64_t number = r.number.value_or(count);
        const bool found = number >= 1 && number <= count;
        const order_id now = found ? placed_[static_cast<std::size_t>(number - 1)] : order_id{};
        if (s.id.empty() || r.number) return now;
        order_id& meant = meant_[std::string{s.id}];
        if (!meant || !is_known) meant = now;
        return meant;
    }

private:
    std::vector<order_id> placed_;
    std::map<std::string, order_id, std::less<>> meant_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

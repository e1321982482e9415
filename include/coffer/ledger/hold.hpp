/// A reservation of credits from named lots.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/detail/shared_box.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/id.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/time/instant.hpp>

#include <cstddef>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Credits taken from, or given back to, one lot.
struct part {
    lot_id lot{};
    /// Where a lot that has left the burn order comes back into it: before this lot; none is last.
    lot_id before{};
    credits amount{};
    bucket_id bucket{};

    friend constexpr bool operator==(const part&, const part&) = default;
};

/// The parts of one operation, in burn order.
using part_list = detail::inline_vector<part, 2>;

/// An action's name, kept in place.
using action_name = detail::short_text<63>;

/// A member, a resource or tags, kept in place.
using label_text = detail::short_text<95>;

/// The prices that a hold keeps, packed: see `perform/held_prices.hpp`. Those of most actions take
/// few bytes and are kept in place, longer ones are shared.
class price_text {
public:
    static constexpr std::size_t max_size = 143;

    price_text() noexcept = default;
    price_text(std::string_view text) : near_{text.size() <= near ? text : std::string_view{}} {
        if (text.size() > near) far_.edit() = text;
    }

    bool too_long() const noexcept { return far_.has_value() && far_->too_long(); }
    bool empty() const noexcept { return near_.empty() && !far_.has_value(); }
    std::string_view view() const noexcept {
        return far_.has_value() ? far_->view() : near_.view();
    }
    operator std::string_view() const noexcept { return view(); }

    friend bool operator==(const price_text&, const price_text&) = default;

private:
    static constexpr std::size_t near = 47;

    detail::short_text<near> near_{};
    detail::shared_box<detail::short_text<max_size>> far_{};
};

/// An open hold. What ends it is journalled for the same action, member and resource.
struct hold {
    hold_id id{};
    instant until{};  ///< Over from this instant on, without any job.
    credits amount{};
    credits tolerance{};  ///< How far a settle may exceed the amount.
    action_name action{};
    label_text tags{};
    label_text member{};
    label_text resource{};
    price_text prices{};     ///< With which it was opened; none for an amount.
    part_list parts{};       ///< In burn order; their sum is the amount.
    counter_list counted{};  ///< The counters of limits in which it is held, where still there.

    friend bool operator==(const hold&, const hold&) = default;
};

}  // namespace v0
}  // namespace coffer

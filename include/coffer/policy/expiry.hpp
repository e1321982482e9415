/// Expiry policies answer: until when is a new lot usable?
///
/// When to use which: `expiry::never` for what was bought for good; `expiry::after` for packs with
/// a life of their own; `expiry::at_period_end` for allowances, and for gifts of this month.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <concepts>
#include <optional>

namespace coffer {
inline namespace v0 {

/// Answers until when a lot is usable. Contract: after it becomes effective.
template <class P>
concept expiry_policy = requires(const P& policy, const lot_birth& born) {
    { policy.life(born) } -> std::same_as<result<lifetime>>;
};

namespace expiry {

/// Usable for good.
struct never {
    result<lifetime> life(const lot_birth&) const { return lifetime::unlimited(); }
};

/// Usable for a length of time from when it becomes effective; months and years by the calendar.
struct after {
    timespan length{};

    result<lifetime> life(const lot_birth& born) const {
        result<instant> end = add(born.effective, length, born.where);
        if (!end) return end.error();
        return lifetime::ends_at(*end);
    }
};

/// Usable until the end of the period in which it becomes effective.
/// Errors: `invalid_argument` for a lot without a period.
struct at_period_end {
    result<lifetime> life(const lot_birth& born) const {
        if (!born.running) {
            return error{errc::invalid_argument}.because(
                "the lot would end with its period, and there is none: start the wallet first");
        }
        return lifetime::ends_with(*born.running);
    }
};

}  // namespace expiry
}  // namespace v0
}  // namespace coffer

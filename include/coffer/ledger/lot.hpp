/// One grant of credits: what it was, and what became of it.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/id.hpp>
#include <coffer/time/instant.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Why a lot was granted.
enum class lot_source : std::uint8_t {
    plan,
    purchase,
    bonus,
    promo,
    referral,
    adjustment,
    refund,
};

constexpr std::string_view to_string(lot_source source) noexcept {
    switch (source) {
        case lot_source::plan: return "plan";
        case lot_source::purchase: return "purchase";
        case lot_source::bonus: return "bonus";
        case lot_source::promo: return "promo";
        case lot_source::referral: return "referral";
        case lot_source::adjustment: return "adjustment";
        case lot_source::refund: return "refund";
    }
    return "unknown";
}

/// How a lot came to be, which also gives it its name.
enum class lot_origin : std::uint8_t {
    granted,    ///< By the host.
    refilled,   ///< As the allowance of a period: `budget#0`.
    rolled,     ///< From a lot of the period before: `budget#0~1`.
    regranted,  ///< For a refund into a lot that had ended: `budget#0!1`.
    upgraded,   ///< As what an upgrade added to the allowance of a period: `budget#0+1`.
};

constexpr std::string_view to_string(lot_origin origin) noexcept {
    switch (origin) {
        case lot_origin::granted: return "granted";
        case lot_origin::refilled: return "refilled";
        case lot_origin::rolled: return "rolled";
        case lot_origin::regranted: return "regranted";
        case lot_origin::upgraded: return "upgraded";
    }
    return "unknown_origin";
}

/// The priority of a lot that has none: it burns after all that have one.
inline constexpr std::int32_t no_priority = std::numeric_limits<std::int32_t>::max();

/// What a grant lays down about a lot.
struct lot_terms {
    bucket_id bucket{};
    lot_source source = lot_source::plan;
    lot_origin origin = lot_origin::granted;
    /// The expiry is the end of the lot's period, where rollover decides what stays.
    bool ends_with_period = false;
    std::uint16_t ordinal = 0;  ///< The n of `~n`, `!n` and `+n`.
    std::uint32_t cycle = 0;    ///< The period of an allowance, counted from 0.
    lot_id from{};  ///< The first lot of a rolled one, the ended lot of a re-granted one.
    std::int32_t priority = no_priority;  ///< Lower burns first.
    instant effective{};
    instant expires = never;
    instant lapses = never;      ///< Of an allowance: the end of its period, whatever its expiry.
    instant kept_until = never;  ///< Rolled: the bound that counts from the first roll.
    money paid{};                ///< The cost basis: what was paid for `paid_for`.
    credits paid_for{};          ///< Of a rolled or re-granted lot; zero for all of the lot itself.

    /// Whether it is an allowance: such a lot ends with its period.
    constexpr bool is_allowance() const noexcept {
        return origin == lot_origin::refilled || origin == lot_origin::rolled ||
               origin == lot_origin::upgraded;
    }
    friend constexpr bool operator==(const lot_terms&, const lot_terms&) = default;
};

/// A lot and where its credits are.
/// Guarantees: granted = available + held + spent + expired + voided + rolled.
struct lot {
    lot_id id{};
    bool active = false;   ///< Effective, and part of the wallet's available.
    bool revoked = false;  ///< All its money went back: what comes back to it is voided.
    bool closed = false;   ///< Its purchase was refunded for all that it was worth; once is enough.
    bool touched = false;  ///< Credits came back to it, or its end was moved: it rolls by an entry.
    lot_terms terms{};
    instant made{};  ///< When it was granted; refund windows count from here.
    credits granted{};
    credits available{};  ///< Counts before the lot is effective; the wallet's available does not.
    credits held{};
    credits spent{};
    credits expired{};  ///< Breakage: ended unspent.
    credits voided{};   ///< Taken back, by a void, a purchase refund or a dispute.
    credits rolled{};   ///< Went on as another lot.
    money refunded{};   ///< Of `terms.paid`.

    /// The credits that `terms.paid` was paid for: those of the first lot, where this one is made
    /// from another.
    constexpr credits basis() const noexcept {
        return terms.paid_for.is_zero() ? granted : terms.paid_for;
    }

    friend constexpr bool operator==(const lot&, const lot&) = default;
};

/// The terms of a lot with another expiry. An allowance still ends with its period; what expires at
/// that very instant is gone before rollover could keep it.
constexpr lot_terms with_expiry(lot_terms terms, instant expires) noexcept {
    if (terms.ends_with_period && expires > terms.expires) return terms;
    terms.expires = expires;
    terms.ends_with_period = false;
    return terms;
}

/// What credits of a lot cost, rounded down to the minor unit; none if it was not paid for.
constexpr money cost_of(const lot& l, credits amount) noexcept {
    return scale(l.terms.paid, amount, l.basis(), rounding::down).value_or(money{});
}

}  // namespace v0
}  // namespace coffer

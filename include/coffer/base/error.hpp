/// What can go wrong, as values. Include it where you name an error; `result.hpp` carries one.
///
/// `errc` is ordered by precedence: when several things are wrong with one request, the first of
/// them in this list is the answer, so that an answer never depends on the order of checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

class credits;

/// Every refusal that coffer can answer, the gravest first.
enum class errc : std::uint8_t {
    corrupt_record = 1,  ///< The store holds something that is not an account; it is left as it is.
    wallet_poisoned,     ///< An invariant broke; this wallet answers nothing more until repaired.
    storage_full,        ///< The store has no room; nothing was written.
    unavailable,         ///< The store could not be reached; nothing was written.
    clock_disagrees,     ///< The clock leapt ahead and may be wrong; nothing was read or written.
    outcome_unknown,     ///< The commit may or may not have happened; repeat with the same id.
    conflict,            ///< Others changed the wallet at each attempt; nothing was written.
    request_mismatch,    ///< The request id is known, with other content.
    access_denied,       ///< The plan's access policy says no.
    unknown_plan,        ///< No such plan.
    unknown_action,      ///< The plan has no price for this action.
    unknown_bucket,      ///< The plan has no such bucket.
    unknown_lot,         ///< The wallet has no such lot.
    unknown_hold,        ///< The wallet has no such hold.
    unknown_charge,      ///< The wallet has no such charge.
    unknown_zone,        ///< The time zone cannot be read.
    invalid_argument,    ///< The request makes no sense as it is written.
    too_late,            ///< The event lies further back than the plan allows.
    amount_overflow,     ///< A sum or a product does not fit.
    policy_contract,     ///< A policy answered something that its contract forbids.
    too_many,            ///< A documented limit is reached.
    wallet_paused,       ///< The wallet is paused.
    transfer_refused,    ///< The plan allows no transfer.
    purchase_refused,    ///< The plan allows no purchase.
    programme_refused,   ///< The programme's terms are not met, or it was used before.
    not_refundable,      ///< The bucket's refund policy says no.
    refund_exceeds,      ///< More than there is left to refund.
    hold_expired,        ///< The hold ran out before it was settled.
    hold_closed,         ///< The hold was settled or released before.
    settle_exceeds,      ///< More than the hold and its tolerance; see `error::acceptable`.
    limit_exceeded,      ///< A spending limit is reached.
    insufficient_credits,  ///< The credits do not suffice; see `error::required`.
};

/// The identifier of an error, as it stands in journals, scenario files and messages.
constexpr std::string_view to_string(errc code) noexcept {
    switch (code) {
        case errc::corrupt_record: return "corrupt_record";
        case errc::wallet_poisoned: return "wallet_poisoned";
        case errc::storage_full: return "storage_full";
        case errc::unavailable: return "unavailable";
        case errc::clock_disagrees: return "clock_disagrees";
        case errc::outcome_unknown: return "outcome_unknown";
        case errc::conflict: return "conflict";
        case errc::request_mismatch: return "request_mismatch";
        case errc::access_denied: return "access_denied";
        case errc::unknown_plan: return "unknown_plan";
        case errc::unknown_action: return "unknown_action";
        case errc::unknown_bucket: return "unknown_bucket";
        case errc::unknown_lot: return "unknown_lot";
        case errc::unknown_hold: return "unknown_hold";
        case errc::unknown_charge: return "unknown_charge";
        case errc::unknown_zone: return "unknown_zone";
        case errc::invalid_argument: return "invalid_argument";
        case errc::too_late: return "too_late";
        case errc::amount_overflow: return "amount_overflow";
        case errc::policy_contract: return "policy_contract";
        case errc::too_many: return "too_many";
        case errc::wallet_paused: return "wallet_paused";
        case errc::transfer_refused: return "transfer_refused";
        case errc::purchase_refused: return "purchase_refused";
        case errc::programme_refused: return "programme_refused";
        case errc::not_refundable: return "not_refundable";
        case errc::refund_exceeds: return "refund_exceeds";
        case errc::hold_expired: return "hold_expired";
        case errc::hold_closed: return "hold_closed";
        case errc::settle_exceeds: return "settle_exceeds";
        case errc::limit_exceeded: return "limit_exceeded";
        case errc::insufficient_credits: return "insufficient_credits";
    }
    return "unknown_error";
}

/// Whether the same request can succeed later without anybody changing it.
constexpr bool is_transient(errc code) noexcept {
    return code == errc::storage_full || code == errc::unavailable ||
           code == errc::clock_disagrees || code == errc::outcome_unknown || code == errc::conflict;
}

/// A refusal: what it is, the amounts that explain it, and what it speaks of.
class error {
public:
    constexpr error(errc code) noexcept : code_{code} {}

    constexpr errc code() const noexcept { return code_; }

    /// What the operation needed; zero where no amount is concerned.
    constexpr credits required() const noexcept;
    /// The highest amount that would have been accepted; zero where no amount is concerned.
    constexpr credits acceptable() const noexcept;
    /// The action, bucket, zone … that the error speaks of, cut to 31 characters; may be empty.
    constexpr std::string_view subject() const noexcept { return {subject_, subject_size_}; }

    constexpr error& with_amounts(credits required, credits acceptable) noexcept;
    constexpr error& about(std::string_view subject) noexcept {
        subject_size_ = 0;
        for (char letter : subject.substr(0, max_subject)) subject_[subject_size_++] = letter;
        return *this;
    }

    friend constexpr bool operator==(const error& e, errc code) noexcept { return e.code_ == code; }

private:
    static constexpr std::size_t max_subject = 31;

    std::int64_t required_ = 0;
    std::int64_t acceptable_ = 0;
    errc code_;
    std::uint8_t subject_size_ = 0;
    char subject_[max_subject] = {};
};

constexpr bool is_transient(const error& e) noexcept { return is_transient(e.code()); }

}  // namespace v0
}  // namespace coffer

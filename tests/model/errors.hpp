/// The identifiers of refusals, in order of precedence, and how one is chosen among several.
#pragma once

#include "number.hpp"

#include <optional>

namespace model {

enum class errc {
    request_mismatch,
    access_denied,
    unknown_plan,
    unknown_action,
    unknown_bucket,
    unknown_lot,
    unknown_hold,
    unknown_charge,
    invalid_argument,
    too_late,
    amount_overflow,
    wallet_paused,
    choice_refused,
    not_refundable,
    refund_exceeds,
    hold_expired,
    hold_closed,
    settle_exceeds,
    limit_exceeded,
    insufficient_credits,
    none,
};

inline char const* name_of(errc error) {
    switch (error) {
        case errc::request_mismatch: return "request_mismatch";
        case errc::access_denied: return "access_denied";
        case errc::unknown_plan: return "unknown_plan";
        case errc::unknown_action: return "unknown_action";
        case errc::unknown_bucket: return "unknown_bucket";
        case errc::unknown_lot: return "unknown_lot";
        case errc::unknown_hold: return "unknown_hold";
        case errc::unknown_charge: return "unknown_charge";
        case errc::invalid_argument: return "invalid_argument";
        case errc::too_late: return "too_late";
        case errc::amount_overflow: return "amount_overflow";
        case errc::wallet_paused: return "wallet_paused";
        case errc::choice_refused: return "choice_refused";
        case errc::not_refundable: return "not_refundable";
        case errc::refund_exceeds: return "refund_exceeds";
        case errc::hold_expired: return "hold_expired";
        case errc::hold_closed: return "hold_closed";
        case errc::settle_exceeds: return "settle_exceeds";
        case errc::limit_exceeded: return "limit_exceeded";
        case errc::insufficient_credits: return "insufficient_credits";
        case errc::none: break;
    }
    return "none";
}

/// Thrown by an operation that changed nothing.
struct refusal {
    errc error;
    /// For lack of credit that a recharge adds to: so much more of it, beside what repays debt,
    /// and the operation would go ahead.
    std::optional<wide> lacked = {};
};

/// Collects what is wrong with a request; the first in precedence wins.
class faults {
public:
    void add(errc error) {
        if (error < worst_) worst_ = error;
    }
    void add(number_fault fault) {
        if (fault == number_fault::inexact) add(errc::invalid_argument);
        if (fault == number_fault::overflow) add(errc::amount_overflow);
    }
    void refuse_if_any() const {
        if (worst_ != errc::none) throw refusal{worst_};
    }

private:
    errc worst_ = errc::none;
};

}  // namespace model

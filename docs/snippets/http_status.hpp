/// What a server answers when a wallet refuses: the functions of the page on errors.
#pragma once

#include <coffer/base/error.hpp>

#include <chrono>
#include <optional>

// [http_status]
inline int http_status(const coffer::error& why) {
    using coffer::errc;
    switch (why.code()) {
        case errc::insufficient_credits: return 402;  // offer a top-up

        case errc::invalid_argument:  // say which field: why.field(), why.sentence()
        case errc::unknown_action:
        case errc::unknown_bucket:
        case errc::unknown_zone:
        case errc::too_late:
        case errc::amount_overflow: return 400;

        case errc::unknown_lot:
        case errc::unknown_hold:
        case errc::unknown_charge: return 404;

        case errc::access_denied:
        case errc::wallet_paused:
        case errc::transfer_refused:
        case errc::purchase_refused:
        case errc::choice_refused:
        case errc::programme_refused: return 403;

        case errc::hold_open:  // the same request is being worked on
        case errc::hold_settled:
        case errc::hold_closed:
        case errc::settle_exceeds:
        case errc::not_refundable:
        case errc::refund_exceeds: return 409;

        case errc::hold_expired: return 410;
        case errc::request_mismatch: return 422;  // an id that was used for something else
        case errc::too_many: return 422;
        case errc::limit_exceeded: return 429;

        case errc::unavailable:
        case errc::outcome_unknown:
        case errc::conflict:
        case errc::storage_full:
        case errc::clock_disagrees: return 503;

        case errc::corrupt_record:  // a store, a plan or a policy to be mended
        case errc::wallet_poisoned:
        case errc::unknown_plan:
        case errc::policy_contract: return 500;
    }
    return 500;
}

/// How long a client waits before it sends the same request with the same id again; none: it has to
/// change something first.
inline std::optional<std::chrono::seconds> retry_after(const coffer::error& why) {
    using coffer::errc;
    if (!is_transient(why)) return std::nullopt;
    const bool waits_for_people = why == errc::storage_full || why == errc::clock_disagrees;
    return std::chrono::seconds{waits_for_people ? 60 : 1};
}
// [/http_status]

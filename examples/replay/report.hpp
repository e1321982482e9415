/// What a replay came to, as plain data.
#pragma once

#include <coffer/wallet/wallets.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Requests that were refused for the same reason.
struct refusal_report {
    coffer::error why;  ///< Of the first of them.
    coffer::instant first{};
    std::int64_t count = 0;
};

/// A settled request.
struct charge_report {
    coffer::instant at{};
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    coffer::credits cost{};
};

/// A period of the subscription.
struct period_report {
    coffer::instant from{};
    coffer::instant until{};
    coffer::credits charged{};
    coffer::credits from_allowance{};
    coffer::credits from_package{};
    coffer::credits forfeited{};
};

/// Everything that the statement shows.
struct report {
    std::int64_t requests = 0;
    std::int64_t settled = 0;
    std::int64_t refused = 0;
    std::int64_t input_tokens = 0;   ///< Of settled requests.
    std::int64_t output_tokens = 0;  ///< Of settled requests.
    coffer::credits charged{};
    coffer::credits package{};  ///< Granted at the start.
    coffer::balance balance{};  ///< At the last request.
    std::vector<period_report> periods{};
    std::vector<charge_report> largest{};
    std::vector<refusal_report> refusals{};
    std::size_t entries = 0;
    bool replay_equal = false;  ///< The journal, replayed, gives the same account.
};

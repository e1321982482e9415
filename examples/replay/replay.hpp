/// Runs the requests of a trace through a wallet.
#pragma once

#include "report.hpp"
#include "trace.hpp"

#include <coffer/policy/cost/cost.hpp>
#include <coffer/time/zone.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

/// Under which terms the requests are replayed.
struct replay_terms {
    coffer::cost::tokens prices{};
    coffer::credits allowance{};
    coffer::credits package{};
    std::int64_t max_output = 0;
    coffer::instant start{};
    coffer::zone zone{};
    std::int64_t stretch = 1;
};

/// Called now and then with the number of requests that are done.
using progress_callback = std::function<void(std::size_t)>;

/// With a `file`, the wallet is kept in it; it has to be new.
/// Requires: the requests, stretched, lie within the years that coffer can count.
coffer::result<report, bad_input> replay(const replay_terms& terms,
                                         std::span<const traced_request> requests,
                                         const std::optional<std::string>& file,
                                         const progress_callback& progress);

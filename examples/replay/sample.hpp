/// What replay replays when it is given nothing: an invented trace, invented models and prices.
#pragma once

#include <coffer/amount/amount.hpp>

#include <cstdint>
#include <string_view>

namespace sample {

using namespace coffer::literals;

/// Two hours of a small team's assistant: a busy first half, a quiet second.
extern const std::string_view trace;

/// Three models in the LiteLLM format.
extern const std::string_view prices;

inline constexpr std::string_view model = "heron-large";

/// A plan that suits the trace: two hours become two months.
inline constexpr coffer::credits allowance = 30_cr;
inline constexpr coffer::credits package = 15_cr;
inline constexpr std::int64_t stretch = 720;

}  // namespace sample

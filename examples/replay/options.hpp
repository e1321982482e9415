/// What the command line of replay says.
#pragma once

#include "trace.hpp"

#include <coffer/amount/amount.hpp>
#include <coffer/io/usd.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The options, read and checked. What was left out and depends on the trace has no value.
struct options {
    std::optional<std::string> trace{};   ///< Without: the sample.
    std::optional<std::string> prices{};  ///< Without: the sample's.
    std::optional<std::string> model{};
    coffer::usd usd_per_credit = coffer::usd::parse("0.01").or_throw();
    std::optional<coffer::credits> allowance{};
    std::optional<coffer::credits> package{};
    std::int64_t max_output = 2'000;
    coffer::instant start = coffer::parse_instant("2026-01-31T10:00:00Z").or_throw();
    coffer::zone zone{};
    std::optional<std::int64_t> stretch{};
    std::optional<std::string> file{};  ///< Of the store; without: in memory.
    bool json = false;
    bool help = false;
};

/// The largest `--stretch`.
inline constexpr std::int64_t max_stretch = 1'000'000;

/// No instant of a replay may lie at or after this one: years with four digits, and some to spare.
inline constexpr coffer::instant end_of_replays{
    std::chrono::sys_days{std::chrono::year{9000} / std::chrono::January / 1}};

coffer::result<options, bad_input> parse_options(std::span<const char* const> arguments);

/// Whether this build can keep a wallet in a file.
inline constexpr bool has_sqlite = EXAMPLE_HAS_SQLITE != 0;

/// What `--help` prints.
std::string_view usage_text();

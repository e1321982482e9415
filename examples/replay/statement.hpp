/// Shows a report to people and to programs.
#pragma once

#include "report.hpp"

#include <coffer/io/usd.hpp>
#include <coffer/time/zone.hpp>

#include <string>

/// What the statement says of the replay besides its outcome.
struct statement_heading {
    std::string trace;
    std::string model;
    coffer::usd usd_per_credit{};
    coffer::zone zone{};
};

std::string to_statement(const report& all, const statement_heading& heading);

std::string to_json(const report& all);

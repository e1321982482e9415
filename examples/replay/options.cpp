#include "options.hpp"

#include <fmt/core.h>

namespace {

/// `value`, if it is a whole number from `least` to `most`.
std::optional<std::int64_t> whole_number(std::string_view value, std::int64_t least,
                                         std::int64_t most) {
    std::int64_t number = 0;
    if (value.empty()) return std::nullopt;
    for (char letter : value) {
        if (letter < '0' || letter > '9') return std::nullopt;
        number = number * 10 + (letter - '0');
        if (number > most) return std::nullopt;
    }
    if (number < least) return std::nullopt;
    return number;
}

bool set_amount(std::optional<coffer::credits>& amount, std::string_view value) {
    const auto parsed = coffer::credits::parse(value);
    if (!parsed || parsed->is_negative()) return false;
    amount = *parsed;
    return true;
}

bool set_text(std::optional<std::string>& text, std::string_view value) {
    text = value;
    return !value.empty();
}

/// `memory` or `sqlite:FILE`.
bool set_store(std::optional<std::string>& file, std::string_view value) {
    constexpr std::string_view in_file = "sqlite:";
    if (value == "memory") {
        file.reset();
        return true;
    }
    if (!has_sqlite || !value.starts_with(in_file)) return false;
    return set_text(file, value.substr(in_file.size()));
}

/// An option with a value: what it takes, and how it is read.
struct valued_option {
    std::string_view name;
    std::string_view takes;
    bool (*set)(options& read, std::string_view value);
};

constexpr valued_option valued_options[] = {
    {"--trace", "the name of a file",
     [](options& read, std::string_view value) { return set_text(read.trace, value); }},
    {"--prices", "the name of a file",
     [](options& read, std::string_view value) { return set_text(read.prices, value); }},
    {"--model", "the name of a model in the price map",
     [](options& read, std::string_view value) { return set_text(read.model, value); }},
    {"--usd-per-credit", "an amount of dollars above zero, such as 0.01",
     [](options& read, std::string_view value) {
         const auto parsed = coffer::usd::parse(value);
         if (!parsed || !parsed->is_positive()) return false;
         read.usd_per_credit = *parsed;
         return true;
     }},
    {"--allowance", "an amount of credits, such as 100 or 2.5, with at most six decimals",
     [](options& read, std::string_view value) { return set_amount(read.allowance, value); }},
    {"--package", "an amount of credits, such as 100 or 2.5, with at most six decimals",
     [](options& read, std::string_view value) { return set_amount(read.package, value); }},
    {"--max-output", "a whole number of tokens up to 1,000,000,000",
     [](options& read, std::string_view value) {
         const auto number = whole_number(value, 0, max_tokens);
         read.max_output = number.value_or(0);
         return number.has_value();
     }},
    {"--start", "an instant in UTC before the year 9000, such as 2026-01-31T10:00:00Z",
     [](options& read, std::string_view value) {
         const auto parsed = coffer::parse_instant(value);
         if (!parsed || *parsed >= end_of_replays) return false;
         read.start = *parsed;
         return true;
     }},
    {"--zone", "the name of a time zone in /usr/share/zoneinfo, such as Europe/Berlin",
     [](options& read, std::string_view value) {
         const auto found = coffer::zone::find(value);
         if (found) read.zone = *found;
         return found.has_value();
     }},
    {"--stretch", "a whole number from 1 to 1,000,000",
     [](options& read, std::string_view value) {
         read.stretch = whole_number(value, 1, max_stretch);
         return read.stretch.has_value();
     }},
    {"--store", has_sqlite ? "memory or sqlite:FILE" : "memory: this build found no SQLite",
     [](options& read, std::string_view value) { return set_store(read.file, value); }},
};

const valued_option* find_valued(std::string_view name) {
    for (const valued_option& known : valued_options) {
        if (known.name == name) return &known;
    }
    return nullptr;
}

}  // namespace

coffer::result<options, bad_input> parse_options(std::span<const char* const> arguments) {
    options read;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view name = arguments[i];
        if (name == "--json" || name == "--help" || name == "-h") {
            (name == "--json" ? read.json : read.help) = true;
            continue;
        }
        const valued_option* option = find_valued(name);
        if (!option) {
            return bad_input{
                fmt::format("replay: there is no option '{}'; replay --help lists them all", name)};
        }
        const bool has_value =
            i + 1 < arguments.size() && !std::string_view{arguments[i + 1]}.starts_with("--");
        if (!has_value) {
            return bad_input{fmt::format("replay: {} needs {}", name, option->takes)};
        }
        const std::string_view value = arguments[++i];
        if (!option->set(read, value)) {
            return bad_input{
                fmt::format("replay: {} needs {}, not '{}'", name, option->takes, value)};
        }
    }
    return read;
}

std::string_view usage_text() {
    return R"(replay - what would this traffic have cost, and who would have been turned away?

Replays a trace of requests to a language model against one wallet with a monthly
allowance and a package. Without a trace it takes a small sample of its own, with an
allowance, a package and a stretch that suit it.

usage: replay [OPTION VALUE]... [--json]

  --trace FILE            rows of TIMESTAMP,ContextTokens,GeneratedTokens
  --prices FILE           a price map in the LiteLLM format; default: the sample's
  --model NAME            whose prices to charge; may be left out if there is only one
  --usd-per-credit 0.01   what a credit is worth
  --allowance 0           credits each month, used or lost, burned first
  --package 0             credits that never expire, burned last
  --max-output 2000       the longest answer, in tokens, that a request is held for
  --start 2026-01-31T10:00:00Z   when the subscription begins, and the first row happens
  --zone UTC              where the months are counted
  --stretch 1             how much further apart the rows happen; 720 makes an hour a month
  --store memory          where the wallet is kept; sqlite:FILE is a new file, which stays
  --json                  print one JSON object in place of the statement

Exit code: 0; 2 for input that cannot be used; 1 if the journal does not give the account.
)";
}

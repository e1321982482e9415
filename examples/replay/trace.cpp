#include "trace.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>

namespace {

constexpr std::string_view header = "TIMESTAMP,ContextTokens,GeneratedTokens";
constexpr std::int64_t steps_per_second = 10'000'000;

bool are_digits(std::string_view text) {
    for (char letter : text) {
        if (letter < '0' || letter > '9') return false;
    }
    return !text.empty();
}

/// A number of digits only. Requires: at most 18 of them.
std::int64_t number_of(std::string_view digits) {
    std::int64_t number = 0;
    for (char letter : digits) number = number * 10 + (letter - '0');
    return number;
}

/// How far local time is ahead of UTC, in minutes: `+00:00`, `-0530`, `+02`; for `Z` or nothing, 0.
std::optional<int> parse_offset(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") return 0;
    const bool behind = text.front() == '-';
    if (!behind && text.front() != '+') return std::nullopt;
    text.remove_prefix(1);
    std::string digits{text};
    if (text.size() == 5 && text[2] == ':') digits.erase(2, 1);
    if (!are_digits(digits) || (digits.size() != 2 && digits.size() != 4)) return std::nullopt;
    const auto hours = static_cast<int>(number_of(std::string_view{digits}.substr(0, 2)));
    const auto minutes =
        digits.size() == 2 ? 0 : static_cast<int>(number_of(std::string_view{digits}.substr(2)));
    if (hours >= 24 || minutes >= 60) return std::nullopt;
    return (hours * 60 + minutes) * (behind ? -1 : 1);
}

/// `2023-11-16 18:15:46.6805900` or `2024-05-10 00:00:00.009930+00:00` in 100 ns since 1970.
std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    using namespace std::chrono;
    constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd";
    constexpr std::size_t most_fraction_digits = 7;
    if (text.size() < shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool fits = shape[i] == 'd'   ? are_digits(text.substr(i, 1))
                          : shape[i] == ' ' ? text[i] == ' ' || text[i] == 'T'
                                            : text[i] == shape[i];
        if (!fits) return std::nullopt;
    }
    const auto field = [&](std::size_t at, std::size_t size) {
        return static_cast<int>(number_of(text.substr(at, size)));
    };
    const year_month_day date{year{field(0, 4)}, month{static_cast<unsigned>(field(5, 2))},
                              day{static_cast<unsigned>(field(8, 2))}};
    const hours hour{field(11, 2)};
    const minutes minute{field(14, 2)};
    const seconds second{field(17, 2)};
    if (!date.ok() || hour >= 24h || minute >= 60min || second >= 60s) return std::nullopt;

    std::int64_t fraction = 0;
    std::string_view rest = text.substr(shape.size());
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        const std::size_t size = std::min(rest.find_first_not_of("0123456789"), rest.size());
        if (size == 0 || size > most_fraction_digits) return std::nullopt;
        fraction = number_of(rest.substr(0, size));
        for (std::size_t i = size; i < most_fraction_digits; ++i) fraction *= 10;
        rest.remove_prefix(size);
    }
    const auto ahead = parse_offset(rest);
    if (!ahead) return std::nullopt;
    const seconds whole =
        sys_days{date}.time_since_epoch() + hour + minute + second - minutes{*ahead};
    return std::int64_t{whole.count()} * steps_per_second + fraction;
}

class trace_reader {
public:
    explicit trace_reader(std::string_view source) : source_{source} {}

    coffer::result<std::vector<traced_request>, bad_input> read(std::string_view text) {
        if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
            return bad_input{fmt::format("{}:1: the file is UTF-16, save it as UTF-8", source_)};
        }
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
        if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
        if (text.empty()) return bad_input{fmt::format("{}:1: the file is empty", source_)};
        while (!text.empty() && sentence_.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            std::string_view row = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            if (row.ends_with('\r')) row.remove_suffix(1);
            ++line_;
            read_row(row);
        }
        if (!sentence_.empty()) {
            return bad_input{fmt::format("{}:{}: {}", source_, line_, sentence_)};
        }
        if (requests_.empty()) {
            return bad_input{fmt::format("{}:{}: no request follows the header", source_, line_)};
        }
        return std::move(requests_);
    }

private:
    void read_row(std::string_view row) {
        if (line_ == 1) {
            if (row != header) wrong(fmt::format("the header has to be {}", header));
            return;
        }
        if (row.empty()) return wrong("the row is empty");
        const std::size_t first = row.find(',');
        const std::size_t second = row.find(',', std::min(first, row.size() - 1) + 1);
        const bool three =
            first != row.npos && second != row.npos && row.find(',', second + 1) == row.npos;
        if (!three) return wrong("the row has to be a time, context tokens, generated tokens");

        const auto at = parse_timestamp(row.substr(0, first));
        if (!at) {
            return wrong(
                fmt::format("the time has to be like 2023-11-16 18:15:46.6805900, not '{}'",
                            shown(row.substr(0, first))));
        }
        if (requests_.empty()) first_ = latest_ = *at;
        if (*at < latest_) return wrong("the row is earlier than the one before it");
        latest_ = *at;
        const auto context = tokens("context", row.substr(first + 1, second - first - 1));
        const auto generated = tokens("generated", row.substr(second + 1));
        if (context && generated) requests_.push_back({*at - first_, *context, *generated});
    }

    std::optional<std::int64_t> tokens(std::string_view which, std::string_view text) {
        constexpr std::size_t surely_fits = 18;
        const bool negative = text.starts_with('-') && are_digits(text.substr(1));
        const bool number = are_digits(text);
        const bool huge = number && (text.size() > surely_fits || number_of(text) > max_tokens);
        if (number && !huge) return number_of(text);
        if (!sentence_.empty()) return std::nullopt;
        std::string_view why = "is no whole number";
        if (negative) why = "is negative";
        if (huge) why = "is above 1,000,000,000";
        wrong(fmt::format("the number of {} tokens {}: '{}'", which, why, shown(text)));
        return std::nullopt;
    }

    static std::string_view shown(std::string_view text) { return text.substr(0, 40); }
    void wrong(std::string sentence) { sentence_ = std::move(sentence); }

    std::string_view source_;
    std::size_t line_ = 0;
    std::string sentence_;  // what is wrong with the line; empty as long as nothing is
    std::int64_t first_ = 0;
    std::int64_t latest_ = 0;
    std::vector<traced_request> requests_;
};

}  // namespace

coffer::result<std::vector<traced_request>, bad_input> parse_trace(std::string_view text,
                                                                   std::string_view source) {
    return trace_reader{source}.read(text);
}

coffer::result<std::vector<traced_request>, bad_input> load_trace(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rb"),
                                                               &std::fclose};
    std::string text;
    char block[65'536];
    while (file) {
        const std::size_t size = std::fread(block, 1, sizeof block, file.get());
        text.append(block, size);
        if (size < sizeof block) break;
    }
    if (!file || std::ferror(file.get()) != 0) {
        return bad_input{fmt::format("{}: the file cannot be read: {}", path,
                                     std::generic_category().message(errno))};
    }
    return parse_trace(text, path);
}

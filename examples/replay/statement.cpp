#include "statement.hpp"

#include <coffer/format.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#if EXAMPLE_HAS_DATE
#include <date/date.h>
#endif

#include <chrono>
#include <iterator>
#include <string_view>

namespace {

/// `2026-02-28 10:00:00`, as a clock in the zone shows it.
std::string clock_time(coffer::instant t, const coffer::zone& zone) {
    const auto shown = std::chrono::floor<std::chrono::seconds>(zone.local(t).time_since_epoch());
#if EXAMPLE_HAS_DATE
    return date::format("%F %T", date::local_seconds{shown});
#else
    constexpr std::size_t to_seconds = 19;
    std::string text = coffer::iso8601(coffer::instant{shown}).substr(0, to_seconds);
    text[text.find('T')] = ' ';
    return text;
#endif
}

/// `1,234,567`.
std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
    return text;
}

/// `[#####...............]  25 %`: how much of the whole is used.
std::string bar(coffer::credits used, coffer::credits whole) {
    constexpr std::int64_t width = 24;
    const auto share = [&](std::int64_t of) {
        return coffer::scale(coffer::credits::from_micros(of), used, whole,
                             coffer::rounding::half_up)
            .value_or(coffer::credits{})
            .micros();
    };
    const auto filled = static_cast<std::size_t>(share(width));
    return fmt::format("[{:.<24}] {:>3} %", std::string(filled, '#'), share(100));
}

class statement {
public:
    statement(const report& all, const statement_heading& heading) : all_{all}, heading_{heading} {}

    std::string write() {
        write_totals();
        write_periods();
        write_buckets();
        write_largest();
        write_refusals();
        write_check();
        return std::move(text_);
    }

private:
    template <class... Values>
    void line(fmt::format_string<Values...> format, Values&&... values) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
        text_ += '\n';
    }

    std::string time(coffer::instant t) const { return clock_time(t, heading_.zone); }

    void write_totals() {
        line("{}, priced as {}, 1 credit = {} USD", heading_.trace, heading_.model,
             heading_.usd_per_credit.text());
        line("");
        line("  requests  {:>12}   {} settled, {} refused", grouped(all_.requests),
             grouped(all_.settled), grouped(all_.refused));
        line("  tokens    {:>12}   {} in, {} out, of settled requests",
             grouped(all_.input_tokens + all_.output_tokens), grouped(all_.input_tokens),
             grouped(all_.output_tokens));
        line("  charged   {:>12f}   credits", all_.charged);
    }

    void write_periods() {
        line("\nPeriods ({})", heading_.zone.name());
        line("  {:<19}  {:<19} {:>15} {:>15} {:>15} {:>15}", "from", "until", "charged",
             "from allowance", "from package", "forfeited");
        for (const period_report& p : all_.periods) {
            line("  {}  {} {:>15f} {:>15f} {:>15f} {:>15f}", time(p.from), time(p.until), p.charged,
                 p.from_allowance, p.from_package, p.forfeited);
        }
    }

    void write_buckets() {
        line("\nBuckets");
        for (const coffer::bucket_balance& b : all_.balance.buckets) {
            const bool refills = b.running.has_value();
            const coffer::credits whole = refills ? b.allowance : all_.package;
            const coffer::credits used = (whole - b.available).value_or(coffer::credits{});
            if (whole.is_zero()) {
                line("  {:<10} none", b.bucket.name());
                continue;
            }
            line("  {:<10} {}  {:>13f} used, {:>13f} left, {}", b.bucket.name(), bar(used, whole),
                 used, b.available,
                 refills ? "refills " + time(b.running->until) : std::string{"never expires"});
        }
    }

    void write_largest() {
        if (all_.largest.empty()) return;
        line("\nLargest charges");
        for (const charge_report& c : all_.largest) {
            line("  {}  {:>14f} credits  {:>9} tokens in {:>9} out", time(c.at), c.cost,
                 grouped(c.input_tokens), grouped(c.output_tokens));
        }
    }

    void write_refusals() {
        line("\nRefused");
        if (all_.refusals.empty()) line("  none");
        for (const refusal_report& r : all_.refusals) {
            line("  {:>6} x {}: {}", grouped(r.count), r.why.code(), meaning_of(r.why.code()));
            if (r.why.required().is_zero()) {
                line("{:>12} the first at {}", "", time(r.first));
            } else {
                line("{:>12} the first at {}: {} needed, {} would have been accepted", "",
                     time(r.first), r.why.required(), r.why.acceptable());
            }
        }
    }

    static std::string_view meaning_of(coffer::errc code) {
        switch (code) {
            case coffer::errc::insufficient_credits:
                return "fewer credits were left than the request could have cost";
            case coffer::errc::settle_exceeds:
                return "the answer was longer than --max-output, and dearer than its hold";
            case coffer::errc::amount_overflow: return "the price is larger than any amount";
            default: return "the wallet could not serve it";
        }
    }

    void write_check() {
        line("\nCheck");
        line("  {} journal entries, replayed into an empty account, give {}",
             grouped(static_cast<std::int64_t>(all_.entries)),
             all_.replay_equal ? "the same account" : "ANOTHER ACCOUNT");
    }

    const report& all_;
    const statement_heading& heading_;
    std::string text_;
};

}  // namespace

std::string to_statement(const report& all, const statement_heading& heading) {
    return statement{all, heading}.write();
}

std::string to_json(const report& all) {
    const auto amount = [](coffer::credits c) { return fmt::format("{:f}", c); };
    nlohmann::ordered_json json;
    json["requests"] = all.requests;
    json["settled"] = all.settled;
    json["refused"] = all.refused;
    json["input_tokens"] = all.input_tokens;
    json["output_tokens"] = all.output_tokens;
    json["credits_charged"] = amount(all.charged);
    json["available"] = amount(all.balance.available);
    json["buckets"] = nlohmann::ordered_json::object();
    for (const coffer::bucket_balance& b : all.balance.buckets) {
        json["buckets"][std::string{b.bucket.name()}] = amount(b.available);
    }
    json["periods"] = nlohmann::ordered_json::array();
    for (const period_report& p : all.periods) {
        json["periods"].push_back({{"start", coffer::iso8601(p.from)},
                                   {"end", coffer::iso8601(p.until)},
                                   {"charged", amount(p.charged)},
                                   {"forfeited", amount(p.forfeited)}});
    }
    json["entries"] = all.entries;
    json["replay_equal"] = all.replay_equal;
    return json.dump(2) + "\n";
}

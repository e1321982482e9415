// The totals of `replay --json` for a whole real trace, computed a second time without a line of
// coffer: prices as fractions of integers of any size, two running sums in place of lots, its own
// calendar. Each set of options is run, and the output compared letter by letter.
//
//     replay_oracle PATH_OF_REPLAY
#include "replay/run_program.hpp"
#include "support/data.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace {

using boost::multiprecision::cpp_int;
using std::int64_t;
using std::string;

// ---- Texts to integers --------------------------------------------------------------------------

constexpr int places = 30;

cpp_int ten_to(int exponent) {
    return boost::multiprecision::pow(cpp_int{10}, static_cast<unsigned>(exponent));
}

/// `3.75e-06` as a count of 10^-30.
cpp_int decimal(const string& text) {
    const std::size_t e = std::min(text.find_first_of("eE"), text.size());
    int exponent = e == text.size() ? 0 : std::stoi(text.substr(e + 1));
    string digits = text.substr(0, e);
    if (const std::size_t point = digits.find('.'); point != string::npos) {
        exponent -= static_cast<int>(digits.size() - point - 1);
        digits.erase(point, 1);
    }
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return cpp_int{digits} * ten_to(places + exponent);
}

/// Millionths as text with six decimals.
string amount(const cpp_int& micros) {
    string digits = micros.str();
    if (digits.size() < 7) digits.insert(0, 7 - digits.size(), '0');
    return digits.insert(digits.size() - 6, ".");
}

// ---- A calendar ---------------------------------------------------------------------------------

bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int64_t days_in(int64_t year, int64_t month) {
    constexpr int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

struct date_time {
    int64_t year, month, day;
    int64_t microseconds;  // of the day
};

constexpr int64_t day_length = 86'400'000'000;

/// Microseconds since 1970, by counting the years and months on the fingers.
int64_t microseconds_since_1970(const date_time& t) {
    int64_t days = t.day - 1;
    for (int64_t year = 1970; year < t.year; ++year) days += is_leap(year) ? 366 : 365;
    for (int64_t month = 1; month < t.month; ++month) days += days_in(t.year, month);
    return days * day_length + t.microseconds;
}

date_time parse_instant(const string& text) {
    int year{}, month{}, day{}, hour{}, minute{}, second{}, microseconds{};
    const int fields = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%6d", &year, &month, &day,
                                   &hour, &minute, &second, &microseconds);
    if (fields < 6) throw std::runtime_error{"not an instant: " + text};
    const int64_t seconds = (hour * int64_t{60} + minute) * 60 + second;
    return {year, month, day, seconds * 1'000'000 + microseconds};
}

string instant_text(const date_time& t) {
    const int64_t seconds = t.microseconds / 1'000'000;
    const int64_t fraction = t.microseconds % 1'000'000;
    char text[96];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", static_cast<int>(t.year),
                  static_cast<int>(t.month), static_cast<int>(t.day),
                  static_cast<int>(seconds / 3'600), static_cast<int>(seconds / 60 % 60),
                  static_cast<int>(seconds % 60));
    string whole = text;
    if (fraction != 0) {
        std::snprintf(text, sizeof text, ".%06d", static_cast<int>(fraction));
        whole += text;
    }
    return whole + "Z";
}

/// The same day of the month, months later, or the last that the month has.
date_time months_after(date_time t, int64_t months) {
    t.month += months;
    t.year += (t.month - 1) / 12;
    t.month = (t.month - 1) % 12 + 1;
    t.day = std::min(t.day, days_in(t.year, t.month));
    return t;
}

// ---- The trace and the prices -------------------------------------------------------------------

struct request {
    int64_t steps;  // of 100 ns, since 1970
    int64_t context;
    int64_t generated;
};

std::vector<request> read_trace(const string& path) {
    std::vector<request> requests;
    std::ifstream file{path};
    string row;
    std::getline(file, row);
    while (std::getline(file, row)) {
        int year{}, month{}, day{}, hour{}, minute{}, second{}, fraction{};
        long long context{}, generated{};
        const int fields =
            std::sscanf(row.c_str(), "%4d-%2d-%2d %2d:%2d:%2d.%7d,%lld,%lld", &year, &month, &day,
                        &hour, &minute, &second, &fraction, &context, &generated);
        if (fields != 9 || row.find(',') != 27) throw std::runtime_error{"cannot read " + row};
        const int64_t seconds = (hour * int64_t{60} + minute) * 60 + second;
        const int64_t micros = microseconds_since_1970({year, month, day, seconds * 1'000'000});
        requests.push_back({micros * 10 + fraction, context, generated});
    }
    return requests;
}

/// Dollars per token in 10^-30, from a bound on.
struct tier {
    int64_t above;
    cpp_int input, output;
};

/// What stands after `"key":` within the braces of the model; empty if the key is not there.
string value_of(const string& map, const string& model, const string& key) {
    const std::size_t begin = map.find("\"" + model + "\": {");
    if (begin == string::npos) throw std::runtime_error{"no model " + model};
    const std::size_t end = map.find("\n  }", begin);
    const std::size_t at = map.find("\"" + key + "\": ", begin);
    if (at >= end) return {};
    const std::size_t from = at + key.size() + 4;
    return map.substr(from, map.find_first_of(",\n", from) - from);
}

std::vector<tier> read_tiers(const string& map, const string& model,
                             const std::vector<int>& thousands) {
    const string input = value_of(map, model, "input_cost_per_token");
    const string output = value_of(map, model, "output_cost_per_token");
    std::vector<tier> tiers{{-1, decimal(input), decimal(output)}};
    for (int bound : thousands) {
        const string suffix = "_above_" + std::to_string(bound) + "k_tokens";
        const string in = value_of(map, model, "input_cost_per_token" + suffix);
        const string out = value_of(map, model, "output_cost_per_token" + suffix);
        if (in.empty() && out.empty()) throw std::runtime_error{"no tier " + suffix};
        const tier below = tiers.back();
        tiers.push_back({bound * int64_t{1'000}, in.empty() ? below.input : decimal(in),
                         out.empty() ? below.output : decimal(out)});
    }
    return tiers;
}

/// Millionths of a credit, rounded up once.
cpp_int price(const std::vector<tier>& tiers, const cpp_int& usd_per_credit, int64_t context,
              int64_t output) {
    const tier* own = &tiers.front();
    for (const tier& t : tiers) {
        if (context > t.above) own = &t;
    }
    const cpp_int numerator = (own->input * context + own->output * output) * 1'000'000;
    return (numerator + usd_per_credit - 1) / usd_per_credit;
}

// ---- What replay should say ---------------------------------------------------------------------

struct option_set {
    string prices;
    string model;
    std::vector<int> tiers{};  // bounds of the model's tiers, in thousands of tokens
    string usd_per_credit = "0.01";
    int64_t allowance = 0;
    int64_t package = 0;
    int64_t max_output = 2'000;
    string start = "2026-01-31T10:00:00Z";
    int64_t stretch = 1;
    string zone = "UTC";
    std::vector<string> boundaries{};  // of a zone other than UTC: the ends of the periods
};

/// The end of period k.
date_time end_of(const option_set& o, std::size_t k) {
    if (o.zone == "UTC") {
        return months_after(parse_instant(o.start), static_cast<int64_t>(k) + 1);
    }
    if (k >= o.boundaries.size()) throw std::runtime_error{"too few boundaries are given"};
    return parse_instant(o.boundaries[k]);
}

struct wallet {
    cpp_int allowance, package;
    cpp_int charged = 0;  // in the running period
    std::size_t period = 0;
    std::size_t entries = 0;
    string periods;
};

void add_period(wallet& w, const option_set& o, const cpp_int& forfeited) {
    const string start =
        instant_text(w.period == 0 ? parse_instant(o.start) : end_of(o, w.period - 1));
    w.periods += string{w.periods.empty() ? "" : ","} + R"({"start":")" + start + R"(","end":")" +
                 instant_text(end_of(o, w.period)) + R"(","charged":")" + amount(w.charged) +
                 R"(","forfeited":")" + amount(forfeited) + R"("})";
}

void turn_periods(wallet& w, const option_set& o, int64_t now) {
    while (microseconds_since_1970(end_of(o, w.period)) <= now) {
        add_period(w, o, w.allowance);
        w.entries += w.allowance > 0 ? 2u : 1u;  // forfeited if anything is left, a period began
        w.allowance = cpp_int{o.allowance} * 1'000'000;
        w.charged = 0;
        ++w.period;
    }
}

string expected_output(const option_set& o, const std::vector<request>& requests) {
    const auto tiers = read_tiers(coffer_test::read_file(o.prices), o.model, o.tiers);
    const cpp_int usd_per_credit = decimal(o.usd_per_credit);
    wallet w;
    w.allowance = cpp_int{o.allowance} * 1'000'000;
    w.package = cpp_int{o.package} * 1'000'000;
    w.entries = o.package > 0 ? 3 : 2;  // started, a period began, granted
    const int64_t start = microseconds_since_1970(parse_instant(o.start));
    int64_t settled = 0, refused = 0, input = 0, output = 0;
    cpp_int charged = 0;
    for (const request& r : requests) {
        turn_periods(w, o, start + (r.steps - requests.front().steps) * o.stretch / 10);
        const cpp_int ceiling = price(tiers, usd_per_credit, r.context, o.max_output);
        const cpp_int actual = price(tiers, usd_per_credit, r.context, r.generated);
        if (ceiling > w.allowance + w.package) {
            ++refused;
            continue;
        }
        w.entries += 2;  // held, then settled or released
        if (actual > ceiling) {
            ++refused;
            continue;
        }
        const cpp_int from_allowance = std::min(actual, w.allowance);
        w.allowance -= from_allowance;
        w.package -= actual - from_allowance;
        w.charged += actual;
        charged += actual;
        ++settled;
        input += r.context;
        output += r.generated;
    }
    add_period(w, o, 0);
    const auto number = [](auto n) { return std::to_string(n); };
    return R"({"requests":)" + number(requests.size()) + R"(,"settled":)" + number(settled) +
           R"(,"refused":)" + number(refused) + R"(,"input_tokens":)" + number(input) +
           R"(,"output_tokens":)" + number(output) + R"(,"credits_charged":")" + amount(charged) +
           R"(","available":")" + amount(w.allowance + w.package) +
           R"(","buckets":{"allowance":")" + amount(w.allowance) + R"(","package":")" +
           amount(w.package) + R"("},"periods":[)" + w.periods + R"(],"entries":)" +
           number(w.entries) + R"(,"replay_equal":true})";
}

// ---- Comparing ----------------------------------------------------------------------------------

bool agrees(const string& program, const string& trace, const option_set& o,
            const std::vector<request>& requests, const coffer_test::scratch_folder& scratch) {
    const auto number = [](int64_t n) { return std::to_string(n); };
    const std::vector<string> arguments{"--trace",
                                        trace,
                                        "--prices",
                                        o.prices,
                                        "--model",
                                        o.model,
                                        "--allowance",
                                        number(o.allowance),
                                        "--package",
                                        number(o.package),
                                        "--max-output",
                                        number(o.max_output),
                                        "--usd-per-credit",
                                        o.usd_per_credit,
                                        "--start",
                                        o.start,
                                        "--stretch",
                                        number(o.stretch),
                                        "--zone",
                                        o.zone,
                                        "--json"};
    coffer_test::program_run run = coffer_test::run_program(program, arguments, scratch);
    std::erase_if(run.output, [](char letter) { return letter == ' ' || letter == '\n'; });
    const string expected = expected_output(o, requests);
    if (run.exit_code == 0 && run.output == expected) {
        std::cout << "ok: " << o.model << ", stretch " << o.stretch << ", " << o.zone << ": "
                  << expected.substr(0, expected.find(",\"available")) << "}\n";
        return true;
    }
    std::cout << "FAILED: " << o.model << ", stretch " << o.stretch << ", " << o.zone
              << "\n  expected " << expected << "\n  found    " << run.output << "\n  exit code "
              << run.exit_code << ' ' << run.errors << '\n';
    return false;
}

/// The tiers begin within the range of the trace's requests; the second leaves its output out.
constexpr const char* tiered_prices = R"({
  "tiered": {
    "input_cost_per_token": 1.25e-06,
    "input_cost_per_token_above_1k_tokens": 0.0000025,
    "input_cost_per_token_above_4k_tokens": 3.961E-6,
    "output_cost_per_token": 1e-05,
    "output_cost_per_token_above_1k_tokens": 1.5e-05
  }
}
)";

std::vector<option_set> option_sets(const string& prices, const string& tiered) {
    return {
        {.prices = prices, .model = "gpt-4o-mini", .allowance = 2'000},
        {.prices = prices,
         .model = "claude-sonnet-4-20250514",
         .tiers = {200},
         .allowance = 5'000,
         .package = 10'000,
         .stretch = 720},
        {.prices = prices,
         .model = "claude-sonnet-4-20250514",
         .tiers = {200},
         .allowance = 3'000,
         .package = 2'000,
         .stretch = 720},
        {.prices = prices,
         .model = "gemini-2.5-pro",
         .tiers = {200},
         .allowance = 2'500,
         .stretch = 2'160},
        {.prices = prices,
         .model = "gpt-4o",
         .allowance = 1'000,
         .package = 50'000,
         .max_output = 300},
        {.prices = tiered,
         .model = "tiered",
         .tiers = {1, 4},
         .usd_per_credit = "0.001",
         .allowance = 20'000,
         .package = 70'000,
         .stretch = 720},
        // A credit of 32 cents leaves prices between two millionths.
        {.prices = prices,
         .model = "gpt-4o-mini",
         .usd_per_credit = "0.32",
         .allowance = 5,
         .package = 7,
         .max_output = 400,
         .stretch = 1'440},
        // Fourteen months, among them a 29 February; periods end within a second.
        {.prices = prices,
         .model = "gpt-4o",
         .allowance = 700,
         .package = 900,
         .start = "2027-12-31T23:30:00.123456Z",
         .stretch = 10'000},
        {.prices = prices, .model = "gpt-4o"},
        // Berlin changes to summer time on 2026-03-29 at 01:00 UTC (zdump -v Europe/Berlin):
        // 11:00 there is 10:00 UTC before, 09:00 UTC after.
        {.prices = prices,
         .model = "claude-sonnet-4-20250514",
         .tiers = {200},
         .allowance = 4'000,
         .package = 1'000,
         .stretch = 2'160,
         .zone = "Europe/Berlin",
         .boundaries = {"2026-02-28T10:00:00Z", "2026-03-31T09:00:00Z", "2026-04-30T09:00:00Z"}},
    };
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::cout << "usage: replay_oracle PATH_OF_REPLAY\n";
        return 2;
    }
    const auto trace = coffer_test::find_data("azure_llm_2023_conv.csv");
    const auto prices = coffer_test::find_data("model_prices.json");
    if (!trace || !prices) return 4;

    const coffer_test::scratch_folder scratch;
    const auto requests = read_trace(trace->string());
    const string tiered = scratch.write("tiered.json", tiered_prices);
    int failed = 0;
    for (const option_set& o : option_sets(prices->string(), tiered)) {
        if (!agrees(argv[1], trace->string(), o, requests, scratch)) ++failed;
    }
    std::cout << requests.size() << " requests, " << failed << " sets of options failed\n";
    return failed == 0 ? 0 : 1;
} catch (const std::exception& e) {
    std::cout << "replay_oracle: " << e.what() << '\n';
    return 1;
}

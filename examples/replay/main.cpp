// Replays real traffic to a language model against one wallet: holds each request's ceiling,
// settles what it really used, and prints a statement that checks itself. `replay --help` lists
// the options.
#include "options.hpp"
#include "replay.hpp"
#include "sample.hpp"
#include "statement.hpp"

#include <coffer/format.hpp>
#include <coffer/io/price_map.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace {

constexpr int cannot_be_used = 2;

/// The price map, and the model that is to be charged.
struct priced_model {
    std::string name;
    coffer::cost::tokens prices;
};

coffer::result<priced_model, bad_input> price_model(const options& given) {
    const auto map = given.prices ? coffer::price_map::load(*given.prices)
                                  : coffer::price_map::parse(sample::prices, "the sample's prices");
    if (!map) return bad_input{map.error().text()};
    std::string name = given.model.value_or(given.prices ? "" : std::string{sample::model});
    if (name.empty()) {
        const auto& models = map->models();
        if (models.size() != 1) {
            return bad_input{fmt::format("{}: it has {} models; say which one with --model",
                                         *given.prices, models.size())};
        }
        name = models.front().name;
    }
    const auto prices = map->tokens(name, given.usd_per_credit);
    if (!prices) return bad_input{prices.error().text()};
    return priced_model{std::move(name), *prices};
}

/// Whether the last row still happens before coffer's calendar ends.
bool is_in_time(const traced_request& last, std::int64_t stretch, coffer::instant start) {
    constexpr std::int64_t steps_per_microsecond = 10;
    std::int64_t steps = 0;
    if (__builtin_mul_overflow(last.after, stretch, &steps)) return false;
    return std::chrono::microseconds{steps / steps_per_microsecond} < end_of_replays - start;
}

/// Writes how far the replay is, on a terminal, if it takes long enough to be read.
class progress_line {
public:
    explicit progress_line(std::size_t total)
        : total_{total}, visible_{total >= worth_showing && isatty(STDERR_FILENO) != 0} {}
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;
    ~progress_line() {
        if (visible_) std::fputs("\r\033[K", stderr);
    }

    void show(std::size_t done) const {
        if (!visible_) return;
        fmt::print(stderr, "\rreplayed {} of {} requests, {} %", done, total_, done * 100 / total_);
        std::fflush(stderr);
    }

private:
    static constexpr std::size_t worth_showing = 10'000;

    std::size_t total_;
    bool visible_;
};

coffer::result<std::string, bad_input> run(const options& given) {
    const auto model = price_model(given);
    if (!model) return model.error();
    const auto requests =
        given.trace ? load_trace(*given.trace) : parse_trace(sample::trace, "the sample trace");
    if (!requests) return requests.error();

    using namespace coffer::literals;
    const bool sampled = !given.trace;
    const replay_terms terms{
        .prices = model->prices,
        .allowance = given.allowance.value_or(sampled ? sample::allowance : 0_cr),
        .package = given.package.value_or(sampled ? sample::package : 0_cr),
        .max_output = given.max_output,
        .start = given.start,
        .zone = given.zone,
        .stretch = given.stretch.value_or(sampled ? sample::stretch : 1)};
    if (!is_in_time(requests->back(), terms.stretch, terms.start)) {
        return bad_input{
            "replay: with this --start and --stretch the trace ends after the year "
            "8999"};
    }

    const auto done = [&] {
        const progress_line progress{requests->size()};
        return replay(terms, *requests, given.file, [&](std::size_t n) { progress.show(n); });
    }();
    if (!done) return done.error();
    if (given.json) return to_json(*done);
    return to_statement(*done, {.trace = given.trace.value_or("The sample trace"),
                                .model = model->name,
                                .usd_per_credit = given.usd_per_credit,
                                .zone = given.zone});
}

int refuse(const bad_input& why) {
    fmt::print(stderr, "{}\n", why.sentence);
    return cannot_be_used;
}

}  // namespace

int main(int argc, char** argv) try {
    const std::span<const char* const> arguments{argv, static_cast<std::size_t>(argc)};
    const auto given = parse_options(arguments.subspan(argc > 0 ? 1 : 0));
    if (!given) return refuse(given.error());
    if (given->help) {
        fmt::print("{}", usage_text());
        return 0;
    }
    const auto output = run(*given);
    if (!output) return refuse(output.error());
    fmt::print("{}", *output);
    return std::fflush(stdout) == 0 ? 0 : 1;
} catch (const std::exception& e) {
    fmt::print(stderr, "replay: {}\n", e.what());
    return 1;
}

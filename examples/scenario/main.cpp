// Runs scenario files and says of each whether everything came as it expects. `scenario --help`
// says how it is called; docs/scenarios.md says how such a file is written.
#include <coffer/io/scenario.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>

namespace {

constexpr int some_failed = 1;
constexpr int cannot_be_used = 2;

constexpr std::string_view usage_text =
    "scenario FILE…\n"
    "\n"
    "Runs each scenario file: the life of one wallet, step by step. Prints one line for each, ok "
    "or\n"
    "FAILED with the step, what was expected and what was found, and at last how many passed.\n"
    "\n"
    "Exit code 0: all passed. 1: some failed. 2: a file is no valid scenario (the others ran).\n";

/// The text in one line.
std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    return text;
}

int run(std::span<const char* const> files) {
    int passed = 0;
    int failed = 0;
    bool all_valid = true;
    for (const std::string file : files) {
        const auto report = coffer::run_scenario_file(file);
        if (!report) {
            std::fflush(stdout);  // so that the lines come in order where both go to one place
            fmt::print(stderr, "{}: {}\n", file, one_line(report.error().text()));
            all_valid = false;
        } else if (report->ok) {
            fmt::print("ok {}: {}\n", file, one_line(report->name));
            ++passed;
        } else {
            fmt::print("FAILED {}: {}: {}\n", file, one_line(report->name),
                       one_line(report->text()));
            ++failed;
        }
    }
    fmt::print("{} passed, {} failed\n", passed, failed);
    if (std::fflush(stdout) != 0) return some_failed;
    if (!all_valid) return cannot_be_used;
    return failed == 0 ? 0 : some_failed;
}

}  // namespace

int main(int argc, char** argv) try {
    std::span<const char* const> files{argv, static_cast<std::size_t>(argc)};
    files = files.subspan(argc > 0 ? 1 : 0);
    if (!files.empty() && std::string_view{files[0]} == "--help") {
        fmt::print("{}", usage_text);
        return 0;
    }
    if (files.empty()) {
        fmt::print(stderr, "scenario: say which files to run; --help says more\n");
        return cannot_be_used;
    }
    return run(files);
} catch (const std::exception& e) {
    fmt::print(stderr, "scenario: {}\n", e.what());
    return cannot_be_used;
}

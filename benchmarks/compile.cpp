// What coffer costs to compile, beside an empty program that includes <string>, <vector> and
// <chrono>. Method: docs/design/performance.md.
// Usage: compile [--rounds N] [--compiler CXX]... [--headers] [--check]
#include "support/compiler.hpp"
#include "support/measure.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using compiler::program;

const fs::path project = COFFER_SOURCE_DIR;

struct choices {
    int rounds = 5;
    std::vector<std::string> compilers{};
    bool headers = false;  ///< Each public header by itself, too.
    bool check = false;    ///< Fail where a goal is missed.
};

/// A program, and the ratio to the empty one that it should not exceed.
struct contestant {
    std::string name;
    program source;
    std::optional<double> goal{};
};

/// The yardstick first, then what is measured beside it at the same optimisation.
using group = std::vector<contestant>;

const std::string yardstick =
    "#include <string>\n#include <vector>\n#include <chrono>\nint main() {}\n";

group programs(const std::string& optimisation, double goal_of_first_program) {
    std::vector<std::string> options{optimisation};
    const fs::path pages = project / "docs/snippets";
    auto part = [&](const char* file) { return program{pages / "compile_times" / file, options}; };
    return {
        {"empty program", program::of_text("empty", yardstick, options)},
        {"coffer.hpp",
         program::of_text("umbrella", "#include <coffer/coffer.hpp>\nint main() {}\n", options),
         2.5},
        {"first program", {pages / "first_program.cpp", options}, goal_of_first_program},
        {"one that shares the instance", part("server.cpp")},
        {"one that has its own", part("server.cpp").with("-DBILLING_IN_EACH_FILE")},
        {"the file with the instance", part("billing.cpp")},
    };
}

/// `coffer/...` of each header that is not a detail of another.
std::vector<std::string> public_headers() {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator{project / "include"}) {
        std::string name = fs::relative(entry.path(), project / "include").generic_string();
        if (name.ends_with(".hpp") && name.find("/detail/") == name.npos) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

group headers() {
    group all{{"empty program", program::of_text("empty", yardstick, {"-O0"})}};
    for (const std::string& name : public_headers()) {
        all.push_back({name, program::of_text("header", "#include <" + name + ">\n", {"-O0"})});
    }
    return all;
}

/// Compiles all in turn and prints a table; answers whether all goals are met.
bool measure_group(const std::string& title, const std::string& cxx, const group& all, int rounds) {
    measure::contest contest;
    std::vector<double> megabytes(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        contest.add(all[i].name, [&, i](int) {
            compiler::cost spent = compiler::compile(cxx, all[i].source);
            megabytes[i] = std::max(megabytes[i], spent.megabytes);
            return spent.seconds;
        });
    }
    contest.run(rounds);

    std::printf("\n%-44s %6s %5s %6s %5s %7s %5s\n", title.c_str(), "s", "x", "MB", "x", "lines",
                "x");
    const std::string& base = all[0].name;
    const double base_lines = static_cast<double>(compiler::lines(cxx, all[0].source));
    bool met = true;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double ratio = contest.ratio(all[i].name, base).median;
        const double lines = static_cast<double>(compiler::lines(cxx, all[i].source));
        std::printf("%-44s %6.2f %5.1f %6.0f %5.1f %7.0f %5.1f", all[i].name.c_str(),
                    contest.time(all[i].name).median, ratio, megabytes[i],
                    megabytes[i] / megabytes[0], lines, lines / base_lines);
        if (all[i].goal) {
            const bool reached = ratio <= *all[i].goal;
            std::printf("  goal %.1f: %s", *all[i].goal, reached ? "met" : "missed");
            met = met && reached;
        }
        std::printf("\n");
        std::fflush(stdout);
    }
    return met;
}

choices read_arguments(int count, char** arguments) {
    choices wanted;
    for (int i = 1; i < count; ++i) {
        std::string_view option = arguments[i];
        const bool has_value = i + 1 < count;
        if (option == "--headers") {
            wanted.headers = true;
        } else if (option == "--check") {
            wanted.check = true;
        } else if (option == "--rounds" && has_value) {
            wanted.rounds = std::atoi(arguments[++i]);
        } else if (option == "--compiler" && has_value) {
            wanted.compilers.emplace_back(arguments[++i]);
        } else {
            std::fprintf(stderr,
                         "usage: compile [--rounds N] [--compiler CXX]... [--headers] [--check]\n");
            std::exit(2);
        }
    }
    measure::require(wanted.rounds > 0, "at least one round");
    if (wanted.compilers.empty()) wanted.compilers = {"g++", "clang++-14"};
    return wanted;
}

}  // namespace

int main(int count, char** arguments) {
    const choices wanted = read_arguments(count, arguments);
    compiler::include_from(project / "include");
    bool met = true;
    for (const std::string& cxx : wanted.compilers) {
        met &= measure_group(cxx + " -O0", cxx, programs("-O0", 5), wanted.rounds);
        met &= measure_group(cxx + " -O2", cxx, programs("-O2", 7), wanted.rounds);
        if (wanted.headers) measure_group(cxx + ", headers", cxx, headers(), wanted.rounds);
    }
    return wanted.check && !met ? 1 : 0;
}

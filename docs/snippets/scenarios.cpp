// The program of the page on scenarios: it runs a scenario file, and looks on step by step.

#if __has_include(<nlohmann/json.hpp>)

#include <coffer/io/scenario.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

// [run_file]
/// Says what is wrong with a scenario file; nothing if it passes.
std::string complaint_about(const std::string& path) {
    const auto report = coffer::run_scenario_file(path);
    if (!report) return report.error().text();  // steps[3].charge.amuont: there is no such key
    return report->text();                      // steps[3].expect.available: expected 5, found 4
}
// [/run_file]

// [life]
coffer::result<std::string, coffer::scenario_error> first_day(const nlohmann::json& plan) {
    auto life = coffer::scenario_life::begin(plan);
    if (!life) return life.error();
    auto seen = life->step({{"at", "2026-01-31T10:00:00Z"}, {"start", nlohmann::json::object()}});
    if (!seen) return seen.error();  // it is no step: nothing has happened
    return (*seen)["available"].get<std::string>();
}
// [/life]

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

int main() {
    check(complaint_about("no such file.json").rfind("cannot be read", 0) == 0);

    const auto plan = nlohmann::json::parse(R"({"buckets": [
        {"name": "allowance", "refill": {"every": "1 month", "amount": "100"}}]})");
    const auto available = first_day(plan);
    check(available && *available == "100");
    check(!first_day(nlohmann::json::parse(R"({"buckets": 1})")));
}

#else
int main() {}
#endif

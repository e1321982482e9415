// Runs scenario files against the model of the rules alone: what the files expect was thought out
// from the text, and the model, written from the same text, has to agree.
//
//     model_scenarios FILE_OR_FOLDER...
#include "model/model.hpp"
#include "model/number.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

using nlohmann::json;
using std::string;

std::vector<string> files_of(const string& place) {
    if (!std::filesystem::is_directory(place)) return {place};
    std::vector<string> files;
    for (const auto& file : std::filesystem::directory_iterator{place}) {
        if (file.path().extension() == ".json") files.push_back(file.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Numbers compare by value ("5" is "5.0"), money and everything else as text.
bool same(const json& expected, const json& found) {
    if (!expected.is_string() || !found.is_string()) return expected == found;
    const auto a = model::parse_number(expected.get<string>(), model::amount_places);
    const auto b = model::parse_number(found.get<string>(), model::amount_places);
    const bool numbers =
        a.fault == model::number_fault::none && b.fault == model::number_fault::none;
    return numbers ? a.value == b.value : expected == found;
}

bool agrees(const string& key, const json& expected, const json& found) {
    if (key == "intents") {
        const json opened = found.is_null() ? json::array() : found;
        return expected.is_array() && expected.size() == opened.size() &&
               std::equal(expected.begin(), expected.end(), opened.begin(), same);
    }
    if (key == "alerts") return expected == (found.is_null() ? json::array() : found);
    if (!expected.is_object()) return same(expected, found);
    for (const auto& [name, value] : expected.items()) {
        if (!found.is_object() || !found.contains(name) || !same(value, found[name])) return false;
    }
    return key != "took" || expected.size() == found.size();  // what was taken is told in full
}

struct failure {
    std::size_t step;
    string key;
    json expected;
    json found;
};

std::optional<failure> check_step(model::life& life, std::size_t i, const json& step) {
    const json seen = life.step(step);
    const json error = step.value("error", json{});
    if (error != seen["error"]) return failure{i, "error", error, seen["error"]};
    const json expect = step.value("expect", json::object());
    for (const auto& [key, expected] : expect.items()) {
        if (key == "as_of") {
            for (const auto& [when, amount] : expected.items()) {
                const json found = life.as_of(when);
                if (!same(amount, found)) return failure{i, "as_of " + when, amount, found};
            }
            continue;
        }
        const bool is_list = key == "alerts" || key == "intents";
        if (!is_list && !seen.contains(key)) throw model::bad_scenario("expect." + key);
        const json found = seen.value(key, json{});
        if (!agrees(key, expected, found)) return failure{i, key, expected, found};
    }
    return std::nullopt;
}

std::optional<failure> first_failure(const json& scenario) {
    model::life life{scenario.at("plan")};
    const json& steps = scenario.at("steps");
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (auto failed = check_step(life, i, steps[i])) return failed;
    }
    return std::nullopt;
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t passed = 0;
    std::size_t failed = 0;
    bool valid = true;
    for (int i = 1; i < count; ++i) {
        for (const string& file : files_of(arguments[i])) {
            try {
                std::ifstream in{file};
                const auto wrong = first_failure(json::parse(in));
                if (!wrong) {
                    ++passed;
                    continue;
                }
                ++failed;
                std::cout << "FAILED " << file << ": steps[" << wrong->step << "] " << wrong->key
                          << ": expected " << wrong->expected.dump() << ", found "
                          << wrong->found.dump() << '\n';
            } catch (const std::exception& e) {
                valid = false;
                std::cout << file << ": " << e.what() << '\n';
            }
        }
    }
    std::cout << passed << " passed, " << failed << " failed\n";
    if (!valid) return 2;
    return passed > 0 && failed == 0 ? 0 : 1;
}

// Runs the example scenario over the scenario files of a folder.
//
//     scenario_files PATH_OF_SCENARIO passes FOLDER    all of them pass
//     scenario_files PATH_OF_SCENARIO refused FOLDER   each is no valid scenario, with the words
//                                                      that FOLDER/expected.txt has for it
#include "replay/run_program.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

using std::string;

std::vector<string> files_of(const string& folder) {
    std::vector<string> files;
    for (const auto& file : std::filesystem::directory_iterator{folder}) {
        if (file.path().extension() == ".json") files.push_back(file.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

int complain(const string& what) {
    std::cout << "FAILED: " << what << '\n';
    return 1;
}

int all_pass(const string& program, const string& folder) {
    const coffer_test::scratch_folder scratch;
    const std::vector<string> files = files_of(folder);
    const auto found = coffer_test::run_program(program, files, scratch);
    std::istringstream lines{found.output};
    for (string line; std::getline(lines, line);) {
        if (line.rfind("ok ", 0) != 0) std::cout << line << '\n';
    }
    std::cout << found.errors;
    const string closing = std::to_string(files.size()) + " passed, 0 failed\n";
    if (files.empty()) return complain(folder + " has no scenario");
    if (found.exit_code != 0) return complain("exit code " + std::to_string(found.exit_code));
    if (!found.errors.empty()) return complain("something on the error output");
    if (!found.output.ends_with("\n" + closing)) return complain("the closing line");
    return 0;
}

/// File name and words, separated by a tab.
std::map<string, string> read_expected(const string& path) {
    std::map<string, string> words;
    std::istringstream lines{coffer_test::read_file(path)};
    for (string line; std::getline(lines, line);) {
        const std::size_t tab = line.find('\t');
        if (tab != string::npos) words[line.substr(0, tab)] = line.substr(tab + 1);
    }
    return words;
}

int each_is_refused(const string& program, const string& folder) {
    const coffer_test::scratch_folder scratch;
    std::map<string, string> words = read_expected(folder + "/expected.txt");
    int failed = words.empty() ? complain(folder + "/expected.txt has no line") : 0;
    for (const string& file : files_of(folder)) {
        const string name = std::filesystem::path{file}.filename().string();
        const auto expected = words.extract(name);
        if (expected.empty()) {
            failed += complain(name + " has no line in expected.txt");
            continue;
        }
        const auto found = coffer_test::run_program(program, {file}, scratch);
        const bool one_line = std::count(found.errors.begin(), found.errors.end(), '\n') == 1;
        const bool says = found.errors.rfind(file + ": ", 0) == 0 &&
                          found.errors.find(expected.mapped()) != string::npos;
        if (found.exit_code != 2 || found.output != "0 passed, 0 failed\n" || !one_line || !says) {
            failed +=
                complain(name + ": exit code " + std::to_string(found.exit_code) + ", wanted '" +
                         expected.mapped() + "'\n  " + found.errors + "  " + found.output);
        }
    }
    for (const auto& [name, text] : words) failed += complain(name + " is not there");
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
    const std::vector<string> arguments{argv + 1, argv + std::max(argc, 1)};
    if (arguments.size() == 3 && arguments[1] == "passes") {
        return all_pass(arguments[0], arguments[2]);
    }
    if (arguments.size() == 3 && arguments[1] == "refused") {
        return each_is_refused(arguments[0], arguments[2]);
    }
    return complain("scenario_files PATH_OF_SCENARIO passes|refused FOLDER");
} catch (const std::exception& e) {
    return complain(e.what());
}

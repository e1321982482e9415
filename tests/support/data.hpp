/// Files that tests read but the repository does not hold. Include it in a test that needs one:
///
///     const auto prices = coffer_test::find_data("model_prices.json");
///     if (!prices) return;  // reported as not run, with the name of the file
///
/// The folder is COFFER_DATA, or shared/data beside the project.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace coffer_test {

/// Where the file is; if it is not there, the running test counts as not run, so return at once.
inline std::optional<std::filesystem::path> find_data(const std::string& name) {
    const char* folder = std::getenv("COFFER_DATA");
    auto path = std::filesystem::path{folder ? folder : COFFER_TEST_DATA_DIR} / name;
    if (std::filesystem::exists(path)) return path;
    // ctest recognises these words; see SKIP_REGULAR_EXPRESSION in tests/CMakeLists.txt.
    std::cout << "test data missing: " << path.string() << '\n';
    return std::nullopt;
}

}  // namespace coffer_test

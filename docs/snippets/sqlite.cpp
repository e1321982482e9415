// The program of the page on stores that keeps its wallets in a file.

#include <coffer/coffer.hpp>
#include <coffer/format.hpp>
#include <coffer/store/sqlite.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace coffer::literals;

std::string order(const std::string& file) {
    // [open_file]
    auto store = coffer::sqlite_store::open(file);
    if (!store) return fmt::format("{}: {}", file, store.error());  // says what it found there

    coffer::wallets wallets{coffer::plans::prepaid<>{}, *store};
    auto acme = wallets["acme"];
    auto order = acme.grant({.bucket = "package", .amount = 500_cr, .request = "order-1001"});
    if (!order) return fmt::format("{}", order.error());
    return fmt::format("{} credits{}", order->after.available,
                       order->repeated ? ", as before" : "");
    // [/open_file]
}

/// Every start but the first.
std::string open_later(const std::string& file) {
    // [open_later]
    auto store = coffer::sqlite_store::open(file, {.must_exist = true});
    if (!store) return fmt::format("{}", store.error());
    // [/open_later]
    return "open";
}

std::string charge_together(const std::string& file) {
    auto store = coffer::sqlite_store::open(file, {.must_exist = true}).or_throw();
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    // [charge_together]
    const std::vector<coffer::charge_by_id> used{
        {"acme", {.amount = 2_cr, .request = "call-1"}},
        {"acme", {.amount = 900_cr, .request = "call-2"}},  // more than there is
        {"acme", {.amount = 3_cr, .request = "call-3"}},
    };
    std::string text;
    for (const auto& answer : wallets.charge(used)) {
        text += answer ? fmt::format("{} left; ", answer->after.available)
                       : fmt::format("{}; ", answer.error().code());
    }
    // [/charge_together]
    return text;
}

int main() {
    const auto folder =
        std::filesystem::temp_directory_path() / ("coffer-snippet-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    const std::string file = (folder / "wallets.db").string();
    bool good = open_later(file) == "unavailable: the file is missing, or cannot be opened";
    good = good && order(file) == "500 credits";
    good = good && open_later(file) == "open";
    good = good && order(file) == "500 credits, as before";
    good = good && charge_together(file) == "498 left; insufficient_credits; 495 left; ";
    good = good && order(folder.string()).ends_with("unavailable: the file cannot be opened");
    std::filesystem::remove_all(folder);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

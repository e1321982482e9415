// The programs of the page on errors, and the page itself: its table has every error, in order,
// with the status and the wait that the functions give.

#include "figures.hpp"
#include "http_status.hpp"

#include <coffer/coffer.hpp>
#include <coffer/format.hpp>

#include <fmt/core.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;

namespace {

/// The cells of each row of the table of codes.
std::vector<std::vector<std::string>> rows_of_page() {
    std::vector<std::vector<std::string>> rows;
    std::ifstream page{COFFER_DOCS_DIR "/errors.md"};
    for (std::string line; std::getline(page, line);) {
        if (!line.starts_with("| `")) continue;
        std::vector<std::string> cells;
        std::size_t begin = 2;
        for (std::size_t end = line.find(" |"); end != std::string::npos;
             begin = end + 3, end = line.find(" |", end + 1)) {
            cells.push_back(line.substr(begin, end - begin));
        }
        rows.push_back(cells);
    }
    return rows;
}

std::vector<coffer::errc> all_errors() {
    std::vector<coffer::errc> all;
    for (int code = 1; to_string(static_cast<coffer::errc>(code)) != "unknown_error"; ++code) {
        all.push_back(static_cast<coffer::errc>(code));
    }
    return all;
}

std::string wait_of(coffer::errc code) {
    const auto wait = retry_after(code);
    return wait ? std::to_string(wait->count()) + " s" : "–";
}

bool table_is_right() {
    const auto rows = rows_of_page();
    const auto errors = all_errors();
    bool right = rows.size() == errors.size();
    for (std::size_t i = 0; i < errors.size() && i < rows.size(); ++i) {
        const coffer::errc code = errors[i];
        const bool row_is_right = rows[i].size() == 5 && rows[i][0] == fmt::format("`{}`", code) &&
                                  rows[i][1] == std::to_string(http_status(code)) &&
                                  rows[i][2] == wait_of(code);
        if (!row_is_right) fmt::print("row {} should be of {}\n", i + 1, code);
        right = right && row_is_right;
    }
    return right;
}

// [checked]
template <class Wallet>
int charge_image(Wallet acme) {
    auto receipt = acme.charge({.action = "image", .request = "image-1"});
    if (!receipt) {
        fmt::print("{}\n", receipt.error());  // unknown_action (image)
        return http_status(receipt.error());
    }
    fmt::print("{}\n", *receipt);
    return 200;
}
// [/checked]

// [unchecked]
template <class Wallet>
coffer::credits left(Wallet acme) {
    return acme.balance().or_throw().available;  // here an error is thrown as coffer::failure
}
// [/unchecked]

}  // namespace

int main() {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto acme = wallets["acme"];
    holds(charge_image(acme) == 400);
    holds(left(acme) == 0_cr);

    // [what]
    coffer::error why = coffer::errc::invalid_argument;
    why.about("chat").in("expires_in", "has to be positive");
    holds(fmt::format("{}", why) == "invalid_argument (chat): expires_in has to be positive");
    holds(coffer::failure{why}.what() == fmt::format("{}", why));
    // [/what]

    const coffer::result<coffer::instant> when = coffer::parse_instant("yesterday");
    try {
        (void)when->time_since_epoch();  // nobody asked whether there is one
        holds(false);
    } catch (const coffer::failure& thrown) {
        holds(thrown.why().field() == "instant");
    }

    holds(table_is_right());
    return figures.verdict(6);
}

#include "support/catch.hpp"

#include <coffer/amount/amount.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/print.hpp>
#include <coffer/base/result.hpp>
#include <coffer/time/instant.hpp>

#include <functional>
#include <iomanip>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <type_traits>

using coffer::errc;
using coffer::error;
using coffer::result;
using namespace coffer::literals;

namespace {

template <class T>
std::string printed(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

}  // namespace

TEST_CASE("a failed comparison shows the values that were compared") {
    using Catch::Detail::stringify;
    CHECK(stringify(501_cr) == "501");
    CHECK(stringify(0.25_cr_each) == "0.25");
    CHECK(stringify(1.5_units) == "1.5");
    CHECK(stringify(coffer::money::from_minor(500, "USD")) == "5.00 USD");
    CHECK(stringify(errc::too_late) == "too_late");
    CHECK(stringify(error{errc::unknown_lot}.about("gift")) == "unknown_lot (gift)");
    CHECK(stringify(coffer::wallet_id{"acme"}) == "acme");
    CHECK(stringify(coffer::entry_id{7}) == "7");
    CHECK(stringify(result<coffer::credits>{5_cr}) == "5");
    CHECK(stringify(5_cr + 2_cr) == "7");
    CHECK(stringify(coffer::credits::max() + 1_cr) == "amount_overflow");
}

TEST_CASE("a result prints as what it holds, and names what has no text") {
    struct mute {};
    struct told {
        std::string text() const { return "prices.json:12: no object"; }
    };
    CHECK(printed(result<int>{7}) == "7");
    CHECK(printed(result<void>{}) == "ok");
    CHECK(printed(result<void>{errc::conflict}) == "conflict");
    CHECK(printed(result<mute>{mute{}}) == "a value");
    CHECK(printed(result<mute>{errc::conflict}) == "conflict");
    CHECK(printed(result<int, mute>{mute{}}) == "an error");
    CHECK(printed(result<int, told>{told{}}) == "prices.json:12: no object");
    CHECK(printed(result<std::unique_ptr<int>>{errc::conflict}) == "conflict");
}

TEST_CASE("an inserted value minds the width and fill of its stream") {
    std::ostringstream out;
    out << std::setw(8) << 12.5_cr << '|' << std::left << std::setfill('.') << std::setw(10)
        << errc::conflict << '|';
    CHECK(out.str() == "    12.5|conflict..|");
}

TEST_CASE("what is not coffer's own prints as it did, even where coffer's names are in use") {
    using namespace coffer;
    static_assert(!detail::printing::printable<int>);
    static_assert(!detail::printing::printable<std::string>);
    static_assert(
        !detail::printing::printable<std::true_type>);  // the standard has a to_string for it
    static_assert(!detail::printing::printable<std::reference_wrapper<double>>);
    static_assert(!detail::printing::printable<std::optional<credits>>);
    static_assert(!detail::printing::printable<char[5]>);  // would become a wallet's name
    std::ostringstream out;
    out << "text" << std::string{" and "} << 1.5 << std::true_type{};
    CHECK(out.str() == "text and 1.51");
}

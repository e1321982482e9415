#include "amount/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/amount/money.hpp>

#include <string>

using coffer::credits;
using coffer::currency;
using coffer::errc;
using coffer::money;
using coffer::rounding;
using coffer_test::big;
using coffer_test::edgy_numbers;
using coffer_test::fitting;
using namespace coffer::literals;

TEST_CASE("a currency is three upper-case letters and nothing else") {
    CHECK((*currency::parse("USD")).code() == "USD");
    CHECK(currency::parse("USD") == currency{"USD"});
    const char* text = GENERATE("", "US", "USDT", "usd", "UsD", "U D", "U\xc3\x84", "123", "   ");
    CAPTURE(text);
    CHECK(currency::parse(text) == errc::invalid_argument);
    CHECK(currency::parse(std::string_view{"US\0", 3}) == errc::invalid_argument);
    CHECK(currency::parse(std::string_view{"\0\0\0", 3}) == errc::invalid_argument);
}

TEST_CASE("a currency has the decimals that ISO 4217 gives it") {
    const auto decimals = [](const std::string& code) {
        return (*currency::parse(code)).decimals();
    };
    // All codes of list one that have minor units.
    const struct {
        int decimals;
        std::string_view codes;
    } lists[] = {
        {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
        {2,
         "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
         "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP "
         "GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT "
         "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN "
         "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
         "SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES "
         "WST XAD XCD XCG YER ZAR ZMW ZWG"},
        {3, "BHD IQD JOD KWD LYD OMR TND"},
        {4, "CLF UYW"},
    };
    std::size_t count = 0;
    for (const auto& list : lists) {
        for (std::size_t at = 0; at < list.codes.size(); at += 4, ++count) {
            const std::string code{list.codes.substr(at, 3)};
            CAPTURE(code);
            CHECK(decimals(code) == list.decimals);
        }
    }
    CHECK(count == 166);
    CHECK(decimals("ZZZ") == 2);
}

TEST_CASE("money is zero of no currency until something says otherwise") {
    CHECK(money{}.is_none());
    CHECK_FALSE(money{}.has_currency());
    CHECK(money{}.is_zero());
    CHECK(money{}.in().code().empty());
    CHECK(money{} != money::from_minor(0, "USD"));
    CHECK(money::from_minor(-1, "USD").is_negative());
    CHECK(money::from_minor(1, "USD").is_positive());
}

TEST_CASE("money reads as a decimal, one blank and a currency") {
    CHECK(money::parse("5.00 USD") == money::from_minor(500, "USD"));
    CHECK(money::parse("5 USD") == money::from_minor(500, "USD"));
    CHECK(money::parse("-0.01 EUR") == money::from_minor(-1, "EUR"));
    CHECK(money::parse("500 JPY") == money::from_minor(500, "JPY"));
    CHECK(money::parse("1.234 KWD") == money::from_minor(1234, "KWD"));
    CHECK(money::parse("92233720368547758.07 USD") ==
          money::from_minor(std::numeric_limits<std::int64_t>::max(), "USD"));
    CHECK(money::parse("92233720368547758.08 USD") == errc::amount_overflow);
}

TEST_CASE("money that is not written so, or has more decimals than its currency, is refused") {
    const char* text = GENERATE("", "USD", " USD", "5.00", "5.00USD", "5.00  USD", " 5.00 USD",
                                "5.00 USD ", "5.00 usd", "$5.00", "USD 5.00", "5,00 EUR", "5. USD",
                                "5.001 USD", "0.5 JPY", "1.2345 KWD", "5.00\tUSD", "- USD");
    CAPTURE(text);
    CHECK(money::parse(text) == errc::invalid_argument);
}

TEST_CASE("money adds and subtracts exactly within a currency, or is amount_overflow") {
    edgy_numbers random{31};
    int fitted = 0;
    int overflowed = 0;
    const auto agrees = [&](const coffer::checked<money>& got, const big& exact) {
        const auto want = fitting(exact);
        ++(want ? fitted : overflowed);
        return want ? got == money::from_minor(*want, "EUR") : got == errc::amount_overflow;
    };
    for (int i = 0; i < 150'000; ++i) {
        const std::int64_t a = random.any();
        const std::int64_t b = random.any();
        const auto x = money::from_minor(a, "EUR");
        const auto y = money::from_minor(b, "EUR");
        const bool same =
            agrees(x + y, big{a} + b) && agrees(x - y, big{a} - b) && agrees(x * b, big{a} * b);
        if (!same) FAIL(a << " and " << b);
    }
    CHECK(fitted > 50'000);
    CHECK(overflowed > 50'000);
}

TEST_CASE("money of two currencies does not mix, not even zero") {
    const auto dollars = money::from_minor(100, "USD");
    CHECK(dollars + money::from_minor(0, "EUR") == errc::invalid_argument);
    CHECK(dollars - money::from_minor(100, "EUR") == errc::invalid_argument);
    CHECK(dollars + money{} == errc::invalid_argument);
    CHECK(money{} + money{} == money{});
    CHECK(dollars + dollars - money::from_minor(1, "EUR") == errc::invalid_argument);
    CHECK(dollars + dollars - dollars == dollars);
    CHECK(dollars != money::from_minor(100, "EUR"));
}

TEST_CASE("the unspent part of a purchase is scaled once, to the minor unit") {
    const auto paid = money::from_minor(999, "USD");
    CHECK(scale(paid, 1_cr, 3_cr, rounding::down) == money::from_minor(333, "USD"));
    CHECK(scale(paid, 2_cr, 3_cr, rounding::down) == money::from_minor(666, "USD"));
    CHECK(scale(money::from_minor(1000, "USD"), 2_cr, 3_cr, rounding::down) ==
          money::from_minor(666, "USD"));
    CHECK(scale(paid, 1_cr, 0_cr, rounding::down) == errc::invalid_argument);
    CHECK(scale(paid, 1, -3, rounding::down) == errc::invalid_argument);

    edgy_numbers random{32};
    for (int i = 0; i < 150'000; ++i) {
        const std::int64_t amount = random.any();
        const std::int64_t part = random.any();
        const std::int64_t whole = random.positive();
        const auto mode = random.mode();
        const auto want = fitting(coffer_test::rounded_quotient(big{amount} * part, whole, mode));
        const auto got = scale(money::from_minor(amount, "EUR"), credits::from_micros(part),
                               credits::from_micros(whole), mode);
        const bool same =
            want ? got == money::from_minor(*want, "EUR") : got == errc::amount_overflow;
        if (!same) FAIL(amount << " * " << part << " / " << whole);
    }
}

TEST_CASE("money reads back as it is written, in every number of decimals") {
    edgy_numbers random{33};
    constexpr currency currencies[] = {"JPY", "USD", "KWD", "CLF"};
    for (int i = 0; i < 100'000; ++i) {
        const auto amount = money::from_minor(random.any(), currencies[random.below(4)]);
        const auto text = to_string(amount);
        if (!(money::parse(text.view()) == amount)) FAIL(std::string{text.view()});
    }
}

TEST_CASE("money of a constant is written in its currency's decimals") {
    STATIC_REQUIRE(eur("10.00") == money::from_minor(1'000, "EUR"));
    STATIC_REQUIRE(usd("0.5") == money::from_minor(50, "USD"));
    STATIC_REQUIRE(gbp("-3") == money::from_minor(-300, "GBP"));
}

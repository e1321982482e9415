#include "support/catch.hpp"

#include <coffer/io/json_reader.hpp>

#include <string>
#include <string_view>

using namespace coffer::literals;

namespace {

/// A document and a reader of it.
struct document {
    explicit document(std::string_view text)
        : json(coffer::read_json(text, "doc").or_throw()), root{&json, "doc"} {}

    coffer::json_place operator[](std::string_view key) const { return root[key]; }

    nlohmann::json json;
    coffer::json_place root;
    coffer::json_reader read{};
};

/// Where and why a text is no document; empty if it is one.
std::string why_not(std::string_view text) {
    const auto json = coffer::read_json(text, "doc");
    return json ? "" : json.error().text();
}

/// Where and why a reading failed; empty if it did not.
template <class Read>
std::string why_not(std::string_view text, Read read) {
    document doc{text};
    read(doc);
    return doc.read.good() ? "" : doc.read.error().text();
}

std::string times(std::string_view text, int n) {
    std::string all;
    for (int i = 0; i < n; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("a text that is no JSON is refused") {
    for (std::string_view text : {"", "{", "}", "nul", "{\"a\":}", "{\"a\":1,}", "[1 2]",
                                  "\"\xff\"", "'a'", "{} {}", "{\"a\":1e999999}", "\"\\ud800\""}) {
        CAPTURE(text);
        CHECK(coffer::read_json(text) == coffer::errc::invalid_argument);
    }
    CHECK(why_not("{\"a\": oops}") == "doc: is no JSON: see byte 7");
    CHECK(why_not("{\"a\": 1}") == "");
}

TEST_CASE("a byte order mark is no part of a text, and UTF-16 is named") {
    CHECK(coffer::read_json("\xEF\xBB\xBF{\"a\": 1}").or_throw()["a"] == 1);
    CHECK(why_not("\xEF\xBB{}") == "doc: is no JSON: see byte 3");
    CHECK(why_not("\xFF\xFE{") == "doc: is UTF-16: JSON files are UTF-8");
    CHECK(why_not("\xFE\xFF{") == "doc: is UTF-16: JSON files are UTF-8");
}

TEST_CASE("a key that stands twice is refused at its place") {
    CHECK(why_not(R"({"a": 1, "b": 2, "a": 3})") == "doc.a: the key stands twice");
    CHECK(why_not(R"({"a": [{}, 7, {"b": {"c": 1, "c": 1}}]})") ==
          "doc.a[2].b.c: the key stands twice");
    CHECK(why_not(R"([[], [{"x": 1, "x": 1}]])") == "doc[1][0].x: the key stands twice");
    CHECK(why_not(R"({"a": {"x": 1}, "b": {"x": 1}})") == "");
}

TEST_CASE("values that are nested too deeply are refused, however deep") {
    CHECK(why_not(times("[", 64) + times("]", 64)) == "");
    CHECK(coffer::read_json(times("[", 65) + times("]", 65)) == coffer::errc::invalid_argument);
    CHECK(coffer::read_json(times("[", 1'000'000)) == coffer::errc::invalid_argument);
    CHECK(coffer::read_json(times("{\"a\":", 1'000'000)) == coffer::errc::invalid_argument);
}

TEST_CASE("a text beyond 16 MiB is too_many") {
    std::string text(coffer::max_json_size - 2, ' ');
    CHECK(why_not(text + "{}") == "");
    CHECK(coffer::read_json(text + "{} ") == coffer::errc::too_many);
}

TEST_CASE("an object has the keys that are known, and those that are needed") {
    const std::string_view text = R"({"a": {"x": "1", "y": "2"}, "b": 3})";
    auto keys = [&](auto... known) {
        return why_not(text, [&](document& d) { d.read.object(d["a"], {known...}); });
    };
    CHECK(keys("x", "y", "z") == "");
    CHECK(keys("x") == "doc.a.y: there is no such key");
    CHECK(why_not(text, [](document& d) { d.read.object(d["b"], {}); }) == "doc.b: is no object");
    CHECK(why_not(text, [](document& d) { d.read.need(d["a"], "z"); }) == "doc.a: there is no 'z'");
    coffer::json_reader read;
    const nlohmann::json empty = nlohmann::json::object();
    read.need(coffer::json_place{&empty, ""}, "plan");
    CHECK(read.error().text() == "plan: there is no 'plan'");
}

TEST_CASE("the first thing that is wrong is told, and what follows is harmless") {
    document doc{R"({"a": "x", "b": "y", "c": 5})"};
    (void)doc.read.amount(doc["a"]);
    (void)doc.read.duration(doc["b"]);
    (void)doc.read.elements(doc["c"]);
    (void)doc.read.members(doc["c"]);
    CHECK_FALSE(doc.read.good());
    CHECK(doc.read.error().path == "doc.a");
}

TEST_CASE("what is read from no place says nothing and is no mistake of its own") {
    coffer::json_reader read;
    const coffer::json_place none;
    CHECK(read.text(none).empty());
    CHECK(read.name(none, 5).empty());
    CHECK_FALSE(read.flag(none));
    CHECK(read.count(none, 2, 5) == 2);
    CHECK(read.amount(none).is_zero());
    CHECK(read.duration(none).is_zero());
    CHECK(read.elements(none).empty());
    CHECK(read.members(none).empty());
    CHECK_FALSE(read.need(none, "a"));
    CHECK(read.good());
}

TEST_CASE("what is exact is read from texts, digit by digit") {
    document d{R"({"amount": "-12.500001", "rate": "0.000000000001", "units": "1e3",
                   "price": "5.00 USD", "span": "10 minutes",
                   "when": "2026-01-31T10:00:00.000001Z"})"};
    CHECK(d.read.amount(d["amount"]).micros() == -12'500'001);
    CHECK(d.read.rate(d["rate"]).picos() == 1);
    CHECK(d.read.quantity(d["units"]) == 1000_units);
    CHECK(d.read.payment(d["price"]) == coffer::money::from_minor(500, "USD"));
    CHECK(d.read.duration(d["span"]) == coffer::timespan{std::chrono::minutes{10}});
    CHECK(d.read.instant(d["when"]) == *coffer::parse_instant("2026-01-31T10:00:00.000001Z"));
    CHECK(d.read.good());
}

TEST_CASE("a number that is written as one is refused where it has to be exact") {
    for (std::string_view text : {"5", "5.0", "-5", "5e0", "18446744073709551615"}) {
        CAPTURE(text);
        const std::string all = "{\"n\": " + std::string{text} + "}";
        CHECK(why_not(all, [](document& d) { d.read.amount(d["n"]); }) ==
              "doc.n: is a number: write it as a text, such as \"12.5\"");
    }
    for (std::string_view text : {"null", "true", "[]", "{}"}) {
        CAPTURE(text);
        const std::string all = "{\"n\": " + std::string{text} + "}";
        CHECK(why_not(all, [](document& d) { d.read.amount(d["n"]); }) == "doc.n: is no text");
    }
}

TEST_CASE("a text that is not exactly a number is refused, and one beyond 64 bits overflows") {
    auto code = [](std::string_view text, auto read) {
        document d{"{\"n\": \"" + std::string{text} + "\"}"};
        read(d);
        return d.read.good() ? coffer::errc{} : d.read.error().code;
    };
    auto amount = [](document& d) { (void)d.read.amount(d["n"]); };
    for (std::string_view text : {"", " 1", "1 ", "+1", "1,5", ".5", "1.", "0x1", "1OO", "NaN",
                                  "0.0000001", "1e-7", "--1"}) {
        CAPTURE(text);
        CHECK(code(text, amount) == coffer::errc::invalid_argument);
    }
    for (std::string_view text : {"9223372036855", "1e30", "-9223372036854.775809"}) {
        CAPTURE(text);
        CHECK(code(text, amount) == coffer::errc::amount_overflow);
    }
    CHECK(code("9223372036854.775807", amount) == coffer::errc{});
    auto span = [](document& d) { (void)d.read.duration(d["n"]); };
    CHECK(code("12 moons", span) == coffer::errc::invalid_argument);
    CHECK(code("99999999999 months", span) == coffer::errc::amount_overflow);
    auto paid = [](document& d) { (void)d.read.payment(d["n"]); };
    CHECK(code("5.001 USD", paid) == coffer::errc::invalid_argument);
    CHECK(code("5 JPY", paid) == coffer::errc{});
    CHECK(code("1e30 USD", paid) == coffer::errc::amount_overflow);
}

TEST_CASE("a fraction is exact, and a percent is of a hundred") {
    auto share = [](std::string_view text, bool is_percent) {
        document d{"{\"n\": \"" + std::string{text} + "\"}"};
        const auto s = is_percent ? d.read.percent(d["n"]) : d.read.fraction(d["n"]);
        return d.read.good() ? std::to_string(s.numerator) + "/" + std::to_string(s.denominator)
                             : std::string{to_string(d.read.error().code)};
    };
    CHECK(share("0.5", false) == "5/10");
    CHECK(share("1", false) == "1/1");
    CHECK(share("0", false) == "0/1");
    CHECK(share("0.333333333333333333", false) == "333333333333333333/1000000000000000000");
    CHECK(share("0.3333333333333333333", false) == "invalid_argument");
    CHECK(share("25", true) == "25/100");
    CHECK(share("12.5", true) == "125/1000");
    CHECK(share("0.0000000000000001", true) == "1/1000000000000000000");
    CHECK(share("0.00000000000000001", true) == "invalid_argument");
    CHECK(share("1000000", true) == "1000000/100");
    for (std::string_view text : {"", "half", "1/2", "-0.5", "50%"}) {
        CAPTURE(text);
        CHECK(share(text, false) == "invalid_argument");
        CHECK(share(text, true) == "invalid_argument");
    }
    CHECK(share("1e30", false) == "amount_overflow");
    CHECK(share("10.000000000000000001", false) == "amount_overflow");
}

TEST_CASE("a count is a whole JSON number between its bounds") {
    auto count = [](std::string_view text) {
        document d{"{\"n\": " + std::string{text} + "}"};
        const std::int64_t n = d.read.count(d["n"], -2, 6);
        return d.read.good() ? std::to_string(n) : "refused";
    };
    CHECK(count("0") == "0");
    CHECK(count("-2") == "-2");
    CHECK(count("6") == "6");
    for (std::string_view text :
         {"7", "-3", "1.0", "\"1\"", "true", "null", "1e0", "9223372036854775808",
          "18446744073709551615", "-9223372036854775808", "100000000000000000000000"}) {
        CAPTURE(text);
        CHECK(count(text) == "refused");
    }
}

TEST_CASE("a choice says what there is to choose") {
    enum class colour { red, green };
    auto choose = [](document& d) {
        return d.read.choice<colour>(d["c"], {{"red", colour::red}, {"green", colour::green}});
    };
    document d{R"({"c": "green"})"};
    CHECK(choose(d) == colour::green);
    CHECK(why_not(R"({"c": "blue"})", choose) == "doc.c: 'blue' is none of red, green");
    CHECK(why_not(R"({"c": ""})", choose) == "doc.c: '' is none of red, green");
    CHECK(why_not(R"({"c": true})", choose) == "doc.c: is no text");
}

TEST_CASE("a zone that is not there is unknown_zone") {
    document d{R"({"z": "Europe/Berlin", "other": "Europe/Atlantis", "bad": "../etc/passwd"})"};
    CHECK(d.read.zone(d["z"]).name() == "Europe/Berlin");
    CHECK(d.read.good());
    (void)d.read.zone(d["other"]);
    REQUIRE_FALSE(d.read.good());
    CHECK(d.read.error().code == coffer::errc::unknown_zone);
    CHECK(d.read.error().path == "doc.other");
    document e{R"({"z": "../etc/passwd"})"};
    (void)e.read.zone(e["z"]);
    CHECK(e.read.error().code == coffer::errc::unknown_zone);
}

TEST_CASE("what an error quotes stays one short line") {
    const std::string long_key = times("key", 100);
    const std::string text = why_not("{\"" + long_key + "\": 1, \"" + long_key + "\": 2}");
    CHECK(text.size() < 120);
    document d{"{\"n\": \"one\\ntwo\\u0000" + times("\xc3\xa4", 100) + "\"}"};
    (void)d.read.amount(d["n"]);
    CHECK(d.read.error().message.find('\n') == std::string::npos);
    CHECK(d.read.error().message.size() < 140);
    CHECK(nlohmann::json::accept("\"" + d.read.error().message + "\""));  // whole letters
}

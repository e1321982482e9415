#include "support/catch.hpp"
#include "support/data.hpp"

#include <coffer/format.hpp>
#include <coffer/io/detail/model_reader.hpp>
#include <coffer/io/detail/price_source.hpp>
#include <coffer/io/model_prices.hpp>
#include <coffer/io/price_map.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <fstream>
#include <random>
#include <string>
#include <string_view>

using boost::multiprecision::cpp_int;
using coffer::errc;
using coffer::price_map;
using coffer::token_kind;
using coffer::token_kinds;
using coffer::usd;

namespace {

usd dollars(std::string_view text) { return coffer::usd::parse(text).or_throw(); }

coffer::rate credits_each(std::string_view text) { return coffer::rate::parse(text).or_throw(); }

/// The text of the error, or the empty text if there is none.
template <class T>
std::string complaint(const coffer::result<T, coffer::price_map_error>& r) {
    return r ? std::string{} : r.error().text();
}

std::string complaint_about(std::string_view json) {
    return complaint(price_map::parse(json, "p"));
}

coffer::cost::tokens prices_of(std::string_view json, std::string_view model = "m",
                               std::string_view usd_per_credit = "1") {
    const auto map = price_map::parse(json, "p");
    REQUIRE(complaint(map) == "");
    const auto tokens = map->tokens(model, dollars(usd_per_credit));
    REQUIRE(complaint(tokens) == "");
    return *tokens;
}

struct rate_texts {
    const char* input = nullptr;
    const char* output = nullptr;
    const char* reasoning = nullptr;
    const char* cached = nullptr;
    const char* cache_write = nullptr;
    const char* cache_write_1h = nullptr;
};

/// The rates of a model that states these; all others are what they cost without a price.
coffer::cost::token_rates rates_of(const rate_texts& t) {
    auto each = [](const char* own, const char* other) { return credits_each(own ? own : other); };
    const char* write = t.cache_write ? t.cache_write : t.input;
    return {.input = credits_each(t.input),
            .output = credits_each(t.output),
            .reasoning = each(t.reasoning, t.output),
            .cached = each(t.cached, t.input),
            .cache_write = credits_each(write),
            .cache_write_1h = each(t.cache_write_1h, write),
            .audio_input = credits_each(t.input),
            .audio_output = credits_each(t.output),
            .image_input = credits_each(t.input),
            .image_output = credits_each(t.output),
            .citation = credits_each(t.input)};
}

/// Why the model `m` with these lines of prices cannot be charged.
std::string refusal(const std::string& prices, std::string_view usd_per_credit = "1") {
    const auto map = price_map::parse("{\"m\": {\n" + prices + "}}", "p");
    REQUIRE(complaint(map) == "");
    return complaint(map->tokens("m", dollars(usd_per_credit)));
}

cpp_int ten_to(int exponent) {
    return boost::multiprecision::pow(cpp_int{10}, static_cast<unsigned>(exponent));
}

/// The count of 10^-60 that a decimal text writes.
cpp_int counted(std::string text) {
    int exponent = 60;
    if (const auto e = text.find_first_of("eE"); e != text.npos) {
        exponent += std::stoi(text.substr(e + 1));
        text.resize(e);
    }
    if (const auto point = text.find('.'); point != text.npos) {
        exponent -= static_cast<int>(text.size() - point - 1);
        text.erase(point, 1);
    }
    text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
    return cpp_int{text} * ten_to(exponent);
}

constexpr const char* full_model = R"({"m": {
    "input_cost_per_token": 3e-06,
    "output_cost_per_token": 1.5e-05,
    "output_cost_per_reasoning_token": 0.00002,
    "cache_read_input_token_cost": 3e-07,
    "cache_creation_input_token_cost": 3.75e-06
}})";

}  // namespace

TEST_CASE("an amount of dollars keeps every digit of its text") {
    CHECK(dollars("3.75e-06").text() == "0.00000375");
    CHECK(dollars("0.010").text() == "0.01");
    CHECK(dollars("0").text() == "0");
    CHECK(dollars("-0.50").text() == "-0.5");
    CHECK(dollars("1200").text() == "1200");
    CHECK(dollars("12.5E+3").text() == "12500");
    CHECK(dollars("123456789.012345678").text() == "123456789.012345678");
    CHECK(dollars("1e-40").text() == "0." + std::string(39, '0') + "1");
    CHECK(dollars("1.50e-7") == dollars("0.00000015"));
}

TEST_CASE("an amount of dollars that does not fit is refused, never rounded") {
    CHECK(usd::parse("1.234567890123456789") == errc::amount_overflow);
    CHECK(usd::parse("1e-41") == errc::amount_overflow);
    CHECK(usd::parse("1e19") == errc::amount_overflow);
    CHECK(usd::parse("1e-99999999999999999999") == errc::amount_overflow);
    for (const char* text : {"", ".5", "1.", "+1", "1e", "0x1", "1,5", " 1", "NaN"}) {
        CAPTURE(text);
        CHECK(usd::parse(text) == errc::invalid_argument);
    }
}

TEST_CASE("a price in credits is the exact quotient or none") {
    CHECK(to_credits(dollars("3e-06"), dollars("0.01")) == credits_each("0.0003"));
    CHECK(to_credits(dollars("0"), dollars("0.03")) == credits_each("0"));
    CHECK(to_credits(dollars("9e-06"), dollars("0.03")) == credits_each("0.0003"));
    CHECK(to_credits(dollars("1e-06"), dollars("0.03")) == errc::invalid_argument);
    CHECK(to_credits(dollars("1e-14"), dollars("0.01")) == credits_each("1e-12"));
    CHECK(to_credits(dollars("1e-15"), dollars("0.01")) == errc::invalid_argument);
    CHECK(to_credits(dollars("1e-06"), dollars("0")) == errc::invalid_argument);
    CHECK(to_credits(dollars("1e-06"), dollars("-0.01")) == errc::invalid_argument);
    CHECK(to_credits(dollars("1e9"), dollars("1e-9")) == errc::amount_overflow);
    CHECK(to_credits(dollars("999999999999999999"), dollars("1e-40")) == errc::amount_overflow);
}

TEST_CASE("prices in credits agree with division of integers of any size") {
    std::mt19937_64 random{20260131};  // a fixed seed: the same numbers in every run
    const auto below = [&](std::uint64_t n) { return random() % n; };
    int exact = 0;
    for (int round = 0; round < 20'000; ++round) {
        // Small factors, so that a good part divides evenly.
        const std::uint64_t price = 1 + below(1'000) * (1 + below(40));
        const std::uint64_t worth = (1 + below(30)) << below(20);
        const std::string price_text = std::to_string(price) + "e-" + std::to_string(below(16));
        const std::string worth_text = std::to_string(worth) + "e-" + std::to_string(below(12));
        CAPTURE(price_text, worth_text);
        const cpp_int picos = counted(price_text) * ten_to(coffer::rate::places);
        const cpp_int divisor = counted(worth_text);
        const auto each = to_credits(dollars(price_text), dollars(worth_text));
        if (picos % divisor != 0) {
            CHECK(each == errc::invalid_argument);
        } else if (picos / divisor > INT64_MAX) {
            CHECK(each == errc::amount_overflow);
        } else {
            REQUIRE(each);
            CHECK(cpp_int{each->picos()} == picos / divisor);
            ++exact;
        }
    }
    CHECK(exact > 1'000);
}

TEST_CASE("each price per token becomes the rate of its kind") {
    const auto prices = prices_of(full_model, "m", "0.01");
    CHECK(prices.rates == rates_of({.input = "0.0003",
                                    .output = "0.0015",
                                    .reasoning = "0.002",
                                    .cached = "0.00003",
                                    .cache_write = "0.000375"}));
    CHECK(prices.tiers.empty());
}

TEST_CASE("a kind without a price of its own is never free") {
    const auto prices = prices_of(R"({"m": {"input_cost_per_token": 2, "output_cost_per_token": 3,
                            "cache_read_input_token_cost": null}})");
    CHECK(prices.rates == rates_of({.input = "2", .output = "3"}));
    CHECK(prices.rates.audio_input == credits_each("2"));
    CHECK(prices.rates.image_output == credits_each("3"));
    CHECK(prices.implied ==
          token_kinds{token_kind::reasoning, token_kind::cached, token_kind::cache_write,
                      token_kind::cache_write_1h, token_kind::audio_input, token_kind::audio_output,
                      token_kind::image_input, token_kind::image_output, token_kind::citation});
    CHECK(prices.kinds({}) == token_kinds{token_kind::input, token_kind::output});
}

TEST_CASE("a tier begins above its bound, and what it leaves out costs what it costs below") {
    const auto prices = prices_of(R"({"m": {
        "output_cost_per_token_above_200k_tokens": 7,
        "input_cost_per_token_above_128k_tokens": 2,
        "cache_read_input_token_cost_above_200k_tokens": 0.5,
        "input_cost_per_token": 1,
        "output_cost_per_token": 5,
        "cache_creation_input_token_cost": 4
    }})");
    REQUIRE(prices.tiers.size() == 2);
    CHECK(prices.tiers[0].above_input == 128'000);
    CHECK(prices.tiers[0].rates == rates_of({.input = "2", .output = "5", .cache_write = "4"}));
    CHECK(prices.tiers[1].above_input == 200'000);
    CHECK(prices.tiers[1].rates ==
          rates_of({.input = "2", .output = "7", .cached = "0.5", .cache_write = "4"}));

    const auto cost = [&](std::int64_t input) {
        return prices.price({.action = "chat", .input_tokens = input})->total;
    };
    CHECK(cost(128'000) == coffer::credits::whole(128'000));
    CHECK(cost(128'001) == coffer::credits::whole(256'002));
    CHECK(cost(200'001) == coffer::credits::whole(400'002));
}

TEST_CASE("prices by the piece and of other levels are listed, and what concerns no money is not") {
    const auto map = price_map::parse(R"({"m": {
        "mode": "chat", "max_tokens": 4096, "supports_vision": true, "rate_limit": 60,
        "tokens_per_minute": 9000, "supports_tiered_pricing": true, "pricing_url": "https://a.b/1",
        "input_cost_per_image": 0.04,
        "input_cost_per_token_priority": 2e-06,
        "cache_creation_input_token_cost_above_1hr_batches": 6e-06,
        "input_cost_per_token_above_200k_tokens_priority": 4e-06,
        "output_cost_per_token_flex_above_200k_tokens": 4e-06,
        "regional_processing_uplift_multiplier_eu": 1.1,
        "input_cost_per_character": 0,
        "search_context_cost_per_query": {"low": 0.01, "input_cost_per_token": 7},
        "input_cost_per_token": 1, "output_cost_per_token": 2
    }})");
    REQUIRE(map);
    const auto* model = map->find("m");
    REQUIRE(model);
    CHECK(model->other ==
          std::vector<std::string>{"pricing_url", "input_cost_per_image",
                                   "input_cost_per_token_priority",
                                   "cache_creation_input_token_cost_above_1hr_batches",
                                   "input_cost_per_token_above_200k_tokens_priority",
                                   "output_cost_per_token_flex_above_200k_tokens",
                                   "regional_processing_uplift_multiplier_eu",
                                   "input_cost_per_character", "search_context_cost_per_query"});
    CHECK(model->unrepresented.empty());
    CHECK(model->tiers.empty());
    CHECK(model->base.input->each == dollars("1"));
}

TEST_CASE("a price that cannot be represented is reported with its line and refuses its model") {
    const std::string good = "\"output_cost_per_token\": 1,\n";
    CHECK(refusal(good + "\"input_cost_per_token\": -2e-06") ==
          "p:3: model 'm': input_cost_per_token is negative: -2e-06");
    CHECK(refusal(good + "\"input_cost_per_token\": \"2e-06\"") ==
          "p:3: model 'm': input_cost_per_token is a text, not a number: \"2e-06\"");
    CHECK(refusal(good + "\"input_cost_per_token\": 0.1234567890123456789") ==
          "p:3: model 'm': input_cost_per_token has more digits than fit: 0.1234567890123456789");
    CHECK(refusal(good + "\"input_cost_per_token\": {}") ==
          "p:3: model 'm': input_cost_per_token is no number");
    CHECK(refusal(good + "\"input_cost_per_token\": [1]") ==
          "p:3: model 'm': input_cost_per_token is no number");
    CHECK(refusal(good + "\"input_cost_per_token\": true") ==
          "p:3: model 'm': input_cost_per_token is no number");
    CHECK(refusal(good + "\n\"input_cost_per_token\":\n1,\n\"output_cost_per_token\": 1") ==
          "p:6: model 'm': output_cost_per_token stands twice, here and in line 2");
    CHECK(refusal("\"input_cost_per_token_above_9999999999999999k_tokens\": 1") ==
          "p:2: model 'm': input_cost_per_token_above_9999999999999999k_tokens has a bound that "
          "is zero or does not fit 64 bits");
    CHECK(refusal("\"input_cost_per_token_above_0k_tokens\": 1") ==
          "p:2: model 'm': input_cost_per_token_above_0k_tokens has a bound that is zero or does "
          "not fit 64 bits");
    CHECK(refusal("\"input_cost_per_token\": \"1\\n2\"") ==
          "p:2: model 'm': input_cost_per_token is a text, not a number: \"1?2\"");
    // Both are in the list; the other models stay usable.
    const auto map = price_map::parse(R"({
        "m": {"input_cost_per_token": -1, "output_cost_per_token": "2"},
        "n": {"input_cost_per_token": 1, "output_cost_per_token": 2}})");
    REQUIRE(map);
    CHECK(map->find("m")->unrepresented.size() == 2);
    CHECK(map->tokens("n", dollars("1")));
}

TEST_CASE("a model without prices of input and output, or with inexact ones, cannot be charged") {
    CHECK(refusal("\"input_cost_per_token\": 1") ==
          "p:1: model 'm': it has no output_cost_per_token");
    CHECK(refusal("\"output_cost_per_token\": 1") ==
          "p:1: model 'm': it has no input_cost_per_token");
    CHECK(refusal("\"input_cost_per_token\": 3e-06,\n\"output_cost_per_token\": 1e-06", "0.03") ==
          "p:3: model 'm': output tokens cost 0.000001 dollars each; at 0.03 dollars a credit that "
          "is no rate of at most twelve decimals");
    CHECK(refusal("\"input_cost_per_token\": 1,\n\"output_cost_per_token\": 1,\n"
                  "\"input_cost_per_token_above_1k_tokens\": 1e-13")
              .starts_with("p:4: "));
}

TEST_CASE("a model that stands twice cannot be charged, others can") {
    const auto map = price_map::parse(R"({
"m": {"input_cost_per_token": 1, "output_cost_per_token": 1},
"n": {"input_cost_per_token": 1, "output_cost_per_token": 1},
"m": {"input_cost_per_token": 2, "output_cost_per_token": 2}})",
                                      "p");
    REQUIRE(map);
    CHECK(map->models().size() == 2);
    CHECK(complaint(map->tokens("m", dollars("1"))) ==
          "p:4: model 'm': the model stands twice, here and in line 2");
    CHECK(map->tokens("n", dollars("1")));
}

TEST_CASE("models are found by name, and a name that is almost right is suggested") {
    const auto map = price_map::parse(R"({"swift-2": {}, "swift-1": {}, "heron": {}})", "p");
    REQUIRE(map);
    REQUIRE(map->models().size() == 3);
    CHECK(map->models()[0].name == "heron");
    CHECK(map->models()[2].name == "swift-2");
    CHECK(map->find("swift") == nullptr);
    CHECK(map->find("swift-2") == &map->models()[2]);
    CHECK(map->nearest("hero") == map->find("heron"));
    CHECK(map->nearest("penguin") == nullptr);
    CHECK(complaint(map->tokens("swift2", dollars("1"))) ==
          "p: there is no model 'swift2' in it; did you mean 'swift-2'?");
    CHECK(complaint(map->tokens("penguin", dollars("1"))) ==
          "p: there is no model 'penguin' in it");
}

TEST_CASE("a text that is no price map is refused with the line that is wrong") {
    CHECK(complaint_about("") == "p:1: this is no JSON: it ends too early");
    CHECK(complaint_about("{\n\"m\": {\n") == "p:3: this is no JSON: it ends too early");
    CHECK(complaint_about("{\n\"m\": {]}\n}") == "p:2: this is no JSON: \"m\": {]}");
    CHECK(complaint_about("{\n  \"m\n\": {}}") == "p:2: this is no JSON: \"m");
    CHECK(complaint_about("{}\n{}") == "p:2: this is no JSON: {}");
    CHECK(complaint_about("[]") == "p:1: a price map is a JSON object of models");
    CHECK(complaint_about("7") == "p:1: a price map is a JSON object of models");
    CHECK(complaint_about("{\n\"m\": 7}") == "p:2: model 'm' is no JSON object");
    CHECK(complaint_about("{\n\"m\": []}") == "p:2: model 'm' is no JSON object");
    CHECK(complaint_about("{\"m\": null}") == "p:1: model 'm' is no JSON object");
    CHECK(complaint_about("{\"m\": {\"x\": 1e999}}") ==
          "p:1: a number is larger than any price: 1e999");
    CHECK(price_map::parse("{}")->models().empty());
}

TEST_CASE("a file that cannot be read is refused by its name") {
    const auto gone = price_map::load("/nonexistent/prices.json");
    REQUIRE(!gone);
    CHECK(gone.error().text().starts_with("/nonexistent/prices.json: the file cannot be read"));
    CHECK(gone.error().line == 0);
    CHECK(coffer::error{gone.error()} == errc::invalid_argument);
    CHECK(!price_map::load("/"));
}

TEST_CASE("the decimal point of the program's locale does not change a price") {
    struct {
        std::string text;
        void take(coffer::detail::written_value v) { text = v.text; }
    } taker;
    std::size_t lines = 0;
    coffer::detail::price_source reader{"", lines, taker};
    std::string key = "x";
    reader.start_object(1);
    reader.key(key);
    reader.number_float(0, "3,75e-06");  // as the parser hands it over in such a locale
    CHECK(taker.text == "3.75e-06");
}

TEST_CASE("every price per token of a real price map is read to the last digit") {
    const auto path = coffer_test::find_data("model_prices.json");
    if (!path) return;
    const auto map = price_map::load(path->string());
    REQUIRE(complaint(map) == "");

    // The file has one key in each line, models less indented than their prices: enough for a
    // second, simpler reader.
    std::ifstream file{*path};
    std::size_t prices = 0;
    std::size_t line_number = 0;
    const coffer::model_prices* model = nullptr;
    for (std::string line; std::getline(file, line);) {
        ++line_number;
        const auto key = line.substr(line.find('"') + 1, line.rfind('"') - line.find('"') - 1);
        if (line.starts_with("  \"")) {
            model = map->find(key);
            REQUIRE(model);
            CHECK(model->line == line_number);
            for (const auto& p : model->unrepresented) {
                CAPTURE(model->name, p.key);  // nothing else than these is in the way
                CHECK((p.key.ends_with("_per_second") || p.key.ends_with("_audio_token_cost") ||
                       p.key.ends_with("_video_token")));
            }
        }
        for (const auto& known : coffer::detail::token_price_keys) {
            if (line.find("    \"" + std::string{known.name} + "\": ") != 0) continue;
            CAPTURE(model->name, line);
            const auto& read = model->base.*(known.price);
            REQUIRE(read);
            const std::string value = line.substr(line.find(": ") + 2);
            CHECK(counted(read->each.text()) == counted(value.substr(0, value.find(','))));
            if (read->key == known.name) CHECK(read->line == line_number);
            ++prices;
        }
    }
    CHECK(map->models().size() > 200);
    CHECK(prices > 600);
    std::size_t sold = 0;
    for (const auto& m : map->models()) sold += map->tokens(m.name, dollars("0.001")) ? 1u : 0u;
    CHECK(sold * 10 > map->models().size() * 8);
}

TEST_CASE("an error of a price map prints its text, also in a result") {
    const coffer::price_map_error e{.source = "prices.json", .line = 12, .sentence = "no"};
    CHECK(fmt::format("{}", e) == "prices.json:12: no");
    CHECK(fmt::format("[{:>20}]", e) == "[  prices.json:12: no]");
    const auto unread = coffer::price_map::load("/no/such/file.json");
    REQUIRE_FALSE(unread);
    CHECK(fmt::format("{}", unread.error()) == unread.error().text());
}

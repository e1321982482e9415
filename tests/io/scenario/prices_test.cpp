#include "support/catch.hpp"

#include <coffer/io/scenario/prices.hpp>

#include <nlohmann/json.hpp>

#include <string>

using namespace coffer::literals;
using nlohmann::json;

namespace {

struct read_request {
    coffer::detail::reprice_request request;
    std::string wrong;
};
read_request read(const std::string& written) {
    const json document = json::parse(written);
    coffer::detail::reprice_reader reader;
    read_request read{reader.replacement({&document, "reprice"}), {}};
    if (!reader.good()) read.wrong = reader.error().text();
    return read;
}

}  // namespace

TEST_CASE("other prices are written as those of a plan", "[scenario]") {
    const auto all = read(R"({"costs": {"chat": "2", "voice": {"rate": "3", "per": "1 minute"}}})");
    REQUIRE(all.wrong.empty());
    const auto price = [&](coffer::usage u) { return all.request.prices.price(u); };
    CHECK(price({.action = "chat"}).or_throw().total == 2_cr);
    CHECK(price({.action = "voice", .quantity = 2_units}).or_throw().total == 6_cr);
    CHECK(price({.action = "image"}) == coffer::errc::unknown_action);
}

TEST_CASE("other prices say nothing else, and no price that is none", "[scenario]") {
    CHECK(read("{}").wrong == "reprice: there is no 'costs'");
    CHECK(read(R"("5")").wrong == "reprice: is no object");
    CHECK(read(R"({"costs": {}, "id": "r"})").wrong == "reprice.id: there is no such key");
    CHECK(read(R"({"costs": {"chat": "-1"}})").wrong.find("reprice.costs.chat: ") == 0);
    CHECK(read(R"({"costs": {"chat": 1}})").wrong.find("reprice.costs.chat: ") == 0);
}

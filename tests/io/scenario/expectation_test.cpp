#include "support/catch.hpp"

#include <coffer/io/scenario/expectation.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace coffer::literals;
using coffer::detail::expectation;
using coffer::detail::observable;
using nlohmann::json;

namespace {

struct read_expectations {
    json document;
    std::vector<expectation> all{};
    std::string wrong{};

    explicit read_expectations(const std::string& written) : document(json::parse(written)) {
        coffer::detail::expectation_reader reader;
        all = reader.expectations({&document, "expect"});
        if (!reader.good()) wrong = reader.error().text();
    }
};

}  // namespace

TEST_CASE("each value that is expected is looked for by itself", "[scenario]") {
    const read_expectations read{
        R"({"available": "5", "buckets": {"a": "1", "b": "2"}, "took": {"a#0": "1"}})"};
    REQUIRE(read.wrong.empty());
    std::vector<std::string> keys;
    for (const expectation& e : read.all) keys.push_back(e.key);
    CHECK(keys ==
          std::vector<std::string>{"available", "buckets.a", "buckets.b", "took.a#0", "took"});
    CHECK(read.all[0].amount == 5_cr);
    CHECK(read.all[1].what == observable::bucket);
    CHECK(read.all[1].name == "a");
    CHECK(read.all.back().what == observable::all_taken);  // from no other lot
    CHECK(read.all.back().named == std::vector<std::string_view>{"a#0"});
}

TEST_CASE("a number that is no amount of credits can be expected, and never comes", "[scenario]") {
    const read_expectations read{R"({"available": "0.0000001", "held": "99999999999999999999"})"};
    CHECK(read.wrong.empty());
    REQUIRE(read.all.size() == 2);
    for (const expectation& e : read.all) CHECK_FALSE(e.amount);
}

TEST_CASE("what no step shows cannot be expected", "[scenario]") {
    for (const char* written :
         {R"("5")", R"({"avialable": "5"})", R"({"available": 5})", R"({"available": "five"})",
          R"({"buckets": "5"})", R"({"money": "5"})", R"({"alerts": "low"})"}) {
        INFO(written);
        CHECK_FALSE(read_expectations{written}.wrong.empty());
    }
}

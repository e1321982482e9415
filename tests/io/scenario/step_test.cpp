#include "support/catch.hpp"

#include <coffer/io/scenario/step.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <variant>

using namespace coffer::literals;
namespace detail = coffer::detail;
using coffer::errc;
using nlohmann::json;

namespace {

/// A step, with the document that its texts stand in.
struct read_step {
    json document;
    detail::scenario_step step{};
    std::string wrong{};

    explicit read_step(const std::string& members, std::optional<coffer::instant> now = {})
        : document(json::parse(R"({"at": "2026-01-02T00:00:00Z", )" + members + "}")) {
        detail::step_reader reader;
        step = reader.step({&document, "steps[0]"}, now);
        if (!reader.good()) wrong = reader.error().text();
    }
};

template <class Request>
bool asks_for(const std::string& members) {
    const read_step read{members};
    CHECK(read.wrong == "");
    return std::holds_alternative<Request>(read.step.request);
}

}  // namespace

TEST_CASE("each verb of a scenario is one request of the library", "[scenario]") {
    CHECK(asks_for<detail::pass_request>(R"("pass": {})"));
    CHECK(asks_for<coffer::start_request>(R"("start": {})"));
    CHECK(
        asks_for<coffer::grant_request>(R"("grant": {"lot": "P", "bucket": "b", "amount": "1"})"));
    CHECK(asks_for<coffer::charge_request>(R"("charge": {"amount": "1"})"));
    CHECK(asks_for<coffer::hold_request>(R"("hold": {"amount": "1", "for": "1 hour"})"));
    CHECK(asks_for<coffer::settle_request>(R"("settle": {"hold": "h"})"));
    CHECK(asks_for<coffer::release_request>(R"("release": {"hold": "h"})"));
    CHECK(asks_for<detail::standing_request>(R"("pause": {})"));
    CHECK(asks_for<detail::intent_request>(R"("fail_recharge": {})"));
    CHECK(asks_for<detail::allowance_request>(R"("change_plan": {"allowance": {"b": "1"}})"));
    CHECK(asks_for<coffer::add_on_request>(R"("add_on": {"bucket": "b", "allowance": "1"})"));
    CHECK(asks_for<coffer::configure_request>(R"("configure": {"alerts": "none"})"));
    CHECK(asks_for<detail::reprice_request>(R"("reprice": {"costs": {}})"));
}

TEST_CASE("a step has one verb, and goes on in time unless it is late", "[scenario]") {
    CHECK_FALSE(read_step{R"("error": "x")"}.wrong.empty());
    CHECK_FALSE(read_step{R"("pass": {}, "start": {})"}.wrong.empty());
    CHECK_FALSE(read_step{R"("dance": {})"}.wrong.empty());
    const auto later = coffer::parse_instant("2026-01-02T00:00:01Z").or_throw();
    CHECK(read_step{R"("pass": {})", later}.wrong.find("steps[0].at: goes backwards") == 0);
    CHECK(read_step{R"("charge": {"amount": "1"}, "late": true)", later}.wrong.empty());
}

TEST_CASE("a step says who asks, and why, where somebody asks a wallet", "[scenario]") {
    const read_step told{R"("charge": {"amount": "1"}, "actor": "ann", "reason": "a test")"};
    CHECK(told.step.actor == "ann");
    CHECK(told.step.reason == "a test");
    CHECK_FALSE(read_step{R"("pass": {}, "actor": "ann")"}.wrong.empty());
    CHECK_FALSE(read_step{R"("reprice": {"costs": {}}, "actor": "ann")"}.wrong.empty());
    CHECK_FALSE(read_step{R"("reprice": {"costs": {}}, "late": true)"}.wrong.empty());
}

TEST_CASE("a wrong value refuses the step, and a wrong form the scenario", "[scenario]") {
    CHECK(read_step{R"("charge": {"amount": "x"})"}.step.flaw == errc::invalid_argument);
    CHECK(read_step{R"("charge": {"amount": "99999999999999999999"})"}.step.flaw ==
          errc::amount_overflow);
    const read_step twice{R"("configure": {"alerts": ["5", "5"]})"};
    CHECK(twice.wrong.empty());
    CHECK(twice.step.flaw == errc::invalid_argument);
    CHECK_FALSE(read_step{R"("charge": {"amount": 1})"}.wrong.empty());
    CHECK_FALSE(read_step{R"("charge": {"amuont": "1"})"}.wrong.empty());
}

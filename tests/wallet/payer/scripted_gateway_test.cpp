#include "support/catch.hpp"

#include <coffer/testing/scripted_gateway.hpp>

#include <cstddef>
#include <string>

using namespace coffer::literals;
using coffer::errc;
using coffer::payment_request;
using coffer::payment_state;
using coffer::testing::does;
using coffer::testing::scripted_gateway;

namespace {

payment_request paying(std::string key) { return {.key = std::move(key), .price = eur("10.00")}; }

}  // namespace

TEST_CASE("a scripted gateway charges a key once, until it forgets it") {
    scripted_gateway gateway;
    CHECK(*gateway.find("a") == std::nullopt);
    const auto first = gateway.charge(paying("a")).or_throw();
    CHECK(first.state == payment_state::succeeded);
    CHECK(first.paid == eur("10.00"));
    CHECK(gateway.charge(paying("a")) == first);
    CHECK(**gateway.find("a") == first);
    CHECK(gateway.taken("a") == 1);
    gateway.forget_keys();
    CHECK(**gateway.find("a") == first);
    CHECK_FALSE(gateway.charge(paying("a")) == first);
    CHECK(gateway.taken("a") == 2);
    CHECK(gateway.taken() == 2);
    CHECK(gateway.charges_asked() == 3);
}

TEST_CASE("a scripted gateway does one thing after another, then what it always does") {
    scripted_gateway gateway;
    gateway.always(does::declines);
    gateway.next({does::takes_and_times_out, does::times_out, does::pends});
    gateway.next({does::dies, does::takes_and_dies});
    CHECK(gateway.charge(paying("taken")) == errc::outcome_unknown);
    CHECK(gateway.charge(paying("lost")) == errc::unavailable);
    CHECK(gateway.charge(paying("later"))->state == payment_state::pending);
    CHECK_THROWS_AS(gateway.charge(paying("dead")), coffer::testing::gateway_died);
    CHECK_THROWS_AS(gateway.charge(paying("dead after")), coffer::testing::gateway_died);
    const auto declined = gateway.charge(paying("no")).or_throw();
    CHECK(declined.state == payment_state::failed);
    CHECK_FALSE(declined.reason.empty());
    for (const auto& [key, taken] :
         {std::pair{"taken", 1U}, std::pair{"lost", 0U}, std::pair{"later", 0U},
          std::pair{"dead", 0U}, std::pair{"dead after", 1U}, std::pair{"no", 0U}}) {
        CAPTURE(key);
        CHECK(gateway.taken(key) == taken);
    }
    CHECK(*gateway.find("lost") == std::nullopt);
    CHECK((*gateway.find("dead after"))->state == payment_state::succeeded);
    gateway.arrive("later");
    CHECK(gateway.taken("later") == 1);
    gateway.decline("later");  // it has arrived
    CHECK((*gateway.find("later"))->state == payment_state::succeeded);
}

TEST_CASE("a scripted gateway tells of what succeeded, as often as it is told to") {
    scripted_gateway gateway;
    std::string told;
    gateway.tell([&](const payment_request& r, const auto&) { told += r.key; }, 2);
    gateway.next({does::takes_and_times_out, does::declines, does::pends});
    for (const char* key : {"a", "b", "c"}) static_cast<void>(gateway.charge(paying(key)));
    CHECK(told == "aa");
    gateway.arrive("c");
    CHECK(told == "aacc");
    gateway.hide_payments(true);
    static_cast<void>(gateway.charge(paying("d")));
    CHECK(*gateway.find("d") == std::nullopt);
    gateway.fail_find(errc::unavailable);
    CHECK(gateway.find("a") == errc::unavailable);
}

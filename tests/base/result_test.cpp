#include "support/catch.hpp"

#include <coffer/amount/amount.hpp>
#include <coffer/base/result.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using coffer::checked;
using coffer::errc;
using coffer::error;
using coffer::result;

namespace {

result<int> half(int n) {
    if (n % 2 != 0) return errc::invalid_argument;
    return n / 2;
}
result<void> only_positive(int n) {
    if (n <= 0) return error{errc::too_many}.about("n");
    return {};
}

}  // namespace

TEST_CASE("a result holds a value or an error") {
    const result<int> good = half(4);
    REQUIRE(good);
    CHECK(good.has_value());
    CHECK(*good == 2);
    CHECK(good == 2);
    CHECK_FALSE(good == 3);
    CHECK_FALSE(good == errc::invalid_argument);
    const result<int> bad = half(3);
    CHECK_FALSE(bad);
    CHECK(bad == errc::invalid_argument);
    CHECK_FALSE(bad == errc::too_late);
    CHECK_FALSE(bad == 0);
    CHECK(bad.error().code() == errc::invalid_argument);
}

TEST_CASE("a value is reached through the result and can be changed") {
    result<std::string> r = std::string{"abc"};
    r->push_back('d');
    *r += 'e';
    CHECK(r->size() == 5);
    const result<std::string>& view = r;
    CHECK(*view == "abcde");
    CHECK(view->front() == 'a');
    const std::string taken = *std::move(r);
    CHECK(taken == "abcde");
}

TEST_CASE("value_or answers the value, or what it is given") {
    CHECK(half(4).value_or(9) == 2);
    CHECK(half(3).value_or(9) == 9);
    const result<std::string> none = errc::conflict;
    CHECK(none.value_or("otherwise") == "otherwise");
}

TEST_CASE("and_then goes on with the value and carries the first error through") {
    CHECK(half(8).and_then(half).and_then(half) == 1);
    CHECK(half(6).and_then(half) == errc::invalid_argument);
    int calls = 0;
    auto counting = [&](int n) -> result<std::string> {
        ++calls;
        return std::to_string(n);
    };
    CHECK(half(3).and_then(counting) == errc::invalid_argument);
    CHECK(calls == 0);
    CHECK(half(4).and_then(counting) == std::string{"2"});
    CHECK(calls == 1);
    CHECK(half(4).and_then(only_positive));
    CHECK(half(0).and_then(only_positive) == errc::too_many);
    CHECK(half(1).and_then(only_positive) == errc::invalid_argument);
}

TEST_CASE("or_throw gives the value, or throws the error with its identifier") {
    CHECK(half(4).or_throw() == 2);
    const result<int> good = half(6);
    CHECK(good.or_throw() == 3);
    CHECK_THROWS_AS(half(3).or_throw(), coffer::failure);
    const result<int> bad = error{errc::unknown_action}.about("chat");
    try {
        (void)bad.or_throw();
        FAIL("nothing was thrown");
    } catch (const std::exception& thrown) {
        CHECK(thrown.what() == std::string_view{"unknown_action"});
        const auto* failure = dynamic_cast<const coffer::failure*>(&thrown);
        REQUIRE(failure);
        CHECK(failure->why() == errc::unknown_action);
        CHECK(failure->why().subject() == "chat");
    }
    CHECK_NOTHROW(only_positive(1).or_throw());
    CHECK_THROWS_AS(only_positive(0).or_throw(), coffer::failure);
}

TEST_CASE("a result of a move-only value moves it") {
    auto make = [](bool well) -> result<std::unique_ptr<int>> {
        if (!well) return errc::storage_full;
        return std::make_unique<int>(7);
    };
    result<std::unique_ptr<int>> r = make(true);
    REQUIRE(r);
    result<std::unique_ptr<int>> moved = std::move(r);
    CHECK(**moved == 7);
    std::unique_ptr<int> taken = std::move(moved).or_throw();
    CHECK(*taken == 7);
    CHECK(make(false) == errc::storage_full);
    CHECK(**make(true) == 7);
    static_assert(!std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
}

TEST_CASE("a result of nothing says whether it went well") {
    const result<void> good;
    CHECK(good);
    CHECK(good.has_value());
    CHECK_FALSE(good == errc::conflict);
    const result<void> bad = errc::conflict;
    CHECK_FALSE(bad);
    CHECK(bad == errc::conflict);
    CHECK_FALSE(bad == errc::too_many);
    CHECK(bad.error().code() == errc::conflict);
}

TEST_CASE("a light result becomes a full one, with its value or its error") {
    const checked<int> light = 5;
    const result<int> full = light;
    CHECK(full == 5);
    const checked<int> failed = errc::amount_overflow;
    const result<int> full_failed = failed;
    CHECK(full_failed == errc::amount_overflow);
    auto through = [](coffer::credits a, coffer::credits b) -> result<coffer::credits> {
        return a + b;
    };
    using namespace coffer::literals;
    CHECK(through(1_cr, 2_cr) == 3_cr);
    CHECK(through(coffer::credits::max(), 1_cr) == errc::amount_overflow);
}

TEST_CASE("a result can be assigned over, from either state to either") {
    result<std::string> r = std::string(100, 'x');
    r = errc::conflict;
    CHECK(r == errc::conflict);
    r = std::string{"again"};
    CHECK(r == std::string{"again"});
    const result<std::string> copy = r;
    r = errc::too_late;
    CHECK(copy == std::string{"again"});
}

TEST_CASE("a result of a whole list keeps it in one piece") {
    auto list = []() -> result<std::vector<int>> { return std::vector<int>{1, 2, 3}; };
    CHECK(list()->size() == 3);
    std::vector<int> taken = *list();
    CHECK(taken.size() == 3);
}

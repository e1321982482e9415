#include "support/catch.hpp"

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/either.hpp>
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
        CHECK(thrown.what() == std::string_view{"unknown_action (chat)"});
        const auto* failure = dynamic_cast<const coffer::failure*>(&thrown);
        REQUIRE(failure);
        CHECK(failure->why() == errc::unknown_action);
        CHECK(failure->why().subject() == "chat");
    }
    CHECK_NOTHROW(only_positive(1).or_throw());
    CHECK_THROWS_AS(only_positive(0).or_throw(), coffer::failure);
}

TEST_CASE("reading a value that is not there throws the error, and never ends the program") {
    result<std::string> bad = error{errc::invalid_argument}.in("at_most", "has to be positive");
    const result<std::string>& view = bad;
    CHECK_THROWS_AS(*bad, coffer::failure);
    CHECK_THROWS_AS(*view, coffer::failure);
    CHECK_THROWS_AS(*std::move(bad), coffer::failure);
    CHECK_THROWS_AS(bad->size(), coffer::failure);
    CHECK_THROWS_WITH(view->size(), "invalid_argument: at_most has to be positive");
    const checked<int> light = errc::amount_overflow;
    CHECK_THROWS_WITH(*light, "amount_overflow");
    static_assert(!noexcept(*view) && !noexcept(view->size()) && !noexcept(view.error()));
}

TEST_CASE("reading an error that is not there throws") {
    const result<int> good = 1;
    CHECK_THROWS_WITH(good.error(), "invalid_argument: an error was read where there is a value");
    const result<void> done;
    CHECK_THROWS_AS(done.error(), coffer::failure);
    const checked<int> light = 1;
    CHECK_THROWS_AS(light.error(), coffer::failure);
}

TEST_CASE("an error of another kind is thrown as far as it becomes an error") {
    struct foreign {
        int number;
    };
    const result<int, foreign> bad{foreign{4}};
    CHECK_THROWS_WITH(*bad, "invalid_argument: a value was read where there is another error");
    CHECK_THROWS_AS(bad.or_throw(), coffer::failure);
    CHECK(bad.error().number == 4);
}

TEST_CASE("a failure says all that its error says, without allocating") {
    error why = errc::invalid_argument;
    why.about("chat").in("expires_in", "has to be positive");
    const coffer::failure thrown{why};
    CHECK(thrown.what() ==
          std::string_view{"invalid_argument (chat): expires_in has to be positive"});
    const coffer::failure copy = thrown;
    CHECK(copy.what() == std::string_view{thrown.what()});
    static_assert(std::is_nothrow_copy_constructible_v<coffer::failure>);
    static_assert(std::is_nothrow_constructible_v<coffer::failure, const error&>);
    static_assert(noexcept(copy.what()));
}

TEST_CASE("a result is copied bit by bit where its value is") {
    static_assert(std::is_trivially_copyable_v<result<int>>);
    static_assert(std::is_trivially_copyable_v<result<coffer::credits>>);
    static_assert(std::is_trivially_copyable_v<checked<coffer::credits>>);
    static_assert(std::is_trivially_copyable_v<result<void>>);
    static_assert(sizeof(checked<coffer::credits>) == 16);
    static_assert(!std::is_trivially_copyable_v<result<std::string>>);
    static_assert(std::is_nothrow_move_constructible_v<result<std::string>>);
    constexpr result<int> made = 3;
    constexpr result<int> copy = made;
    static_assert(*copy == 3 && copy.value_or(4) == 3);
    constexpr result<int> failed = errc::conflict;
    static_assert(failed == errc::conflict && failed.value_or(4) == 4);
    CHECK(*copy == 3);
}

TEST_CASE("a result ends each value that it made, once") {
    struct counted {
        explicit counted(int& alive) noexcept : alive_{&alive} { ++*alive_; }
        counted(const counted& other) noexcept : alive_{other.alive_} { ++*alive_; }
        counted& operator=(const counted&) noexcept = default;
        ~counted() { --*alive_; }
        int* alive_;
    };
    int alive = 0;
    {
        result<counted> r = counted{alive};
        CHECK(alive == 1);
        result<counted> copy = r;
        result<counted> moved = std::move(copy);
        CHECK(alive == 3);
        r = errc::conflict;
        CHECK(alive == 2);
        r = moved;
        CHECK(alive == 3);
        auto& itself = r;
        r = itself;
        r = std::move(itself);
        CHECK(alive == 3);
        moved = result<counted>{errc::too_late};
        CHECK(alive == 2);
    }
    CHECK(alive == 0);
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

#include "support/catch.hpp"

#include <coffer/base/detail/function_ref.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

using coffer::detail::function_ref;

namespace {

int twice(function_ref<int(int)> f, int n) { return f(f(n)); }

/// Is not copied when it is passed on.
struct counter {
    counter() = default;
    counter(const counter&) = delete;
    counter& operator=(const counter&) = delete;
    int operator()(int n) {
        ++calls;
        return n + 1;
    }
    int calls = 0;
};

}  // namespace

TEST_CASE("a function is called through its reference, with what it captured") {
    int step = 3;
    const auto add = [&](int n) { return n + step; };
    CHECK(twice(add, 1) == 7);
    step = 10;
    CHECK(twice(add, 1) == 21);
    CHECK(twice([](int n) { return n * 5; }, 1) == 25);
}

TEST_CASE("a referred object keeps what its calls change, and is not copied") {
    counter counts;
    CHECK(twice(counts, 0) == 2);
    const function_ref<int(int)> again{counts};
    const function_ref<int(int)> copy = again;
    CHECK(copy(5) == 6);
    CHECK(counts.calls == 3);
}

TEST_CASE("arguments and answers pass through as they are") {
    const auto take = [](std::unique_ptr<int> owned, std::string& text) -> std::string& {
        text += std::to_string(*owned);
        return text;
    };
    const function_ref<std::string&(std::unique_ptr<int>, std::string&)> f{take};
    std::string text = "n";
    CHECK(&f(std::make_unique<int>(7), text) == &text);
    CHECK(text == "n7");
    STATIC_REQUIRE(std::is_trivially_copyable_v<function_ref<void()>>);
}

#include "support/catch.hpp"

#include <coffer/base/detail/short_text.hpp>

#include <memory>
#include <string>
#include <string_view>

using text40 = coffer::detail::short_text<40>;

TEST_CASE("a text of any allowed length is kept byte for byte") {
    for (std::size_t size = 0; size <= 40; ++size) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + 1);
        // In a block of its own, so that a sanitizer sees a read beyond it.
        std::unique_ptr<char[]> block{new char[size]};
        bytes.copy(block.get(), size);
        const text40 kept{std::string_view{block.get(), size}};
        CHECK(kept.view() == bytes);
        CHECK_FALSE(kept.too_long());
        CHECK(kept.empty() == (size == 0));
        CHECK(kept == std::string_view{bytes});
    }
}

TEST_CASE("a longer text is too long, shows nothing, and equals no text that fits") {
    const text40 longer{std::string(41, 'x')};
    const text40 much_longer{std::string(5'000, 'x')};
    CHECK(longer.too_long());
    CHECK(longer.view().empty());
    CHECK_FALSE(longer.empty());
    CHECK_FALSE(longer == text40{});
    CHECK_FALSE(longer == std::string_view{});
    CHECK_FALSE(longer == std::string_view{std::string(41, 'x')});
    CHECK(much_longer == longer);
    CHECK_FALSE(text40{std::string(40, 'x')}.too_long());
}

TEST_CASE("texts differ in any byte, in length, and by zero bytes at the end") {
    using namespace std::string_view_literals;
    CHECK(text40{"abc"} == text40{"abc"});
    CHECK_FALSE(text40{"abc"} == text40{"abd"});
    CHECK_FALSE(text40{"abc"} == text40{"ab"});
    CHECK_FALSE(text40{"ab"} == text40{"ab\0"sv});
    CHECK(text40{"a\0b"sv}.view() == "a\0b"sv);
    text40 changed{"a long text that leaves its traces"};
    changed = text40{"short"};
    CHECK(changed == text40{"short"});
}

TEST_CASE("a text copies into place whatever its length") {
    for (std::size_t size = 0; size < 100; ++size) {
        const std::string from(size, 'q');
        std::string to(size + 2, '.');
        coffer::detail::copy_text(to.data() + 1, from);
        CHECK(to == "." + from + ".");
    }
    char untouched = 'u';
    coffer::detail::copy_text(&untouched, {});
    CHECK(untouched == 'u');
}

static_assert(text40{"constant"}.view() == "constant");
static_assert(sizeof(coffer::detail::short_text<63>) == 64);

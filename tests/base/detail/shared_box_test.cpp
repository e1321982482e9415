#include "support/catch.hpp"

#include <coffer/base/detail/shared_box.hpp>

#include <string>
#include <utility>

using box = coffer::detail::shared_box<std::string>;

TEST_CASE("an empty box reads as a default value and equals one that holds it") {
    box empty;
    CHECK(empty->empty());
    box written;
    written.edit();
    CHECK(empty == written);
    written.edit() = "x";
    CHECK_FALSE(empty == written);
    CHECK(*written == "x");
    CHECK(empty->empty());
}

TEST_CASE("copies are independent") {
    box a;
    a.edit() = "first";
    box b = a;
    b.edit() = "second";
    CHECK(*a == "first");
    a = b;
    CHECK(*a == "second");
    b.edit() = "third";
    CHECK(*a == "second");
    box& self = a;
    a = self;
    CHECK(*a == "second");
    a = box{};
    CHECK(a->empty());
    box c = a;
    CHECK(c->empty());
}

TEST_CASE("moving takes the value and leaves a box that can be used") {
    box a;
    a.edit() = "value";
    const std::string* place = &*a;
    box b = std::move(a);
    CHECK(&*b == place);
    CHECK(a->empty());  // NOLINT(bugprone-use-after-move)
    a.edit() = "again";
    b = std::move(a);
    CHECK(*b == "again");
}

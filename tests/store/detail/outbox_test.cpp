#include "support/catch.hpp"

#include <coffer/store/detail/outbox.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>

using coffer::entry_id;
using coffer::notice;
using coffer::detail::outbox;
using coffer::detail::waiting_notices;

namespace {

std::list<notice> some(std::size_t count, std::uint32_t entry) {
    return {count, notice{.wallet = "acme", .entry = entry_id{entry}, .kind = "alert"}};
}
void add(outbox& to, std::list<notice> fresh, waiting_notices& of) { to.add("acme", fresh, of); }

}  // namespace

TEST_CASE("rule 46: as many notices wait as may, and one more makes one of them") {
    outbox box;
    waiting_notices of;
    add(box, some(coffer::max_waiting_notices, 5), of);
    CHECK(box.oldest(5'000).size() == coffer::max_waiting_notices);
    CHECK_FALSE(of.overflowed);
    add(box, some(2, 3), of);
    REQUIRE(box.oldest(5'000).size() == 1);
    CHECK(box.oldest(1)[0].kind == coffer::overflow_notice);
    CHECK(box.oldest(1)[0].entry == entry_id{3});
    CHECK(of.overflowed);
    CHECK(of.count == 1);
}

TEST_CASE("rule 46: an overflow that was dropped is over; one that was replaced is not") {
    outbox box;
    waiting_notices of;
    const auto waits = [&](const coffer::wallet_id&) { return &of; };
    add(box, some(1'001, 5), of);
    const std::uint64_t old = box.oldest(1)[0].id;
    add(box, some(1, 9), of);
    box.drop(old, waits);
    CHECK(box.oldest(10).size() == 1);
    CHECK(box.oldest(1)[0].entry == entry_id{5});
    box.drop(box.oldest(1)[0].id, waits);
    CHECK(of.count == 0);
    add(box, some(3, 10), of);
    CHECK(box.oldest(10).size() == 3);
}

TEST_CASE("rule 46: the notices of one wallet leave those of another alone") {
    outbox box;
    waiting_notices of;
    waiting_notices other;
    std::list<notice> one{notice{.wallet = "other", .entry = entry_id{1}}};
    box.add("other", one, other);
    add(box, some(1'001, 5), of);
    CHECK(box.oldest(10).size() == 2);
    CHECK(box.oldest(10)[0].wallet == coffer::wallet_id{"other"});
    CHECK_FALSE(other.overflowed);
}

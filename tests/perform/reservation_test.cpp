#include "support/faulty_store.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/perform/reservation.hpp>

#include <stdexcept>
#include <type_traits>
#include <utility>

using namespace coffer_test;

namespace {

const coffer::hold_request once{.amount = 8_cr, .expires_in = 10min, .request = "h"};

/// A wallet of fifteen credits.
template <class Store>
struct funded : lab<Store> {
    funded() { this->grant(15_cr); }

    coffer::credits held() { return this->balance().held; }
    std::size_t released() { return this->entries().count(coffer::entry_kind::released); }
};

}  // namespace

TEMPLATE_TEST_CASE("rule 21: a handle that is dropped releases its hold", "", lends_heads,
                   gives_whole_pages) {
    funded<TestType> l;
    {
        auto hold = l.w.hold({.amount = 8_cr}).or_throw();
        CHECK(l.held() == 8_cr);
    }
    CHECK(l.held() == 0_cr);
    CHECK(l.available() == 15_cr);
    CHECK(l.released() == 1);

    try {
        auto hold = l.w.hold({.amount = 8_cr}).or_throw();
        throw std::runtime_error{"the model is down"};
    } catch (const std::runtime_error&) {}
    CHECK(l.available() == 15_cr);
    CHECK(l.released() == 2);
}

TEMPLATE_TEST_CASE("rule 21: a handle is moved, never copied, and releases once", "", lends_heads,
                   gives_whole_pages) {
    funded<TestType> l;
    using handle = coffer::reservation;
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<handle>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<handle>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<handle>);
    STATIC_REQUIRE(std::is_nothrow_destructible_v<handle>);
    {
        auto first = l.w.hold({.amount = 1_cr}).or_throw();
        auto moved = std::move(first);
        CHECK(moved.owns());
        CHECK(l.held() == 1_cr);
        moved = l.w.hold({.amount = 2_cr}).or_throw();  // the hold it had is released
        CHECK(l.held() == 2_cr);
        CHECK(l.released() == 1);
    }
    CHECK(l.held() == 0_cr);
    CHECK(l.released() == 2);
}

TEMPLATE_TEST_CASE("rule 21: only the handle of the call that opened a hold owns it", "",
                   lends_heads, gives_whole_pages) {
    funded<TestType> l;
    auto hold = l.w.hold(once).or_throw();
    {
        auto twin = l.w.hold(once);
        REQUIRE(twin.error() == coffer::errc::hold_open);
        CHECK(twin.error().entry().value() == hold.id().value());
        CHECK(until_of(twin.error()) == hold.until());
        CHECK(is_transient(twin.error()));

        auto by_number = l.w.resume(hold.id()).or_throw();
        auto by_request = l.w.resume("h").or_throw();
        CHECK_FALSE(by_number.owns());
        CHECK_FALSE(by_request.owns());
        CHECK(by_request.id() == hold.id());
    }
    CHECK(l.held() == 8_cr);
    CHECK(hold.owns());
    CHECK(hold.settle({.amount = 5_cr}));
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 21: a repeat of a settled hold is told which settle, and its receipt", "",
                   lends_heads, gives_whole_pages) {
    funded<TestType> l;
    const bool own_id = GENERATE(false, true);
    auto hold = l.w.hold(once).or_throw();
    coffer::settle_request used{.amount = 5_cr};
    if (own_id) used.request = "s";
    const coffer::receipt settled = hold.settle(used).or_throw();
    l.w.refund({.charge = "h", .amount = 1_cr}).or_throw();  // speaks of the settle, is none
    l.charge(2_cr);

    l.go("2026-03-01T00:00:00Z");
    auto late = l.w.hold(once);
    REQUIRE(late.error() == coffer::errc::hold_settled);
    CHECK_FALSE(is_transient(late.error()));
    CHECK(late.error().entry() == settled.id);
    const coffer::receipt again = l.w.receipt_of(late.error().entry()).or_throw();
    CHECK(again.repeated);
    CHECK(again.kind == coffer::entry_kind::settled);
    CHECK(again.cost == settled.cost);
    CHECK(again.after == settled.after);
    CHECK(again.at == settled.at);
    CHECK(again.hold == settled.hold);
    CHECK(l.held() == 0_cr);
    CHECK(l.w.resume("h").error() == coffer::errc::hold_closed);
}

TEMPLATE_TEST_CASE("rule 21: what was resumed settles and releases by name", "", lends_heads,
                   gives_whole_pages) {
    funded<TestType> l;
    auto hold = l.w.hold(once).or_throw();
    auto other = l.w.resume("h").or_throw();
    SECTION("settled by the other, the first finds it closed and gives nothing back") {
        CHECK(other.settle({.amount = 5_cr}));
        CHECK(hold.settle({.amount = 4_cr}) == coffer::errc::hold_closed);
        CHECK_FALSE(hold.owns());
    }
    SECTION("settled by both alike, it is one settle") {
        CHECK(other.settle({.amount = 5_cr}));
        CHECK(hold.settle({.amount = 5_cr}).or_throw().repeated);
    }
    SECTION("released by the other, dropping the first does nothing more") {
        CHECK(other.release());
        { auto dropped = std::move(hold); }
        CHECK(l.released() == 1);
        CHECK(l.available() == 15_cr);
        return;
    }
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 21: detach keeps the hold open and resume takes it up again", "",
                   lends_heads, gives_whole_pages) {
    funded<TestType> l;
    coffer::hold_id id;
    {
        auto hold = l.w.hold({.amount = 8_cr, .tolerance = 1_cr, .request = "h"}).or_throw();
        id = hold.detach();
        CHECK_FALSE(hold.owns());
        CHECK(hold.settle() == coffer::errc::hold_closed);
    }
    CHECK(l.held() == 8_cr);
    { auto dropped = l.w.resume(id).or_throw(); }
    CHECK(l.held() == 8_cr);
    {
        auto again = l.w.resume("h").or_throw();
        CHECK(again.id() == id);
        CHECK(again.amount() == 8_cr);
        CHECK(again.until() == at("2026-01-01T00:15:00Z"));
        CHECK(again.settle({.amount = 9_cr}));
    }
    CHECK(l.available() == 6_cr);
}

TEMPLATE_TEST_CASE("rule 21: adopted, a handle owns the hold of one that is gone", "", lends_heads,
                   gives_whole_pages) {
    funded<TestType> l;
    (void)l.w.hold(once).or_throw().detach();
    {
        auto heir = l.w.resume("h").or_throw();
        heir.adopt();
        CHECK(heir.owns());
    }
    CHECK(l.held() == 0_cr);
    CHECK(l.released() == 1);

    auto ended = l.w.hold(once).or_throw();
    CHECK(ended.settle({.amount = 5_cr}));
    ended.adopt();
    CHECK_FALSE(ended.owns());  // nothing is left to own
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 21: an adopted hold is released once though its first holder lives", "",
                   lends_heads, gives_whole_pages) {
    funded<TestType> l;
    {
        auto first = l.w.hold(once).or_throw();
        auto heir = l.w.resume("h").or_throw();
        heir.adopt();
    }
    CHECK(l.released() == 1);
    CHECK(l.available() == 15_cr);
}

TEMPLATE_TEST_CASE("rule 21: a handle from before never ends the hold that was opened anew", "",
                   lends_heads, gives_whole_pages) {
    funded<TestType> l;
    auto slow = std::optional{l.w.hold(once).or_throw()};
    l.clock.advance(10min);
    auto retry = l.w.hold(once).or_throw();
    CHECK(retry.id() != slow->id());
    SECTION("dropped") { slow.reset(); }
    SECTION("released") { CHECK(slow->release() == coffer::errc::hold_expired); }
    SECTION("settled") {
        CHECK(slow->settle({.amount = 1_cr}) == coffer::errc::hold_expired);
        slow.reset();
    }
    CHECK(l.held() == 8_cr);
    CHECK(retry.settle({.amount = 5_cr}));
    CHECK(l.available() == 10_cr);
}

TEST_CASE("rule 21: dropping a handle tries once and never throws") {
    funded<faulty_store> l;
    auto asked = [&] { return l.store.commits_asked; };
    for (fault f : {fault::conflict, fault::unavailable, fault::lost_and_unknown}) {
        std::size_t before = 0;
        {
            auto hold = l.w.hold({.amount = 3_cr}).or_throw();
            l.store.fail_all_commits(f);
            before = asked();
        }
        l.store.heal();
        CHECK(asked() == before + 1);
    }
    {
        auto hold = l.w.hold({.amount = 3_cr}).or_throw();
        l.store.fail_opens(coffer::errc::unavailable);
    }
    l.store.heal();
    // What that left open ends at its until.
    CHECK(l.held() == 12_cr);
    l.go("2026-01-01T00:15:00Z");
    CHECK(l.held() == 0_cr);
    CHECK(l.available() == 15_cr);
}

TEST_CASE("rule 21: after outcome_unknown the handle does not release") {
    funded<faulty_store> l;
    const fault lost = GENERATE(fault::written_but_unknown, fault::lost_and_unknown);
    CAPTURE(lost == fault::lost_and_unknown);
    auto hold = std::optional{l.w.hold(once).or_throw()};
    const coffer::hold_id id = hold->id();
    l.store.fail_commits({lost});
    CHECK(hold->settle({.amount = 5_cr}) == coffer::errc::outcome_unknown);
    CHECK_FALSE(hold->owns());
    SECTION("dropped, and settled again by its number") {
        hold.reset();
        CHECK(l.released() == 0);
        CHECK(l.held() == (lost == fault::lost_and_unknown ? 8_cr : 0_cr));
        CHECK(l.w.settle(id, {.amount = 5_cr}).or_throw().repeated ==
              (lost == fault::written_but_unknown));
    }
    SECTION("settled again by itself") {
        CHECK(hold->settle({.amount = 5_cr}).or_throw().cost == 5_cr);
    }
    SECTION("found by a repeat of the request") {
        hold.reset();
        const coffer::errc told = l.w.hold(once).error().code();
        CHECK(told == (lost == fault::lost_and_unknown ? coffer::errc::hold_open
                                                       : coffer::errc::hold_settled));
        (void)l.w.settle(id, {.amount = 5_cr}).or_throw();
    }
    CHECK(l.available() == 10_cr);
    CHECK(l.entries().count(coffer::entry_kind::settled) == 1);
}

TEST_CASE("rule 21: a settle that failed cleanly leaves the handle its hold") {
    funded<faulty_store> l;
    {
        auto hold = l.w.hold(once).or_throw();
        l.store.fail_commits({fault::unavailable});
        CHECK(hold.settle({.amount = 5_cr}) == coffer::errc::unavailable);
        CHECK(hold.owns());
    }
    CHECK(l.held() == 0_cr);
    CHECK(l.available() == 15_cr);
}

TEST_CASE("rule 21: a hold whose outcome is unknown is found, taken up and adopted") {
    funded<faulty_store> l;
    l.store.fail_commits({fault::written_but_unknown});
    CHECK(l.w.hold(once).error() == coffer::errc::outcome_unknown);
    auto again = l.w.hold(once);
    REQUIRE(again.error() == coffer::errc::hold_open);
    auto mine = l.w.resume(coffer::hold_id{again.error().entry().value()}).or_throw();
    mine.adopt();
    CHECK(mine.settle({.amount = 5_cr}));
    CHECK(l.available() == 10_cr);

    l.store.fail_commits({fault::lost_and_unknown});
    const coffer::hold_request other{.amount = 2_cr, .request = "other"};
    CHECK(l.w.hold(other).error() == coffer::errc::outcome_unknown);
    CHECK(l.w.hold(other));
    CHECK(l.held() == 0_cr);
}

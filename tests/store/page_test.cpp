// An operation asks its store for one page and hands it one commit, and asks for nothing else.
#include "support/wallet_fixture.hpp"

#include <coffer/store/page.hpp>

#include <cstddef>
#include <ostream>

using namespace coffer_test;

namespace {

/// What was asked of a store.
struct calls {
    std::size_t opens = 0;
    std::size_t commits = 0;
    std::size_t others = 0;

    friend bool operator==(const calls&, const calls&) = default;
    friend std::ostream& operator<<(std::ostream& to, const calls& c) {
        return to << c.opens << " opened, " << c.commits << " committed, " << c.others << " other";
    }
};

constexpr calls one_each{.opens = 1, .commits = 1};
constexpr calls one_look{.opens = 1};

/// Counts what is asked of the store below it.
template <class Base>
class counting : public Base {
public:
    counting() {}
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        ++asked.opens;
        return Base::open(wanted, into);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        ++asked.commits;
        return Base::commit(batch);
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        ++asked.others;
        return Base::entries(wallet, query);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        ++asked.others;
        return Base::due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        ++asked.others;
        return Base::notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) {
        ++asked.others;
        return Base::acknowledge(id);
    }

    calls asked{};
};

using counting_heads = counting<lends_heads>;
using counting_whole = counting<gives_whole_pages>;

/// What `f()` asks of the store.
template <class Lab, class F>
calls asked_by(Lab& l, F&& f) {
    l.store.asked = {};
    f();
    return l.store.asked;
}

}  // namespace

TEMPLATE_TEST_CASE("each verb on a known wallet is one page and one commit", "", counting_heads,
                   counting_whole) {
    lab<TestType> l;
    l.grant(100_cr);
    const auto other = l.grant(9_cr, {.paid = usd(100)});
    const auto asked = [&](auto&& f) { return asked_by(l, f); };

    CHECK(asked([&] { l.w.charge({.amount = 1_cr}).or_throw(); }) == one_each);
    CHECK(asked([&] { l.w.charge({.amount = 2_cr, .request = "c"}).or_throw(); }) == one_each);
    CHECK(asked([&] { l.grant(1_cr); }) == one_each);
    CHECK(asked([&] { l.w.refund({.charge = "c", .amount = 1_cr}).or_throw(); }) == one_each);
    CHECK(asked([&] { l.w.refund({.charge = "c"}).or_throw(); }) == one_each);
    coffer::hold_id first, second;
    CHECK(asked([&] { first = l.w.hold({.amount = 3_cr}).or_throw().detach(); }) == one_each);
    CHECK(asked([&] { second = l.w.hold({.amount = 3_cr}).or_throw().detach(); }) == one_each);
    CHECK(asked([&] { l.w.settle(first, {.amount = 2_cr}).or_throw(); }) == one_each);
    CHECK(asked([&] { l.w.release(second).or_throw(); }) == one_each);
    CHECK(asked([&] { (void)l.w.hold({.amount = 3_cr}).or_throw(); }) == calls{2, 2, 0});
    CHECK(asked([&] { l.w.void_lot({.lot = other, .amount = 1_cr}).or_throw(); }) == one_each);
    CHECK(asked([&] { (void)l.w.refund_purchase({.lot = other}); }).commits == 0);  // refund::none
    CHECK(asked([&] {
              l.w.expire_at({.lot = other, .expires = at("2027-01-01T00:00:00Z")}).or_throw();
          }) == one_each);
}

TEMPLATE_TEST_CASE("a charge over lots that stand beyond the head is one page more at most", "",
                   counting_heads, counting_whole) {
    lab<TestType> l;
    for (int i = 0; i < 20; ++i) l.grant(2_cr);
    CHECK(asked_by(l, [&] { l.charge(1_cr); }) == one_each);
    const calls wide = asked_by(l, [&] { l.charge(25_cr); });
    CHECK(wide.opens <= 2);
    CHECK(wide.commits == 1);
    CHECK(wide.others == 0);
}

TEMPLATE_TEST_CASE("a wallet that is seen for the first time is one page and one commit", "",
                   counting_heads, counting_whole) {
    lab<TestType> l;
    CHECK(asked_by(l, [&] { l.grant(5_cr); }) == one_each);
    lab<TestType> free;
    CHECK(asked_by(free, [&] { free.w.charge({.amount = 0_cr}).or_throw(); }) == one_each);
    lab<TestType> held;
    CHECK(asked_by(held, [&] { (void)held.w.hold({.amount = 0_cr}).or_throw().detach(); }) ==
          one_each);
}

TEMPLATE_TEST_CASE("a refusal is one page and no commit", "", counting_heads, counting_whole) {
    lab<TestType> l;
    const auto asked = [&](auto&& f) { return asked_by(l, f); };
    const auto charge_nine = [&] {
        CHECK(l.w.charge({.amount = 9_cr}) == coffer::errc::insufficient_credits);
    };
    CHECK(asked(charge_nine) == one_look);  // of a wallet that nobody knows
    l.grant(5_cr);
    CHECK(asked(charge_nine) == one_look);
    CHECK(asked([&] { CHECK(l.w.charge({.action = "poem"}) == coffer::errc::unknown_action); }) ==
          one_look);
    CHECK(asked([&] {
              CHECK(l.w.hold({.amount = 9_cr}).error() == coffer::errc::insufficient_credits);
          }) == one_look);
    CHECK(asked([&] {
              CHECK(l.w.grant({.bucket = "no such bucket", .amount = 1_cr}) ==
                    coffer::errc::unknown_bucket);
          }) == one_look);
    CHECK(asked([&] {
              CHECK(l.w.refund({.charge = "no such charge"}) == coffer::errc::unknown_charge);
          }) == one_look);
    const auto hold = l.w.hold({.amount = 1_cr}).or_throw().detach();
    CHECK(asked([&] {
              CHECK(l.w.settle(hold, {.amount = 2_cr}) == coffer::errc::settle_exceeds);
          }) == one_look);
}

TEMPLATE_TEST_CASE("a quote is one page", "", counting_heads, counting_whole) {
    lab<TestType> l;
    l.grant(5_cr);
    CHECK(asked_by(l, [&] { (void)l.w.quote({.amount = 2_cr}).or_throw(); }) == one_look);
    CHECK(asked_by(l, [&] { (void)l.w.quote({.amount = 9_cr}); }) == one_look);
}

TEMPLATE_TEST_CASE("a repeated request is one page", "", counting_heads, counting_whole) {
    lab<TestType> l;
    const auto twice = [&](auto&& f) {
        f();
        return asked_by(l, f);
    };
    CHECK(twice([&] {
              l.w.grant({.bucket = "package", .amount = 20_cr, .request = "g"}).or_throw();
          }) == one_look);
    CHECK(twice([&] { l.w.charge({.amount = 2_cr, .request = "c"}).or_throw(); }) == one_look);
    CHECK(twice([&] { l.w.refund({.charge = "c", .request = "r"}).or_throw(); }) == one_look);
    coffer::hold_id hold = l.w.hold({.amount = 3_cr, .request = "h"}).or_throw().detach();
    const auto hold_again = [&](coffer::errc answer) {
        return asked_by(
            l, [&] { CHECK(l.w.hold({.amount = 3_cr, .request = "h"}).error() == answer); });
    };
    CHECK(hold_again(coffer::errc::hold_open) == one_look);
    CHECK(twice([&] { l.w.settle(hold, {.amount = 2_cr}).or_throw(); }) == one_look);
    CHECK(hold_again(coffer::errc::hold_settled) == one_look);
    const auto released = l.w.hold({.amount = 3_cr}).or_throw().detach();
    CHECK(twice([&] { l.w.release(released).or_throw(); }) == one_look);
    l.w.charge({.amount = 1_cr, .request = "x"}).or_throw();
    CHECK(asked_by(l, [&] {
              CHECK(l.w.charge({.amount = 2_cr, .request = "x"}) == coffer::errc::request_mismatch);
          }) == one_look);
}

TEMPLATE_TEST_CASE("what fell due is committed together with the operation that found it", "",
                   counting_heads, counting_whole) {
    lab<TestType> l;
    l.grant(5_cr, {.expires = at("2026-01-02T00:00:00Z")});
    l.grant(5_cr);
    l.go("2026-01-03T00:00:00Z");
    const calls asked = asked_by(l, [&] { l.charge(1_cr); });
    CHECK(asked.opens <= 2);  // a head alone shows that all of it is wanted
    CHECK(asked.commits == 1);
    CHECK(asked.others == 0);
    CHECK(l.entries().kinds(2) ==
          std::vector{coffer::entry_kind::expired, coffer::entry_kind::charged});
}

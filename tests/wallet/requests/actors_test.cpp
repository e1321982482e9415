// Every entry can say who asked for it, and why.
#include "support/catch.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/store/detail/entry_codec.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;
using namespace std::string_view_literals;
using coffer::entry_kind;
using coffer::errc;

namespace {

lab_plan refilled_plan() {
    lab_plan plan = monthly_plan(10_cr);
    plan.package.refund = {coffer::refund::full{}};
    return plan;
}

/// The signature of an entry, as one text.
std::string signed_as(const coffer::wallet& w, coffer::entry_id id) {
    const auto page = w.entries({.after = coffer::entry_id{id.value() - 1}, .limit = 1}).or_throw();
    const coffer::signature& by = page.entries.at(0).signature;
    return std::string{by.actor()} + ": " + std::string{by.reason()};
}

}  // namespace

TEMPLATE_TEST_CASE("rule 36: each verb's entry says who asked and why, and no other does", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{refilled_plan()};
    std::vector<coffer::entry_id> own;
    const auto note = [&](const auto& done) {
        own.push_back(done.or_throw().id);
        return *done;
    };
    note(l.w.start({.actor = "ada", .reason = "why"}));
    const coffer::lot_id lot = note(l.w.grant({.bucket = "package",
                                               .amount = 20_cr,
                                               .paid = usd(2'000),
                                               .actor = "ada",
                                               .reason = "why"}))
                                   .lot;
    note(l.w.charge({.amount = 1_cr, .actor = "ada", .reason = "why", .request = "c"}));
    auto hold = l.w.hold({.amount = 5_cr, .actor = "ada", .reason = "why"}).or_throw();
    own.push_back(hold.opened().id);
    note(hold.settle({.amount = 2_cr, .actor = "ada", .reason = "why"}));
    auto other = l.w.hold({.amount = 5_cr, .actor = "ada", .reason = "why"}).or_throw();
    own.push_back(other.opened().id);
    note(other.release({.actor = "ada", .reason = "why"}));
    note(l.w.refund({.charge = "c", .actor = "ada", .reason = "why"}));
    note(l.w.void_lot({.lot = lot, .amount = 1_cr, .actor = "ada", .reason = "why"}));
    note(l.w.expire_at(
        {.lot = lot, .expires = at("2030-01-01T00:00:00Z"), .actor = "ada", .reason = "why"}));
    note(l.w.dispute({.lot = lot, .money = usd(100), .actor = "ada", .reason = "why"}));
    note(l.w.dispute(
        {.lot = lot, .state = coffer::dispute_state::won, .actor = "ada", .reason = "why"}));
    note(l.w.refund_purchase({.lot = lot, .actor = "ada", .reason = "why"}));
    l.go("2026-03-05T00:00:00Z");
    l.charge(1_cr);

    const journal all = l.entries();
    std::size_t signed_ones = 0;
    for (const coffer::entry& e : all.entries) {
        const bool is_own = std::find(own.begin(), own.end(), e.id) != own.end();
        CAPTURE(e.id.value(), to_string(e.kind));
        CHECK(e.signature.actor() == (is_own ? "ada" : ""));
        CHECK(e.signature.reason() == (is_own ? "why" : ""));
        if (!e.signature.empty()) ++signed_ones;
    }
    CHECK(signed_ones == own.size());
    CHECK(all.size() > own.size());
}

TEST_CASE("a handle in somebody's name signs what names nobody else") {
    lab<> l{refilled_plan()};
    l.grant(20_cr);
    const coffer::wallet ada = l.w.as("ada");
    const auto by_ada = ada.charge({.amount = 1_cr, .reason = "why"}).or_throw();
    CHECK(signed_as(l.w, by_ada.id) == "ada: why");
    CHECK(signed_as(l.w, ada.charge({.amount = 1_cr, .actor = "bob"}).or_throw().id) == "bob: ");
    CHECK(signed_as(l.w, ada.as("").charge({.amount = 1_cr}).or_throw().id) == ": ");
    auto hold = ada.hold({.amount = 1_cr}).or_throw();
    CHECK(signed_as(l.w, hold.opened().id) == "ada: ");
    CHECK(signed_as(l.w, hold.settle().or_throw().id) == "ada: ");
    const auto dropped = ada.hold({.amount = 1_cr}).or_throw().opened().id;
    const auto released = l.w.history({.kinds = {entry_kind::released}}).or_throw();
    REQUIRE(released.entries.size() == 1);
    CHECK(released.entries[0].about == dropped);
    CHECK(released.entries[0].signature.empty());  // nobody asked for it
    const std::vector<coffer::charge_by_handle> charges{{ada, {.amount = 1_cr}}};
    CHECK(signed_as(l.w, l.wallets.charge(charges)[0].or_throw().id) == "ada: ");
}

TEST_CASE("a history can be read by who asked, and a spend of the past says it") {
    lab<> l;
    l.grant(20_cr);
    const auto first =
        l.w.charge({.amount = 1_cr, .member = "bob", .actor = "ada", .reason = "x"}).or_throw();
    l.w.charge({.amount = 1_cr, .member = "ada", .actor = "bob"}).or_throw();
    l.w.charge({.amount = 1_cr, .member = "ada"}).or_throw();
    const auto page = l.w.history({.actor = "ada"}).or_throw();
    REQUIRE(page.entries.size() == 1);
    CHECK(page.entries[0].id == first.id);
    CHECK(page.entries[0].member == "bob");
    const coffer::explanation why = l.w.explain(first.id).or_throw();
    CHECK(why.actor == "ada");
    CHECK(why.reason == "x");
}

TEMPLATE_TEST_CASE("rule 23: who asks and why is no part of a request's content", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(20_cr);
    const auto first =
        l.w.charge({.amount = 1_cr, .actor = "ada", .reason = "first", .request = "c"}).or_throw();
    unchanged same{l};
    for (const char* actor : {"", "ada", "a job"}) {
        const auto again =
            l.w.charge({.amount = 1_cr, .actor = actor, .reason = "again", .request = "c"})
                .or_throw();
        CHECK(again.repeated);
        CHECK(again.id == first.id);
    }
    CHECK(signed_as(l.w, first.id) == "ada: first");
    CHECK(l.w.charge({.amount = 2_cr, .actor = "ada", .reason = "first", .request = "c"}) ==
          errc::request_mismatch);
}

TEST_CASE("a hold that is opened anew is its new actor's") {
    lab<> l;
    l.grant(20_cr);
    l.w.hold({.amount = 1_cr, .actor = "ada", .request = "h"}).or_throw().release().or_throw();
    const auto anew =
        l.w.hold({.amount = 1_cr, .actor = "bob", .reason = "again", .request = "h"}).or_throw();
    CHECK(signed_as(l.w, anew.opened().id) == "bob: again");
}

TEST_CASE("a refusal for good says whose it was") {
    lab_plan plan;
    plan.refusals.sticky = true;
    lab<> l{plan};
    REQUIRE(l.w.charge({.amount = 1_cr, .actor = "ada", .reason = "why", .request = "c"}) ==
            errc::insufficient_credits);
    const journal all = l.entries();
    REQUIRE(all.of(entry_kind::refused).size() == 1);
    CHECK(all.of(entry_kind::refused)[0].signature.actor() == "ada");
    const auto why = l.w.explain(all.entries.back().id).or_throw();
    CHECK(why.actor == "ada");
    CHECK(why.reason == "why");
}

TEMPLATE_TEST_CASE("rule 41: an actor has at most 95 bytes and a reason 255", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(20_cr);
    const std::string actor(95, 'a');
    const std::string reason(255, 'r');
    CHECK(signed_as(l.w,
                    l.w.charge({.amount = 1_cr, .actor = actor, .reason = reason}).or_throw().id) ==
          actor + ": " + reason);
    unchanged same{l};
    for (const std::string& longer : {std::string(96, 'a'), std::string(1'024, 'a')}) {
        const auto refused = l.w.charge({.amount = 1_cr, .actor = longer});
        CHECK(refused == errc::invalid_argument);
        CHECK(refused.error().field() == "actor");
        CHECK(l.w.as(longer).charge({.amount = 1_cr}) == errc::invalid_argument);
        CHECK(l.w.as(longer).balance() == errc::invalid_argument);
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr, .actor = longer}) ==
              errc::invalid_argument);
        CHECK(l.w.explain({.amount = 1_cr, .actor = longer}).or_throw().refused ==
              errc::invalid_argument);
    }
    for (const std::string& longer : {std::string(256, 'a'), std::string(1'024, 'a')}) {
        const auto refused = l.w.charge({.amount = 1_cr, .reason = longer});
        CHECK(refused == errc::invalid_argument);
        CHECK(refused.error().field() == "reason");
        CHECK(l.w.hold({.amount = 1_cr, .reason = longer}).error() == errc::invalid_argument);
        // What is graver comes first.
        CHECK(l.w.charge({.action = "nonsense", .reason = longer}) == errc::unknown_action);
    }
}

TEST_CASE("an actor and a reason are kept as they are, like all texts of the host") {
    lab<> l;
    l.grant(20_cr);
    for (std::string_view text :
         {"a//b"sv, "/"sv, " "sv, "a\0b"sv, "\0"sv, "\xff\xfe"sv, "\xc3\x28"sv, "ada\n"sv}) {
        const auto done = l.w.charge({.amount = 1_cr, .actor = text, .reason = text}).or_throw();
        CHECK(signed_as(l.w, done.id) == std::string{text} + ": " + std::string{text});
        CHECK(l.w.history({.actor = text}).or_throw().entries.size() == 1);
    }
}

TEST_CASE("an entry that nobody signed takes no room for it") {
    namespace codec = coffer::detail;
    coffer::entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    codec::byte_list plain;
    REQUIRE(codec::pack(e, plain));
    const coffer::signature_text by{"ada", "why"};
    e.signature = by.view();
    codec::byte_list signed_one;
    REQUIRE(codec::pack(e, signed_one));
    CHECK(signed_one.size() == plain.size() + 2 + 6);
    CHECK(codec::section::signature == 1u << 29);
}

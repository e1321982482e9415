#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/ledger.hpp>
#include <coffer/ledger/post.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace coffer_test;
using namespace coffer::literals;

namespace {

/// Each credit that was taken of a lot is accounted for, once, and never more than was granted.
void check_claim(const account& a, lot_id id, const naive_ledger::claimed& meant) {
    INFO("claim on lot " << id.value());
    const coffer::claim* c = coffer::find_claim(a, id);
    REQUIRE(c);
    std::int64_t repaid = 0;
    for (const coffer::part& p : c->repaid) {
        REQUIRE(p.amount.is_positive());
        repaid += p.amount.micros();
    }
    REQUIRE(c->taken.micros() == meant.taken);
    REQUIRE(c->uncollected.micros() == meant.uncollected);
    REQUIRE(c->dropped.micros() == meant.dropped);
    REQUIRE(coffer::owed_for(a, id).micros() == meant.owed);
    REQUIRE(repaid == meant.repaid_in_all());
    REQUIRE(coffer::short_of(a, id).micros() == meant.uncollected + meant.owed + repaid);
    REQUIRE(meant.taken == meant.found + meant.uncollected + meant.owed + meant.dropped + repaid);
    REQUIRE(meant.taken <= coffer::find_record(a, id)->granted.micros());
    for (auto part : {meant.taken, meant.found, meant.uncollected, meant.owed, meant.dropped}) {
        REQUIRE(part >= 0);
    }
    for (const auto& [lot, amount] : meant.repaid) REQUIRE(amount >= 0);
    // What came back to the lot is about to be collected.
    const auto of = coffer::find_lot(a, id);
    REQUIRE(coffer::short_of(a, id).micros() <=
            of->spent.micros() + of->held.micros() + of->available.micros());
}

/// What the account says about its lots is what the journal means, and everything adds up.
void check_against(const naive_ledger& meant, const account& a) {
    const auto whole = coffer::lots_of(a);
    REQUIRE(whole.size() == meant.lots.size());
    for (const coffer::lot& l : whole) {
        const auto& m = meant.lots.at(l.id.value());
        INFO("lot " << l.id.value());
        REQUIRE(l.granted.micros() == m.granted);
        REQUIRE(l.available.micros() == m.available);
        REQUIRE(l.held.micros() == m.held);
        REQUIRE(l.spent.micros() == m.spent);
        REQUIRE(l.expired.micros() == m.expired);
        REQUIRE(l.voided.micros() == m.voided);
        REQUIRE(l.rolled.micros() == m.rolled);
        REQUIRE(l.active == m.active);
        REQUIRE(m.granted == m.available + m.held + m.spent + m.expired + m.voided + m.rolled);
        REQUIRE(coffer::find_lot(a, l.id) == l);
        for (auto part : {m.available, m.held, m.spent, m.expired, m.voided, m.rolled}) {
            REQUIRE(part >= 0);
        }
    }
    REQUIRE(a.totals == meant.totals());
    REQUIRE_FALSE(a.used.is_negative());
    REQUIRE(a.rest->claims.size() == meant.claims.size());
    for (const auto& [id, c] : meant.claims) check_claim(a, lot_id{id}, c);
}

void check_burn_order(const account& a) {
    std::set<std::uint32_t> seen;
    std::int64_t available = 0;
    for (const coffer::spendable& s : a.burning) {
        REQUIRE(seen.insert(s.lot.value()).second);
        REQUIRE(coffer::find_record(a, s.lot));
        REQUIRE(coffer::find_record(a, s.lot)->active);
        REQUIRE_FALSE(s.available.is_negative());
        available += s.available.micros();
        if (s.available.is_positive()) REQUIRE(a.next_due <= s.expires);
    }
    REQUIRE(a.totals.available.micros() == available);
    for (lot_id id : a.rest->pending) {
        REQUIRE(a.next_due <= coffer::find_record(a, id)->terms.effective);
    }
    for (const coffer::hold& h : a.rest->holds) {
        REQUIRE(a.next_due <= h.until);
        std::int64_t sum = 0;
        for (const coffer::part& p : h.parts) sum += p.amount.micros();
        REQUIRE(sum == h.amount.micros());
    }
}

/// Whether the entry moves no credits.
bool only_tells(const entry& e) {
    return e.kind == entry_kind::refused || e.kind == entry_kind::noted ||
           e.kind == entry_kind::plan_assigned || e.kind == entry_kind::dispute_lost;
}

/// Whether the entry takes credits back of a lot, or undoes that.
bool takes_back(const entry& e) {
    return e.kind == entry_kind::purchase_refunded || e.kind == entry_kind::disputed ||
           e.kind == entry_kind::dispute_won || e.kind == entry_kind::collected;
}

struct mutation {
    std::string what;
    entry e;
};

/// Every way in which one number of an entry can be wrong so that it no longer fits the account.
std::vector<mutation> mutations_of(const entry& good, const account& before) {
    std::vector<mutation> all;
    auto with = [&](std::string what, auto change) {
        entry e = good;
        change(e);
        if (!(e == good)) all.push_back({std::move(what), e});
    };
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    auto each_wrong = [&](std::string what, auto field) {
        std::int64_t value = field(const_cast<entry&>(good)).micros();
        for (std::int64_t wrong : {value + 1, value - 1, -value, most, least, -1 - value}) {
            if (wrong == value) continue;
            with(what + " " + std::to_string(value) + " -> " + std::to_string(wrong),
                 [&](entry& e) { field(e) = micros(wrong); });
        }
    };

    using coffer::entry_id;
    for (std::uint32_t id : {0u, good.id.value() - 1, good.id.value() + 1, ~0u}) {
        with("id", [&](entry& e) { e.id = entry_id{id}; });
    }
    if (before.time != instant::min()) {
        with("at before the account's time",
             [&](entry& e) { e.at = before.time - std::chrono::microseconds{1}; });
    }
    for (int kind : {0, 28, 255}) {
        with("kind", [&](entry& e) { e.kind = static_cast<entry_kind>(kind); });
    }
    each_wrong("after.available", [](entry& e) -> credits& { return e.after.available; });
    each_wrong("after.held", [](entry& e) -> credits& { return e.after.held; });
    each_wrong("after.debt", [](entry& e) -> credits& { return e.after.debt; });

    const bool future = coffer::makes_lot(good) && good.terms.effective > good.at;
    const bool moves = good.kind != entry_kind::started &&
                       good.kind != entry_kind::expiry_changed &&
                       good.kind != entry_kind::reordered && !only_tells(good);
    if (moves && !future) {
        each_wrong("amount", [](entry& e) -> credits& { return e.amount; });
    } else if (moves) {  // any positive amount would be as good
        with("amount", [](entry& e) { e.amount = {}; });
        with("amount", [](entry& e) { e.amount = micros(-1); });
        with("amount", [](entry& e) { e.amount = micros(least); });
    }
    if (good.kind == entry_kind::charged || good.kind == entry_kind::settled ||
        good.kind == entry_kind::refunded || good.kind == entry_kind::repaid ||
        good.kind == entry_kind::debt_dropped || good.kind == entry_kind::billed ||
        takes_back(good)) {
        each_wrong("debt", [](entry& e) -> credits& { return e.debt; });
    }
    if (good.kind == entry_kind::refunded || takes_back(good)) {
        each_wrong("uncollected", [](entry& e) -> credits& { return e.uncollected; });
    }
    if (good.kind == entry_kind::settled || good.kind == entry_kind::released ||
        good.kind == entry_kind::timed_out || good.kind == entry_kind::repaid ||
        good.kind == entry_kind::debt_dropped || good.kind == entry_kind::billed) {
        for (std::uint32_t id : {0u, 1'000'000u, ~0u}) {
            with("about", [&](entry& e) { e.about = entry_id{id}; });
        }
    }
    if (good.kind == entry_kind::billed) {
        with("owed", [](entry& e) { e.owed = coffer::money::from_minor(-1, "USD"); });
    }
    if (good.kind == entry_kind::purchase_refunded) {
        coffer::currency in = good.owed.in();
        for (std::int64_t owed : {most, least, std::int64_t{-1}}) {
            with("owed", [&](entry& e) { e.owed = coffer::money::from_minor(owed, in); });
        }
        with("owed in another currency",
             [&](entry& e) { e.owed = coffer::money::from_minor(1, "CHF"); });
    }
    if (good.kind == entry_kind::disputed) {
        const std::int64_t paid =
            coffer::find_record(before, good.parts[0].lot)->terms.paid.minor_units();
        coffer::currency in = good.contested.in();
        for (std::int64_t contested : {most, least, std::int64_t{-1}, paid + 1}) {
            with("contested",
                 [&](entry& e) { e.contested = coffer::money::from_minor(contested, in); });
        }
        with("contested in another currency",
             [&](entry& e) { e.contested = coffer::money::from_minor(1, "CHF"); });
    }
    if (good.kind == entry_kind::period_began) {
        with("an empty period", [&](entry& e) { e.until = e.from; });
        with("a period that ends before it begins",
             [&](entry& e) { e.until = e.from - std::chrono::seconds{1}; });
    }
    // The parts of a release repeat those of its hold, for readers; notes name a lot likewise.
    if (only_tells(good) && good.kind != entry_kind::dispute_lost) return all;
    if (good.kind == entry_kind::released || good.kind == entry_kind::timed_out) return all;
    for (std::size_t i = 0; i < good.parts.size(); ++i) {
        const std::string part = "part " + std::to_string(i);
        const bool has_amount = good.kind != entry_kind::expiry_changed &&
                                good.kind != entry_kind::reordered &&
                                good.kind != entry_kind::activated && !only_tells(good);
        if (has_amount) {
            each_wrong(part + " amount", [i](entry& e) -> credits& { return e.parts[i].amount; });
        }
        for (std::uint32_t lot : {0u, 1'000'000u, ~0u}) {
            with(part + " lot", [&](entry& e) { e.parts[i].lot = lot_id{lot}; });
        }
        with(part + " missing", [&](entry& e) {
            std::move(e.parts.begin() + i + 1, e.parts.end(), e.parts.begin() + i);
            e.parts.shrink_to(e.parts.end() - 1);
        });
        with(part + " twice", [&](entry& e) { e.parts.push_back(e.parts[i]); });
        // A settle may take its excess from a lot of the hold.
        if (i > 0 && good.kind != entry_kind::settled) {
            with(part + " is the one before",
                 [&](entry& e) { e.parts[i].lot = e.parts[i - 1].lot; });
        }
        // Lots that get credits back do so in any order.
        if (i > 0 && good.kind != entry_kind::refunded && good.kind != entry_kind::reordered &&
            good.kind != entry_kind::settled && (i == 1 || !takes_back(good))) {
            with(part + " out of order", [&](entry& e) { std::swap(e.parts[i], e.parts[i - 1]); });
        }
    }
    if (good.kind != entry_kind::started && good.kind != entry_kind::period_began &&
        good.kind != entry_kind::granted) {
        with("a part too many",
             [](entry& e) { e.parts.push_back({.lot = lot_id{1'000'000}, .amount = micros(1)}); });
    }
    return all;
}

}  // namespace

TEST_CASE("what the account says is what its journal means, entry by entry") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        random_life l{seed};
        naive_ledger meant;
        std::set<entry_kind> kinds;
        l.seen = [&](const account&, const entry& e) {
            INFO("seed " << seed << " entry " << e.id.value() << " " << to_string(e.kind));
            meant.add(e);
            kinds.insert(e.kind);
            check_against(meant, l.now);
            check_burn_order(l.now);
            REQUIRE(e.after == l.now.totals);
            REQUIRE(l.now.last == e.id);
        };
        for (int i = 0; i < 300; ++i) l.step();
        CHECK(kinds.size() >= 18);
        if (seed == 1) CHECK(kinds.count(entry_kind::billed) == 1);
        CHECK(l.untouched_by_deciding);
        CHECK_FALSE(l.contradicts_itself);
    }
}

TEST_CASE("replaying a journal gives an equal account, from the start or from any entry") {
    for (std::uint64_t seed = 100; seed < 110; ++seed) {
        random_life l{seed};
        for (int i = 0; i < 250; ++i) l.step();
        auto again = coffer::replay(l.journal);
        REQUIRE(again);
        CHECK(*again == l.now);
        for (std::size_t cut = 0; cut <= l.journal.size(); cut += 37) {
            std::span<const entry> all{l.journal};
            auto first = coffer::replay(all.first(cut));
            REQUIRE(first);
            auto rest = coffer::replay(all.subspan(cut), *first);
            REQUIRE(rest);
            CHECK(*rest == l.now);
        }
    }
}

TEST_CASE("an entry with any one number wrong is corrupt_record") {
    std::map<entry_kind, int> tried;
    for (std::uint64_t seed = 200; seed < 215; ++seed) {
        random_life l{seed};
        l.seen = [&](const account& before, const entry& good) {
            for (const mutation& m : mutations_of(good, before)) {
                account a = before;
                INFO("seed " << seed << " entry " << good.id.value() << " " << to_string(good.kind)
                             << ": " << m.what);
                CHECK(coffer::apply(a, m.e) == errc::corrupt_record);
                ++tried[good.kind];
            }
        };
        for (int i = 0; i < 200; ++i) l.step();
    }
    CHECK(tried.size() >= 25);
}

TEST_CASE("no forged entry mints: negative amounts with fitting totals are corrupt_record") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    const lot_id lot = l.newest_lot();
    REQUIRE(l.hold(4_cr, 0_cr, sec(99), sec(2)));
    const coffer::entry_id held = l.journal.back().id;
    entry e;
    e.id = coffer::entry_id{3};
    e.at = e.event = sec(3);
    e.after = l.now.totals;
    const credits minus_five = credits::from_micros(-5'000'000);

    SECTION("granted") {
        e.kind = entry_kind::granted;
        e.amount = minus_five;
        e.terms = in_bucket("package");
        e.after.available = 1_cr;
    }
    SECTION("granted for later") {
        e.kind = entry_kind::granted;
        e.amount = minus_five;
        e.terms = in_bucket("package", sec(50));
    }
    SECTION("a period of a negative allowance in the future") {
        e.kind = entry_kind::period_began;
        e.amount = minus_five;
        e.terms = in_bucket("budget", sec(50));
        e.from = sec(3);
        e.until = sec(9);
    }
    SECTION("charged") {
        e.kind = entry_kind::charged;
        e.amount = minus_five;
        e.parts.push_back({.lot = lot, .amount = minus_five});
        e.after.available = 11_cr;
    }
    SECTION("charged against negative debt") {
        e.kind = entry_kind::charged;
        e.debt = minus_five;
        e.amount = minus_five;
        e.after.debt = minus_five;
    }
    SECTION("settled below zero") {
        e.kind = entry_kind::settled;
        e.about = held;
        e.amount = minus_five;
        e.parts.push_back({.lot = lot, .amount = minus_five});
        e.after.held = {};
        e.after.available = 15_cr;
    }
    SECTION("voided") {
        e.kind = entry_kind::voided;
        e.amount = minus_five;
        e.parts.push_back({.lot = lot, .amount = minus_five});
        e.after.available = 11_cr;
    }
    SECTION("held") {
        e.kind = entry_kind::held;
        e.amount = minus_five;
        e.parts.push_back({.lot = lot, .amount = minus_five});
        e.after.available = 11_cr;
        e.after.held = minus_five;
    }
    CHECK(coffer::apply(l.now, e) == errc::corrupt_record);
}

TEST_CASE("a refund gives a lot back no more than was spent of it") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    const lot_id first = l.newest_lot();
    REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    const lot_id second = l.newest_lot();
    REQUIRE(l.charge(3_cr, sec(2)));
    entry e;
    REQUIRE(coffer::decide_refund(l.now, l.journal.back(), {}, std::nullopt, sec(3), e));
    REQUIRE(e.parts.size() == 1);
    REQUIRE(e.parts[0].lot == first);

    SECTION("of which nothing was spent") { e.parts[0].lot = second; }
    SECTION("of which less was spent") {
        e.amount = e.parts[0].amount = 4_cr;
        e.after.available = 21_cr;
    }
    SECTION("in two parts of one lot") {
        e.amount = 6_cr;
        e.parts.push_back(e.parts[0]);
        e.after.available = 23_cr;
    }
    SECTION("in parts whose sum overflows") {
        e.parts[0].amount = credits::max();
        e.parts.push_back(e.parts[0]);
        e.parts.push_back(e.parts[0]);
    }
    CHECK(coffer::apply(l.now, e) == errc::corrupt_record);
}

TEST_CASE("a purchase is never refunded for more than was paid") {
    life l;
    coffer::lot_terms bought = in_bucket("package");
    bought.paid = coffer::money::from_minor(500, "EUR");
    REQUIRE(l.grant(10_cr, bought, sec(1)));
    entry e;
    const coffer::lot of = *coffer::find_lot(l.now, l.newest_lot());
    REQUIRE(coffer::decide_purchase_refund(l.now, of, {.wanted = 5_cr},
                                           coffer::money::from_minor(250, "EUR"), sec(2), e));
    REQUIRE(coffer::apply(l.now, e));
    e.id = coffer::entry_id{3};
    e.after.available = 0_cr;
    e.owed = coffer::money::from_minor(251, "EUR");
    CHECK(coffer::apply(l.now, e) == errc::corrupt_record);
}

TEST_CASE("a burn order that is not a permutation is corrupt_record") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    REQUIRE(l.grant(20_cr, in_bucket("package"), sec(1)));
    const lot_id first{1}, second{2};
    const std::vector<std::vector<lot_id>> wrong{
        {first}, {first, first}, {second, second}, {first, second, first}, {first, lot_id{3}}, {}};
    for (const auto& order : wrong) {
        entry e;
        REQUIRE(coffer::decide_reorder(l.now, order, 9, sec(2), e));
        account a = l.now;
        CHECK(coffer::apply(a, e) == errc::corrupt_record);
    }
    entry e;
    const std::vector<lot_id> swapped{second, first};
    REQUIRE(coffer::decide_reorder(l.now, swapped, 9, sec(2), e));
    REQUIRE(coffer::apply(l.now, e));
    CHECK(l.now.burning[0].lot == second);
    CHECK(l.now.burning[1].lot == first);
    CHECK(l.now.order == 9);
}

TEST_CASE("what was used in a period cannot overflow, not even by a forged journal") {
    life l;
    REQUIRE(l.grant(credits::max(), in_bucket("package"), sec(1)));
    REQUIRE(l.charge(credits::max(), sec(2)));
    REQUIRE(l.grant(1_cr, in_bucket("package"), sec(3)));
    CHECK(l.charge(1_cr, sec(4)) == errc::amount_overflow);
    entry e;
    coffer::bucket_filter all;
    account pretends_to_have_used_nothing = l.now;
    pretends_to_have_used_nothing.used = {};
    REQUIRE(coffer::decide_charge(pretends_to_have_used_nothing, {1_cr, {}, all}, sec(4), e));
    CHECK(coffer::apply(l.now, e) == errc::corrupt_record);
}

TEST_CASE("replay stops at the first entry that does not fit") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    REQUIRE(l.charge(3_cr, sec(2)));
    std::vector<entry> journal = l.journal;
    CHECK(coffer::replay(journal));
    std::swap(journal[0], journal[1]);
    CHECK(coffer::replay(journal) == errc::corrupt_record);
    journal = {l.journal[0], l.journal[0]};
    CHECK(coffer::replay(journal) == errc::corrupt_record);
    journal = {l.journal[1]};
    CHECK(coffer::replay(journal) == errc::corrupt_record);
    CHECK(coffer::replay(std::vector<entry>{})->last == coffer::entry_id{});
}

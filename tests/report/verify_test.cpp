// Whether it agrees: after any life it does, and what was altered is found.
#include "report/questions_fixture.hpp"

#include <functional>

using namespace coffer_test;

namespace {

/// Hands out another account or other entries than it holds.
class tampering_store : public whole_page_store {
public:
    std::function<void(coffer::account&)> alter_account;
    std::function<void(std::vector<coffer::entry>&)> alter_entries;

    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        auto opened = whole_page_store::open(wanted, into);
        if (opened && alter_account) alter_account(into.state);
        return opened;
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        auto page = whole_page_store::entries(wallet, query);
        if (page && alter_entries) alter_entries(page->entries);
        return page;
    }
};

bool ends_hold(const coffer::entry& e) {
    return e.kind == entry_kind::released || e.kind == entry_kind::timed_out;
}

}  // namespace

TEMPLATE_TEST_CASE("after any life a wallet's journal and account agree", "", lends_heads,
                   gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        for (int i = 0; i < steps; ++i) {
            random.l.clock.set(random.next_instant());
            random.step();
            if (i % 10 != 0) continue;
            CAPTURE(i);
            const auto v = random.l.w.verify().or_throw();
            CHECK(v.sound);
            CHECK(v.wrong == "");
            CHECK(v.entries == random.l.entry_count());
            CHECK_FALSE(v.first_wrong);
        }
    }
}

TEMPLATE_TEST_CASE("a wallet that nobody has touched is sound", "", lends_heads,
                   gives_whole_pages) {
    question_lab<TestType> l;
    const auto v = l.w.verify().or_throw();
    CHECK(v.sound);
    CHECK(v.entries == 0);
}

TEST_CASE("an entry that was altered is found, whichever it is") {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        life<tampering_store> random{seed, true};
        random.live(40);
        auto& l = random.l;
        REQUIRE(l.w.verify().or_throw().sound);
        const journal whole = l.entries();
        const auto finds = [&](const coffer::entry& wanted, auto&& alter) {
            l.store.alter_entries = [&](std::vector<coffer::entry>& page) {
                for (coffer::entry& e : page) {
                    if (e.id == wanted.id) alter(e);
                }
            };
            const auto v = l.w.verify().or_throw();
            l.store.alter_entries = nullptr;
            INFO(to_string(wanted.kind) << " " << wanted.id.value());
            CHECK_FALSE(v.sound);
            CHECK_FALSE(v.wrong.empty());
            return v;
        };
        const auto more = [](coffer::credits& amount) { amount = micros(amount.micros() + 1); };
        for (const coffer::entry& e : whole.entries) {
            const auto available = finds(e, [&](coffer::entry& x) { more(x.after.available); });
            CHECK(available.first_wrong == e.id);
            CHECK(available.entries == e.id.value() - 1);
            CHECK(finds(e, [&](coffer::entry& x) { more(x.after.held); }).first_wrong == e.id);
            CHECK(finds(e, [&](coffer::entry& x) { more(x.after.debt); }).first_wrong == e.id);
            finds(e, [&](coffer::entry& x) { x.id = coffer::entry_id{e.id.value() + 1}; });
            if (e.kind == entry_kind::noted || e.kind == entry_kind::refused) continue;
            if (e.amount.is_zero()) continue;
            finds(e, [&](coffer::entry& x) { more(x.amount); });
            if (e.parts.empty() || ends_hold(e) || e.kind == entry_kind::activated) continue;
            finds(e, [&](coffer::entry& x) { more(x.parts[0].amount); });
            finds(e, [&](coffer::entry& x) { x.parts[0].lot = coffer::lot_id{999'999}; });
        }
    }
}

TEST_CASE("entries that are missing, doubled or out of order are found") {
    question_lab<tampering_store> l{priced_plan()};
    l.grant(10_cr);
    for (int i = 0; i < 4; ++i) l.charge(1_cr);
    REQUIRE(l.w.verify().or_throw().sound);
    using list = std::vector<coffer::entry>;
    const auto verify_with = [&](auto&& alter) {
        l.store.alter_entries = [&](list& page) {
            if (page.size() == 5) alter(page);
        };
        const auto v = l.w.verify().or_throw();
        l.store.alter_entries = nullptr;
        CHECK_FALSE(v.sound);
        CHECK_FALSE(v.wrong.empty());
        return v;
    };
    const auto gap = verify_with([](list& page) { page.erase(page.begin() + 2); });
    CHECK(gap.first_wrong == coffer::entry_id{4});
    CHECK(gap.entries == 2);
    const auto doubled = verify_with([](list& page) { page.insert(page.begin() + 3, page[2]); });
    CHECK(doubled.first_wrong == coffer::entry_id{3});
    const auto swapped = verify_with([](list& page) { std::swap(page[1], page[2]); });
    CHECK(swapped.first_wrong == coffer::entry_id{3});
    CHECK_FALSE(verify_with([](list& page) { page.pop_back(); }).first_wrong);
    CHECK_FALSE(verify_with([](list& page) { page.clear(); }).first_wrong);
    // A forgery that adds up by itself still does not give the account.
    const auto forged = verify_with([](list& page) {
        page[0].amount = 11_cr;
        for (coffer::entry& e : page) {
            e.after.available = (e.after.available + 1_cr).value_or(0_cr);
        }
    });
    CHECK_FALSE(forged.first_wrong);
    CHECK(forged.entries == 5);
}

TEST_CASE("an account that was altered is found, whatever was") {
    question_plan plan = monthly_questions(10_cr);
    plan.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    question_lab<tampering_store> l{plan};
    l.start();
    l.charge(12_cr);
    auto hold = l.w.hold({.amount = 0_cr, .expires_in = 24h}).or_throw();
    (void)hold.detach();
    const coffer::account behind = l.stored();
    l.grant(20_cr);
    REQUIRE(l.w.verify().or_throw().sound);
    const auto is_found = [&](auto&& alter) {
        l.store.alter_account = alter;
        const auto v = l.w.verify().or_throw();
        l.store.alter_account = nullptr;
        CHECK_FALSE(v.first_wrong);  // all entries are as they were
        return !v.sound && !v.wrong.empty();
    };
    using coffer::account;
    CHECK(is_found([](account& a) { a.totals.available = 1'000_cr; }));
    CHECK(is_found([](account& a) { a.totals.debt = 1_cr; }));
    CHECK(is_found([](account& a) { a.used = 0_cr; }));
    CHECK(is_found([](account& a) { a.burning.edit(0).available = 19_cr; }));
    CHECK(is_found([](account& a) { a.next_due = coffer::never; }));
    CHECK(is_found([](account& a) { a.time = at("2026-01-01T00:00:01Z"); }));
    CHECK(is_found([](account& a) { a.rest.edit().lots.edit(0).granted = 11_cr; }));
    CHECK(is_found([](account& a) { a.rest.edit().holds.clear(); }));
    CHECK(is_found([](account& a) { a.rest.edit().cycles[0].allowance = 11_cr; }));
    CHECK(is_found([](account& a) { a = account{}; }));
    CHECK(is_found([&](account& a) { a = behind; }));  // sound by itself, but its journal goes on
}

TEST_CASE("an operation in between makes no wallet unsound") {
    question_lab<tampering_store> l{priced_plan()};
    l.grant(10_cr);
    l.charge(1_cr);
    const coffer::account before = l.stored();
    l.charge(1_cr);
    // The first load still gives the account as it was before the last charge.
    bool first = true;
    l.store.alter_account = [&](coffer::account& a) {
        if (std::exchange(first, false)) a = before;
    };
    const auto v = l.w.verify().or_throw();
    l.store.alter_account = nullptr;
    CHECK(v.sound);
    CHECK(v.entries == 2);
}

TEST_CASE("the lots that an entry names are checked where the account knows them already") {
    question_lab<tampering_store> l{priced_plan()};
    l.grant(5_cr, {.effective = at("2026-01-02T00:00:00Z")});
    l.grant(10_cr);
    l.w.hold({.amount = 2_cr}).or_throw().release().or_throw();
    (void)l.w.hold({.amount = 2_cr, .expires_in = 1h}).or_throw().detach();
    l.go("2026-01-03T00:00:00Z");
    l.w.sweep().or_throw();
    for (entry_kind kind : {entry_kind::released, entry_kind::timed_out, entry_kind::activated}) {
        CAPTURE(to_string(kind));
        REQUIRE(l.entries().count(kind) == 1);
        l.store.alter_entries = [&](std::vector<coffer::entry>& page) {
            for (coffer::entry& e : page) {
                if (e.kind == kind) e.parts[0].amount = 1_cr;
            }
        };
        CHECK_FALSE(l.w.verify().or_throw().sound);
        l.store.alter_entries = nullptr;
    }
}

namespace {

/// Shows a journal with one thing wrong.
class lying_journal : public whole_page_store {
public:
    bool doubles_the_newest = false;
    bool refunds_the_first = false;

    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        auto page = whole_page_store::entries(wallet, query);
        if (doubles_the_newest && !page->entries.empty()) {
            page->entries.push_back(coffer::entry{page->entries.back()});
        }
        for (coffer::entry& e : page->entries) {
            if (refunds_the_first && e.kind == entry_kind::refunded) e.about = coffer::entry_id{1};
        }
        return page;
    }
};

}  // namespace

TEST_CASE("verify finds the newest entry doubled, and a refund of what was no spend") {
    question_lab<lying_journal> l{priced_plan()};
    l.grant(10_cr);
    const auto c = l.charge(4_cr);
    l.w.refund({.entry = c.id, .amount = 3_cr}).or_throw();
    CHECK(l.w.verify()->sound);
    l.store.doubles_the_newest = true;
    CHECK(l.w.verify()->first_wrong == coffer::entry_id{3});
    l.store.doubles_the_newest = false;
    l.store.refunds_the_first = true;
    CHECK(l.w.verify()->wrong == "a refund exceeds its charge");
    l.store.refunds_the_first = false;
}

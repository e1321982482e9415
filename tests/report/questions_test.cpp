// What a wallet answers about its past: compared with a plain scan of the journal, and
// with what the wallet said when the moment was there.
#include "report/questions_fixture.hpp"

#include <coffer/plan/book.hpp>
#include <coffer/report/history.hpp>

#include <deque>
#include <map>
#include <set>

using namespace coffer_test;

namespace {

// ---- Histories ----------------------------------------------------------------------------------

/// What a query asks for, by a scan of the whole journal.
std::vector<coffer::entry> scan(const journal& whole, const coffer::history_query& q) {
    std::vector<coffer::entry> found;
    for (const coffer::entry& e : whole.entries) {
        const std::set<entry_kind> kinds(q.kinds.begin(), q.kinds.end());
        if (!kinds.empty() && kinds.count(e.kind) == 0) continue;
        if (!q.action.empty() && e.usage.action != q.action) continue;
        if (!q.member.empty() && e.member != q.member) continue;
        if (!q.resource.empty() && e.resource != q.resource) continue;
        const std::string tags = "," + std::string{e.usage.tags} + ",";
        const std::string wanted = "," + std::string{q.tag} + ",";
        if (!q.tag.empty() && tags.find(wanted) == std::string::npos) continue;
        if (q.from && e.at < *q.from) continue;
        if (q.until && e.at >= *q.until) continue;
        if (q.after && e.id <= q.after) continue;
        if (q.before && e.id >= q.before) continue;
        found.push_back(e);
    }
    if (q.newest_first) std::reverse(found.begin(), found.end());
    return found;
}

std::vector<std::uint32_t> numbers(const std::vector<coffer::entry>& entries) {
    std::vector<std::uint32_t> all;
    for (const coffer::entry& e : entries) all.push_back(e.id.value());
    return all;
}
template <class Wallet>
std::vector<std::uint32_t> numbers(const Wallet& w, const coffer::history_query& q) {
    return numbers(w.history(q).or_throw().entries);
}

/// All pages of a query, one after another. No page is longer than its limit, and only the last has
/// nothing after it.
template <class Wallet>
std::vector<coffer::entry> all_pages(const Wallet& w, coffer::history_query q,
                                     std::vector<std::shared_ptr<const void>>& texts) {
    std::vector<coffer::entry> all;
    for (;;) {
        auto page = w.history(q).or_throw();
        CHECK(page.entries.size() <= q.limit);
        all.insert(all.end(), page.entries.begin(), page.entries.end());
        texts.push_back(page.texts);
        if (!page.more) return all;
        REQUIRE(page.entries.size() == q.limit);
        (q.newest_first ? q.before : q.after) = page.entries.back().id;
    }
}

coffer::history_query random_query(dice& d, const journal& whole) {
    coffer::history_query q{.newest_first = d.one_in(2)};
    const auto about_an_entry = [&] {
        const coffer::instant recorded = d.of(whole.entries).at;
        return recorded + 1us * d.below(2);
    };
    if (d.one_in(3)) q.kinds = {entry_kind::charged, entry_kind::refunded};
    if (d.one_in(4)) q.action = "chat";
    if (d.one_in(4)) q.member = "ada";
    if (d.one_in(4)) q.resource = "doc-2";
    if (d.one_in(4)) q.tag = "night";
    if (d.one_in(3)) q.from = about_an_entry();
    if (d.one_in(3)) q.until = about_an_entry();
    if (d.one_in(4)) q.after = d.of(whole.entries).id;
    if (d.one_in(4)) q.before = d.of(whole.entries).id;
    q.limit = static_cast<std::size_t>(1 + d.below(9));
    return q;
}

// ---- Balances -----------------------------------------------------------------------------------

coffer::balance_totals totals_of(const coffer::balance& b) { return {b.available, b.held, b.debt}; }

/// What two balances differ in; empty if they are the same.
std::string difference(const coffer::balance& a, const coffer::balance& b) {
    if (!(totals_of(a) == totals_of(b))) return "totals";
    if (a.used != b.used) return "used";
    if (a.allowance != b.allowance) return "allowance";
    if (a.running != b.running) return "running";
    if (a.buckets.size() != b.buckets.size()) return "number of buckets";
    for (std::size_t i = 0; i < a.buckets.size(); ++i) {
        const coffer::bucket_balance& x = a.buckets[i];
        const coffer::bucket_balance& y = b.buckets[i];
        const bool same = x.bucket == y.bucket && x.available == y.available &&
                          x.allowance == y.allowance && x.running == y.running;
        if (!same) return "bucket " + std::string{x.bucket.name()};
    }
    return {};
}

// ---- A store that forgets -----------------------------------------------------------------------

/// Keeps the texts of a page as long as the page and no longer: then they read "####".
class forgetful_store : public whole_page_store {
public:
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        auto opened = whole_page_store::open(wanted, into);
        text_list& own = all_.emplace_back();
        move_texts(into.known, own);
        move_texts(into.told, own);
        into.texts = forgotten_with_it(own);
        return opened;
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        auto page = whole_page_store::entries(wallet, query);
        if (!page) return page;
        text_list& own = all_.emplace_back();
        move_texts(page->entries, own);
        page->texts = forgotten_with_it(own);
        return page;
    }

private:
    using text_list = std::deque<std::string>;

    static void move_texts(std::vector<coffer::entry>& entries, text_list& own) {
        for (coffer::entry& e : entries) {
            for (std::string_view* text : {&e.usage.action, &e.usage.tags, &e.member, &e.resource,
                                           &e.request, &e.zone, &e.plan}) {
                *text = own.emplace_back(*text);
            }
        }
    }
    static std::shared_ptr<const void> forgotten_with_it(text_list& own) {
        return {&own, [&own](const void*) {
                    for (std::string& text : own) text.assign(text.size(), '#');
                }};
    }

    std::deque<text_list> all_;  // outlives its pages, so that a test can read what it must not
};

}  // namespace

// ---- History ------------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("a history has the entries that meet all conditions at once", "", lends_heads,
                   gives_whole_pages) {
    question_lab<TestType> l{monthly_questions(10_cr)};
    l.start();                                                                         // 1, 2
    l.w.charge({.action = "chat", .member = "ada", .tags = "api,night"}).or_throw();   // 3
    l.w.charge({.action = "image", .member = "ada", .resource = "doc-1"}).or_throw();  // 4
    l.go("2026-01-02T00:00:00Z");
    l.w.charge({.action = "chat", .member = "grace", .resource = "doc-1"}).or_throw();  // 5
    l.go("2026-02-01T00:00:00Z");
    l.w.charge({.action = "chat", .member = "ada", .tags = "night"}).or_throw();  // 6, 7: reset; 8

    using list = std::vector<std::uint32_t>;
    CHECK(numbers(l.w, {}) == list{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(numbers(l.w, {.kinds = {entry_kind::charged}}) == list{3, 4, 5, 8});
    CHECK(numbers(l.w, {.kinds = {entry_kind::forfeited, entry_kind::started}}) == list{1, 6});
    CHECK(numbers(l.w, {.action = "chat"}) == list{3, 5, 8});
    CHECK(numbers(l.w, {.member = "ada"}) == list{3, 4, 8});
    CHECK(numbers(l.w, {.resource = "doc-1"}) == list{4, 5});
    CHECK(numbers(l.w, {.tag = "night"}) == list{3, 8});
    CHECK(numbers(l.w, {.tag = "nigh"}) == list{});
    CHECK(numbers(l.w, {.action = "chat", .member = "ada"}) == list{3, 8});
    CHECK(numbers(l.w, {.from = at("2026-01-02T00:00:00Z")}) == list{5, 6, 7, 8});
    CHECK(numbers(l.w, {.until = at("2026-01-02T00:00:00Z")}) == list{1, 2, 3, 4});
    CHECK(numbers(l.w, {.action = "chat",
                        .from = at("2026-01-02T00:00:00Z"),
                        .until = at("2026-02-01T00:00:00Z")}) == list{5});
    CHECK(numbers(l.w, {.newest_first = true}) == list{8, 7, 6, 5, 4, 3, 2, 1});
    CHECK(numbers(l.w, {.action = "chat", .newest_first = true}) == list{8, 5, 3});
    CHECK(numbers(l.w, {.action = "chat", .after = coffer::entry_id{3}}) == list{5, 8});
    CHECK(numbers(l.w, {.before = coffer::entry_id{4}, .newest_first = true}) == list{3, 2, 1});
    CHECK(numbers(l.w, {.action = "nothing"}) == list{});
    CHECK(numbers(l.wallets["stranger"], {}) == list{});
}

TEMPLATE_TEST_CASE("there are more pages exactly if there is another entry that meets the query",
                   "", lends_heads, gives_whole_pages) {
    question_lab<TestType> l{priced_plan()};
    l.grant(100_cr);
    for (int i = 0; i < 3; ++i) {
        l.w.charge({.action = "chat"}).or_throw();
        l.w.charge({.action = "image"}).or_throw();
    }
    const auto chats = [&](std::size_t limit, bool newest_first) {
        return l.w.history({.action = "chat", .limit = limit, .newest_first = newest_first})
            .or_throw();
    };
    for (bool newest_first : {false, true}) {
        CHECK(chats(2, newest_first).more);
        CHECK(chats(2, newest_first).entries.size() == 2);
        CHECK_FALSE(chats(3, newest_first).more);  // others follow, but none is a chat
        CHECK(chats(3, newest_first).entries.size() == 3);
        CHECK_FALSE(chats(4, newest_first).more);
    }
}

TEMPLATE_TEST_CASE("the pages of a history are the whole: no gap, no repetition, either way", "",
                   lends_heads, gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        random.live(steps);
        const journal whole = random.l.entries();
        if (whole.size() == 0) continue;
        for (int i = 0; i < 30; ++i) {
            const coffer::history_query q = random_query(random.d, whole);
            std::vector<std::shared_ptr<const void>> texts;
            const auto pages = all_pages(random.l.w, q, texts);
            const auto expected = scan(whole, q);
            CHECK(numbers(pages) == numbers(expected));
            CHECK(pages == expected);
        }
    }
}

TEST_CASE("a history reads on through a long journal, however few entries meet it") {
    question_lab<lends_heads> l{priced_plan()};
    l.grant(10'000_cr);
    for (int i = 1; i <= 2'500; ++i) {
        const std::string_view action = i % 700 == 0 ? "image" : "chat";
        l.w.charge({.action = action}).or_throw();
    }
    using list = std::vector<std::uint32_t>;
    CHECK(numbers(l.w, {.action = "image"}) == list{701, 1401, 2101});
    CHECK(numbers(l.w, {.action = "image", .limit = 2, .newest_first = true}) == list{2101, 1401});
    CHECK(numbers(l.w, {.action = "chat", .limit = 2'000}).size() == 2'000);
    CHECK(l.w.verify().or_throw().entries == 2'501);
    CHECK(l.w.verify().or_throw().sound);
}

TEST_CASE("the texts of a history last as long as its page, whatever the store lets go") {
    question_lab<forgetful_store> l{priced_plan()};
    l.grant(100_cr);
    for (int i = 0; i < 3; ++i) {
        l.w.charge({.action = "chat", .member = "ada", .tags = "night"}).or_throw();
        l.w.charge({.action = "image", .resource = "doc-1"}).or_throw();
    }
    const auto cut_short = l.w.history({.action = "chat", .limit = 2}).or_throw();
    REQUIRE(cut_short.more);
    for (const coffer::entry& e : cut_short.entries) {
        CHECK(e.usage.action == "chat");
        CHECK(e.member == "ada");
        CHECK(e.usage.tags == "night");
    }
    l.go("2026-02-01T00:00:00Z");
    l.w.charge({.action = "chat"}).or_throw();
    const auto past = l.w.history({.until = at("2026-02-01T00:00:00Z")}).or_throw();
    REQUIRE(past.entries.size() == 7);
    CHECK(past.entries[6].usage.action == "image");
    CHECK(past.entries[6].resource == "doc-1");
    CHECK(l.w.explain(coffer::entry_id{3}).or_throw().price.total == 3_cr);
}

// ---- The past -----------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("as of an instant is what the last entry recorded by then left", "", lends_heads,
                   gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        random.live(steps);
        const journal whole = random.l.entries();
        if (whole.size() == 0) continue;
        auto check_at = [&](coffer::instant when) {
            if (when >= whole.entries.back().at) return;
            coffer::balance_totals expected;
            for (const coffer::entry& e : whole.entries) {
                if (e.at <= when) expected = e.after;
            }
            CAPTURE(coffer::iso8601(when));
            CHECK(random.l.w.as_of(when).or_throw() == expected);
            CHECK(totals_of(random.l.w.balance(when).or_throw()) == expected);
        };
        check_at(whole.entries.front().at - 1us);
        for (const coffer::entry& e : whole.entries) {
            check_at(e.at - 1us);
            check_at(e.at);
            check_at(e.at + 1us);
        }
    }
}

TEMPLATE_TEST_CASE("the balance of an instant is the one that was given then", "", lends_heads,
                   gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        auto& w = random.l.w;
        std::map<coffer::instant, coffer::balance> given;
        for (int i = 0; i < steps; ++i) {
            CAPTURE(i);
            const coffer::instant next = random.next_instant();
            const auto foretold = w.balance(next).or_throw();
            const auto totals = w.as_of(next).or_throw();
            random.l.clock.set(next);
            CHECK(difference(foretold, random.l.balance()) == "");
            CHECK(totals == totals_of(random.l.balance()));
            random.step();
            given[random.now()] = random.l.balance();
        }
        for (const auto& [when, then] : given) {
            CAPTURE(coffer::iso8601(when));
            CHECK(difference(w.balance(when).or_throw(), then) == "");
            CHECK(w.as_of(when).or_throw() == totals_of(then));
        }
    }
}

TEST_CASE(
    "rule 41: an instant before which too much falls due is too_many, and its wallet goes on") {
    question_plan plan = monthly_questions(10_cr);
    question_lab<lends_heads> l{plan};
    l.start();
    CHECK(l.w.as_of(at("2030-01-01T00:00:00Z"))->available == 10_cr);
    CHECK(l.w.as_of(at("9999-01-01T00:00:00Z")) == coffer::errc::too_many);
    CHECK(l.w.balance(at("9999-01-01T00:00:00Z")) == coffer::errc::too_many);
    CHECK(l.available() == 10_cr);
}

TEST_CASE("as of never is what time alone brings, and nothing that never ends has ended") {
    question_lab<lends_heads> l{priced_plan()};
    CHECK(l.wallets["empty"].as_of(coffer::never) == coffer::balance_totals{});
    l.grant(10_cr);
    (void)l.w.hold({.amount = 1_cr, .expires_in = 1h})->detach();
    CHECK(l.w.as_of(coffer::never)->available == 10_cr);
    CHECK(l.w.balance(coffer::never)->held == 0_cr);
}

TEST_CASE("the past can be asked for when a plan of then, or a default, is not on offer") {
    coffer::plan_book book;
    REQUIRE(book.add("a", coffer::any_plan{monthly_questions(10_cr)}));
    REQUIRE(book.add("b", coffer::any_plan{monthly_questions(20_cr)}));
    lab<lends_heads, coffer::plan_book> l{book};
    l.w.start({.plan = "a"}).or_throw();
    l.go("2026-01-10T00:00:00Z");
    l.w.change({.plan = "b", .how = coffer::upgrade::later}).or_throw();
    l.go("2026-01-12T00:00:00Z");
    CHECK(l.w.balance(at("2025-12-01T00:00:00Z"))->available == 0_cr);
    REQUIRE(book.remove("a"));
    CHECK(l.w.balance(at("2026-01-05T00:00:00Z"))->available == 10_cr);
}

TEST_CASE("what a lot is called is no resource") {
    question_lab<lends_heads> l{priced_plan()};
    l.grant(10_cr, {.name = "doc-1"});
    const auto c = l.w.charge({.action = "chat", .resource = "doc-1"}).or_throw();
    const auto page = l.w.history({.resource = "doc-1"}).or_throw();
    REQUIRE(page.entries.size() == 1);
    CHECK(page.entries[0].id == c.id);
}

TEMPLATE_TEST_CASE("before its first entry a wallet had nothing", "", lends_heads,
                   gives_whole_pages) {
    question_lab<TestType> l{monthly_questions(10_cr)};
    l.start();
    CHECK(l.w.as_of(at("2025-12-31T23:59:59Z")).or_throw() == coffer::balance_totals{});
    const auto before = l.w.balance(at("2025-12-31T23:59:59Z")).or_throw();
    CHECK(difference(before, l.wallets["stranger"].balance().or_throw()) == "");
    CHECK(l.w.as_of(coffer::instant::min()).or_throw() == coffer::balance_totals{});
    CHECK(l.wallets["stranger"].as_of(at("2026-01-01T00:00:00Z")).or_throw() ==
          coffer::balance_totals{});
}

TEMPLATE_TEST_CASE("a balance of the past has the buckets and the period of then", "", lends_heads,
                   gives_whole_pages) {
    question_lab<TestType> l{monthly_questions(10_cr)};
    l.start();
    l.grant(5_cr);
    l.go("2026-01-20T00:00:00Z");
    l.charge(12_cr);
    l.go("2026-03-05T00:00:00Z");
    l.charge(1_cr);

    const auto january = l.w.balance(at("2026-01-25T00:00:00Z")).or_throw();
    CHECK(january.available_in(coffer::bucket_id::of("budget")) == 0_cr);
    CHECK(january.available_in(coffer::bucket_id::of("package")) == 3_cr);
    CHECK(january.used == 12_cr);
    CHECK(january.running->until == at("2026-02-01T00:00:00Z"));
    const auto february = l.w.balance(at("2026-02-15T00:00:00Z")).or_throw();
    CHECK(february.available == 13_cr);  // nobody had looked, the month had begun
    CHECK(february.used == 0_cr);
    CHECK(february.running->index == 1);
    CHECK(l.w.as_of(at("2026-04-01T00:00:00Z")).or_throw().available == 13_cr);  // still to come
}

// ---- All of them --------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("questions write nothing, and none is asked of a wallet without a name", "",
                   lends_heads, gives_whole_pages) {
    question_lab<TestType> l{monthly_questions(10_cr)};
    l.start();
    auto spend = l.charge(3_cr);
    const auto lot = l.newest(coffer::lot_origin::refilled);
    l.go("2026-05-20T00:00:00Z");  // four periods are due
    unchanged nothing{l};
    CHECK(l.w.history());
    CHECK(l.w.as_of(l.clock.now()));
    CHECK(l.w.balance(l.clock.now()));
    CHECK(l.w.paid_by(spend.id));
    CHECK(l.w.paid_from(lot));
    CHECK(l.w.explain({.amount = 100_cr}));
    CHECK(l.w.explain(spend.id));
    CHECK(l.w.verify());
    auto nobody = l.wallets[""];
    CHECK(nobody.as_of(l.clock.now()) == coffer::errc::invalid_argument);
    CHECK(nobody.balance(l.clock.now()) == coffer::errc::invalid_argument);
    CHECK(nobody.explain({.amount = 1_cr}) == coffer::errc::invalid_argument);
}

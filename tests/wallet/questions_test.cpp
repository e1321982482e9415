// The questions that a wallet answers: each answer is compared with what the journal says by a plain
// scan, with what the wallet said when the moment was there, or with what then really happens.
#include "support/wallet_fixture.hpp"

#include <deque>
#include <functional>
#include <random>
#include <set>

using namespace coffer_test;

namespace {

using coffer::deciding_rule;
using coffer::dispute_state;
using coffer::entry_kind;

// ---- Plans --------------------------------------------------------------------------------------

struct not_mallory {
    bool allows(const coffer::access_question& who) const { return who.member != "mallory"; }
};
struct any_clawback {
    coffer::shortfall answer = coffer::shortfall::uncollected;
    coffer::shortfall of_spent() const { return answer; }
};
struct any_debt_at_reset {
    bool dropped = false;
    bool drops() const { return dropped; }
};
struct any_refusals {
    bool sticky = false;
    bool stick() const { return sticky; }
};

/// The plan of the fixture with those parts that it leaves out.
struct question_plan : lab_plan {
    not_mallory access{};
    any_clawback clawback{};
    any_debt_at_reset debt_at_reset{};
    any_refusals refusals{};
};
static_assert(coffer::check_plan<question_plan>());

template <class Store>
using question_lab = lab<Store, question_plan>;

question_plan priced_plan() {
    question_plan plan;
    plan.cost = {{"chat", coffer::cost::flat{2_cr}},
                 {"image", coffer::cost::flat{3_cr}},
                 {"model", coffer::cost::tokens{.rates = {.input = 0.001_cr_each,
                                                          .output = 0.002_cr_each}}}};
    return plan;
}

question_plan monthly_questions(coffer::credits allowance) {
    question_plan plan = priced_plan();
    plan.budget.refill = {.length = coffer::months{1}, .amount = allowance};
    plan.budget.expiry = {coffer::expiry::at_period_end{}};
    return plan;
}

// ---- Random lives -------------------------------------------------------------------------------

class dice {
public:
    explicit dice(std::uint64_t seed) : source_{seed} {}

    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(source_() % static_cast<std::uint64_t>(n));
    }
    bool one_in(std::int64_t n) { return below(n) == 0; }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(below(static_cast<std::int64_t>(list.size())))];
    }
    coffer::credits amount() {
        return one_in(3) ? micros(1 + below(20'000'000)) : micros(1'000'000 * (1 + below(30)));
    }

private:
    std::mt19937_64 source_;
};

question_plan random_plan(dice& d) {
    question_plan plan = priced_plan();
    if (!d.one_in(5)) {
        const std::vector<coffer::timespan> lengths{coffer::months{1}, coffer::days{9}, 24h * 6};
        plan.budget.refill = {.length = d.of(lengths), .amount = d.amount()};
        plan.budget.expiry = {coffer::expiry::at_period_end{}};
    }
    if (d.one_in(3)) plan.bonus.refill = {.length = coffer::weeks{2}, .amount = d.amount()};
    if (d.one_in(2)) plan.budget.rollover = {coffer::rollover::capped{d.amount()}};
    if (d.one_in(2)) plan.bonus.only.names = {"chat"};
    if (d.one_in(2)) plan.budget.restore = {.length = coffer::days{5}};
    plan.package.refund = {coffer::refund::full{}};
    switch (d.below(4)) {
        case 0: plan.overdraft = {coffer::overdraft::limit{.amount = d.amount()}}; break;
        case 1:
            plan.overdraft = {coffer::overdraft::limit{.amount = d.amount(), .partial = true}};
            break;
        case 2: plan.overdraft = {coffer::overdraft::take_available{}}; break;
        default: break;
    }
    plan.debt_at_reset.dropped = d.one_in(3);
    plan.clawback.answer = d.one_in(2) ? coffer::shortfall::owed : coffer::shortfall::uncollected;
    if (d.one_in(2)) plan.late = {.back = 48h};
    return plan;
}

/// A wallet that lives at random. Whether purchases are taken back, is said beforehand: the books
/// of the fixture do not know what follows from that.
template <class Store>
class life {
public:
    life(std::uint64_t seed, bool takes_back)
        : d{seed}, plan{random_plan(d)}, l{plan, "2026-01-31T22:30:00Z"}, takes_back_{takes_back} {
        l.audited = !takes_back && !plan.debt_at_reset.dropped;
        l.books.debt_beside_credits = !plan.bonus.only.names.empty();
        if (!d.one_in(6)) l.start(d.one_in(2) ? "UTC" : "Europe/Berlin");
    }

    coffer::instant now() const { return l.clock.now(); }
    coffer::instant next_instant() {
        switch (d.below(7)) {
            case 0: return now();
            case 1: return now() + 1us;
            case 2: {
                const coffer::instant due = l.stored().next_due;
                return due > now() && due < now() + 24h * 50 ? due : now() + 1h;
            }
            case 3: return now() + 24h * d.below(20);
            default: return now() + 1min * d.below(900);
        }
    }
    void step() {
        switch (d.below(takes_back_ ? 13 : 11)) {
            case 0:
            case 1: grant(); break;
            case 2:
            case 3:
            case 4: (void)l.w.charge(random_charge()); break;
            case 5:
            case 6: hold(); break;
            case 7: settle(); break;
            case 8:
            case 9: refund(); break;
            case 10:
                if (!lots_.empty()) (void)l.w.void_lot({.lot = d.of(lots_), .amount = d.amount()});
                break;
            default: take_back(); break;
        }
    }
    void live(int steps) {
        for (int i = 0; i < steps; ++i) {
            l.clock.set(next_instant());
            step();
        }
    }

    coffer::charge_request random_charge() {
        static const std::vector<std::string_view> actions{"", "chat", "image", "model"};
        coffer::charge_request r{.action = d.of(actions)};
        if (r.action.empty()) {
            r.amount = d.amount();
        } else if (r.action == "model") {
            r.input_tokens = d.below(9'000);
            r.output_tokens = d.below(2'000);
        } else {
            r.quantity = coffer::quantity::from_micros(1'000'000 * (1 + d.below(9)));
        }
        r.member = d.of(members);
        r.resource = d.of(resources);
        r.tags = d.of(tags);
        if (plan.late.back != 0h && d.one_in(4)) r.at = now() - 1min * d.below(48 * 60);
        names_.push_back("c" + std::to_string(names_.size()));
        r.request = names_.back();
        return r;
    }

    inline static const std::vector<std::string_view> members{"", "ada", "grace"};
    inline static const std::vector<std::string_view> resources{"", "doc-1", "doc-2"};
    inline static const std::vector<std::string_view> tags{"", "api", "api,night", "night"};

    dice d;
    question_plan plan;
    question_lab<Store> l;

private:
    void grant() {
        static const std::vector<std::string_view> buckets{"budget", "bonus", "package", "package"};
        coffer::grant_request r{.bucket = d.of(buckets), .amount = d.amount()};
        if (d.one_in(3)) r.priority = static_cast<std::int32_t>(d.below(3));
        if (d.one_in(4)) r.effective = now() + 1h * d.below(200);
        if (d.one_in(2) || !l.stored().rest->started) r.expires = now() + 1h * (300 + d.below(900));
        if (d.one_in(2)) r.paid = usd(1 + d.below(2'000));
        if (auto made = l.w.grant(r)) lots_.push_back(made->lot);
    }
    void hold() {
        names_.push_back("h" + std::to_string(names_.size()));
        auto held = l.w.hold({.amount = d.amount(),
                              .tolerance = d.amount(),
                              .expires_in = 1min * (1 + d.below(3'000)),
                              .member = "ada",
                              .request = names_.back()});
        if (held) holds_.push_back(held->detach());
    }
    void settle() {
        if (holds_.empty()) return;
        const coffer::hold_id id = d.of(holds_);
        if (d.one_in(4)) {
            (void)l.w.release(id);
        } else {
            (void)l.w.settle(id, {.amount = d.amount()});
        }
    }
    void refund() {
        if (names_.empty()) return;
        coffer::refund_request r{.charge = d.of(names_)};
        if (d.one_in(2)) r.amount = d.amount();
        (void)l.w.refund(r);
    }
    void take_back() {
        if (lots_.empty()) return;
        const coffer::lot_id lot = d.of(lots_);
        switch (d.below(4)) {
            case 0: (void)l.w.dispute({.lot = lot, .state = dispute_state::opened}); break;
            case 1: (void)l.w.dispute({.lot = lot, .state = dispute_state::won}); break;
            case 2: (void)l.w.dispute({.lot = lot, .state = dispute_state::lost}); break;
            default: (void)l.w.refund_purchase({.lot = lot, .money = usd(d.below(2'000))}); break;
        }
    }

    bool takes_back_;
    std::deque<std::string> kept_;
    std::vector<std::string> names_;
    std::vector<coffer::lot_id> lots_;
    std::vector<coffer::hold_id> holds_;
};

constexpr int seeds = 12;
constexpr int steps = 60;

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
    if (d.one_in(3)) q.kinds = {entry_kind::charged, entry_kind::refunded};
    if (d.one_in(4)) q.action = "chat";
    if (d.one_in(4)) q.member = "ada";
    if (d.one_in(4)) q.resource = "doc-2";
    if (d.one_in(4)) q.tag = "night";
    if (d.one_in(3)) q.from = d.of(whole.entries).at + 1us * d.below(2);
    if (d.one_in(3)) q.until = d.of(whole.entries).at + 1us * d.below(2);
    if (d.one_in(4)) q.after = d.of(whole.entries).id;
    if (d.one_in(4)) q.before = d.of(whole.entries).id;
    q.limit = static_cast<std::size_t>(1 + d.below(9));
    return q;
}

// ---- Balances -----------------------------------------------------------------------------------

coffer::balance_totals totals_of(const coffer::balance& b) {
    return {b.available, b.held, b.debt};
}

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

// ---- Stores that tamper -------------------------------------------------------------------------

/// Hands out another account or other entries than it holds.
class tampering_store {
public:
    std::function<void(coffer::account&)> alter_account;
    std::function<void(std::vector<coffer::entry>&)> alter_entries;

    coffer::result<coffer::account> load(const coffer::wallet_id& wallet) {
        auto loaded = inner_.load(wallet);
        if (loaded && alter_account) alter_account(*loaded);
        return loaded;
    }
    coffer::result<coffer::journal_page> find(const coffer::wallet_id& wallet,
                                              const coffer::request_id& request) {
        return inner_.find(wallet, request);
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        auto page = inner_.entries(wallet, query);
        if (page && alter_entries) alter_entries(page->entries);
        return page;
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        return inner_.commit(batch);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        return inner_.due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        return inner_.notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) { return inner_.acknowledge(id); }

private:
    coffer::memory_store inner_;
};

/// Keeps the texts of a page as long as the page and no longer: then they read "####".
class forgetful_store {
public:
    coffer::result<coffer::account> load(const coffer::wallet_id& wallet) {
        return inner_.load(wallet);
    }
    coffer::result<coffer::journal_page> find(const coffer::wallet_id& wallet,
                                              const coffer::request_id& request) {
        return with_own_texts(inner_.find(wallet, request));
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        return with_own_texts(inner_.entries(wallet, query));
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        return inner_.commit(batch);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        return inner_.due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        return inner_.notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) { return inner_.acknowledge(id); }

private:
    using text_list = std::deque<std::string>;

    coffer::result<coffer::journal_page> with_own_texts(coffer::result<coffer::journal_page> page) {
        if (!page) return page;
        text_list& own = all_.emplace_back();
        for (coffer::entry& e : page->entries) {
            for (std::string_view* text : {&e.usage.action, &e.usage.tags, &e.member, &e.resource,
                                           &e.request, &e.zone, &e.plan}) {
                *text = own.emplace_back(*text);
            }
        }
        page->texts = std::shared_ptr<const void>{&own, [&own](const void*) {
            for (std::string& text : own) text.assign(text.size(), '#');
        }};
        return page;
    }

    coffer::memory_store inner_;
    std::deque<text_list> all_;  // outlives its pages, so that a test can read what it must not
};

}  // namespace

// ---- History ------------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("a history has the entries that meet all conditions at once", "", in_place,
                   load_commit) {
    question_lab<TestType> l{monthly_questions(10_cr)};
    l.start();                                                                    // 1, 2
    l.w.charge({.action = "chat", .member = "ada", .tags = "api,night"}).or_throw();       // 3
    l.w.charge({.action = "image", .member = "ada", .resource = "doc-1"}).or_throw();      // 4
    l.go("2026-01-02T00:00:00Z");
    l.w.charge({.action = "chat", .member = "grace", .resource = "doc-1"}).or_throw();     // 5
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

TEMPLATE_TEST_CASE("there are more pages exactly if there is another entry that meets the query", "",
                   in_place, load_commit) {
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
                   in_place, load_commit) {
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
    question_lab<in_place> l{priced_plan()};
    l.audited = false;
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
    l.audited = false;
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

TEMPLATE_TEST_CASE("as of an instant is what the last entry recorded by then left", "", in_place,
                   load_commit) {
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

TEMPLATE_TEST_CASE("the balance of an instant is the one that was given then", "", in_place,
                   load_commit) {
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

TEMPLATE_TEST_CASE("before its first entry a wallet had nothing", "", in_place, load_commit) {
    question_lab<TestType> l{monthly_questions(10_cr)};
    l.start();
    CHECK(l.w.as_of(at("2025-12-31T23:59:59Z")).or_throw() == coffer::balance_totals{});
    CHECK(l.w.balance(at("2025-12-31T23:59:59Z")).or_throw().buckets.empty());
    CHECK(l.w.as_of(coffer::instant::min()).or_throw() == coffer::balance_totals{});
    CHECK(l.wallets["stranger"].as_of(at("2026-01-01T00:00:00Z")).or_throw() ==
          coffer::balance_totals{});
}

TEMPLATE_TEST_CASE("a balance of the past has the buckets and the period of then", "", in_place,
                   load_commit) {
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

// ---- Who paid for what --------------------------------------------------------------------------

TEMPLATE_TEST_CASE("a spend names the lots that paid, with their share of what they had cost", "",
                   in_place, load_commit) {
    question_lab<TestType> l{priced_plan()};
    auto gift = l.grant(2_cr, {.priority = 1});
    auto pack = l.grant(9_cr, {.priority = 2, .paid = usd(100)});
    auto spend = l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();

    const auto paid = l.w.paid_by(spend.id).or_throw();
    REQUIRE(paid.size() == 2);
    CHECK(paid[0].lot == gift);
    CHECK(paid[0].amount == 2_cr);
    CHECK_FALSE(paid[0].share.has_currency());
    CHECK(paid[1].lot == pack);
    CHECK(paid[1].amount == 2_cr);
    CHECK(paid[1].share == usd(22));  // 100 × 2 ÷ 9, rounded down
    CHECK(paid[1].bucket == "package");
    CHECK(paid[1].spend == spend.id);
    CHECK_FALSE(paid[1].of_debt);
    CHECK(l.w.paid_by(coffer::request_id{"c"}).or_throw() == paid);
    CHECK(l.w.paid_from(pack).or_throw() == std::vector{paid[1]});
    CHECK(l.w.paid_from(gift).or_throw() == std::vector{paid[0]});

    l.w.refund({.charge = "c", .amount = 3_cr}).or_throw();  // the pack's 2, then 1 of the gift
    CHECK(l.w.paid_by(spend.id).or_throw().size() == 1);
    CHECK(l.w.paid_by(spend.id).or_throw()[0].amount == 1_cr);
    CHECK(l.w.paid_from(pack).or_throw().empty());
}

TEMPLATE_TEST_CASE("what repays debt later has paid for the spend that made it", "", in_place,
                   load_commit) {
    question_plan plan = priced_plan();
    plan.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    question_lab<TestType> l{plan};
    auto first = l.grant(3_cr);
    auto spend = l.w.charge({.amount = 8_cr, .request = "c"}).or_throw();
    CHECK(l.w.paid_by(spend.id).or_throw().size() == 1);
    auto second = l.grant(2_cr);
    auto third = l.grant(10_cr);

    auto paid = l.w.paid_by(spend.id).or_throw();
    REQUIRE(paid.size() == 3);
    CHECK((paid[0].lot == first && paid[0].amount == 3_cr && !paid[0].of_debt));
    CHECK((paid[1].lot == second && paid[1].amount == 2_cr && paid[1].of_debt));
    CHECK((paid[2].lot == third && paid[2].amount == 3_cr && paid[2].of_debt));
    CHECK(l.w.paid_from(third).or_throw() == std::vector{paid[2]});

    l.w.refund({.charge = "c", .amount = 4_cr}).or_throw();  // the repaid part first, latest first
    paid = l.w.paid_by(spend.id).or_throw();
    REQUIRE(paid.size() == 2);
    CHECK((paid[0].lot == first && paid[0].amount == 3_cr));
    CHECK((paid[1].lot == second && paid[1].amount == 1_cr && paid[1].of_debt));
    CHECK(l.w.paid_from(third).or_throw().empty());
}

TEMPLATE_TEST_CASE("a settled hold is asked about by its request, its hold or its settle", "",
                   in_place, load_commit) {
    question_lab<TestType> l{priced_plan()};
    auto lot = l.grant(10_cr);
    auto hold = l.w.hold({.amount = 6_cr, .request = "h"}).or_throw();
    const coffer::entry_id opened{hold.id().value()};
    CHECK(l.w.paid_by(opened) == coffer::errc::unknown_charge);  // nothing is spent yet
    auto settled = hold.settle({.amount = 4_cr}).or_throw();

    const auto paid = l.w.paid_by(settled.id).or_throw();
    REQUIRE(paid.size() == 1);
    CHECK(paid[0].amount == 4_cr);
    CHECK(paid[0].spend == settled.id);
    CHECK(l.w.paid_by(opened).or_throw() == paid);
    CHECK(l.w.paid_by(coffer::request_id{"h"}).or_throw() == paid);
    CHECK(l.w.paid_from(lot).or_throw() == paid);

    l.w.hold({.amount = 6_cr, .request = "released"}).or_throw().release().or_throw();
    CHECK(l.w.paid_by(coffer::request_id{"released"}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_from(lot).or_throw() == paid);
}

TEMPLATE_TEST_CASE("what is no spend and what is no lot has no payments", "", in_place,
                   load_commit) {
    question_lab<TestType> l{priced_plan()};
    auto lot = l.grant(10_cr, {.request = "g"});
    CHECK(l.w.paid_by(coffer::entry_id{lot.value()}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::entry_id{}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::entry_id{77}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::request_id{"g"}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::request_id{"never"}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_from(coffer::lot_id{77}) == coffer::errc::unknown_lot);
    CHECK(l.w.paid_from(coffer::lot_id{}) == coffer::errc::unknown_lot);
    CHECK(l.w.paid_from(lot).or_throw().empty());
}

TEMPLATE_TEST_CASE("what repays a claw-back is no payment for a spend", "", in_place,
                   load_commit) {
    question_plan plan = priced_plan();
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback.answer = coffer::shortfall::owed;
    question_lab<TestType> l{plan};
    l.audited = false;
    auto disputed = l.grant(10_cr, {.paid = usd(1'000)});
    auto spend = l.charge(10_cr);
    l.w.dispute({.lot = disputed, .state = dispute_state::opened}).or_throw();
    auto fresh = l.grant(15_cr);
    CHECK(l.available() == 5_cr);
    CHECK(l.w.paid_from(fresh).or_throw().empty());
    CHECK(l.w.paid_from(disputed).or_throw().size() == 1);
    CHECK(l.w.paid_by(spend.id).or_throw()[0].lot == disputed);
}

TEMPLATE_TEST_CASE("payments agree both ways, with refunds, and with what is still owed", "",
                   in_place, load_commit) {
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        const bool takes_back = seed % 2 == 0;
        life<TestType> random{seed, takes_back};
        random.live(steps);
        auto& w = random.l.w;
        random.l.w.sweep().or_throw();
        const journal whole = random.l.entries();
        const coffer::account stored = random.l.stored();

        std::map<std::uint32_t, std::vector<coffer::payment>> by_lot;
        for (const coffer::entry& e : whole.entries) {
            if (e.kind != entry_kind::charged && e.kind != entry_kind::settled) continue;
            CAPTURE(e.id.value());
            std::int64_t unpaid = 0;  // owed, or dropped and gone
            std::int64_t refunded = 0;
            for (const coffer::debt& d : stored.rest->debts) {
                if (d.charge == e.id) unpaid += d.open.micros();
            }
            for (const coffer::entry& other : whole.entries) {
                if (other.about != e.id) continue;
                if (other.kind == entry_kind::debt_dropped) unpaid += other.debt.micros();
                if (other.kind != entry_kind::refunded) continue;
                unpaid -= other.uncollected.micros();
                refunded += other.amount.micros();
            }
            std::int64_t paid = 0;
            for (const coffer::payment& p : w.paid_by(e.id).or_throw()) {
                CHECK(p.amount.is_positive());
                CHECK(p.spend == e.id);
                paid += p.amount.micros();
                by_lot[p.lot.value()].push_back(p);
            }
            CHECK(paid == e.amount.micros() - refunded - unpaid);
        }
        for (const coffer::lot& l : w.lots().or_throw()) {
            CAPTURE(l.id.value());
            const auto paid_for = w.paid_from(l.id).or_throw();
            CHECK(paid_for == by_lot[l.id.value()]);
            if (takes_back) continue;  // such a lot may have repaid a claw-back, too
            std::int64_t sum = 0;
            for (const coffer::payment& p : paid_for) sum += p.amount.micros();
            CHECK(l.spent.micros() == sum);
        }
    }
}

// ---- Why ----------------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("an explanation names the rule that decides", "", in_place, load_commit) {
    question_plan plan = monthly_questions(10_cr);
    SECTION("nothing may be owed") {
        question_lab<TestType> l{plan};
        l.start();
        auto decided_by = [&](const coffer::charge_request& r) {
            return l.w.explain(r).or_throw().decided_by;
        };
        unchanged nothing{l};
        CHECK(decided_by({.action = "chat"}) == deciding_rule::credits);
        CHECK(decided_by({.amount = 11_cr}) == deciding_rule::credits);
        CHECK(decided_by({.action = "chat", .member = "mallory"}) == deciding_rule::access);
        CHECK(decided_by({.action = "poem"}) == deciding_rule::cost);
        CHECK(decided_by({.amount = -1_cr}) == deciding_rule::request);
        CHECK(decided_by({.action = "chat", .amount = 1_cr}) == deciding_rule::request);
        CHECK(decided_by({}) == deciding_rule::request);
        // The first rule that is asked decides.
        CHECK(decided_by({.action = "poem", .member = "mallory"}) == deciding_rule::access);
    }
    SECTION("something may be owed") {
        plan.overdraft = {coffer::overdraft::limit{.amount = 5_cr}};
        question_lab<TestType> l{plan};
        l.start();
        CHECK(l.w.explain({.amount = 10_cr}).or_throw().decided_by == deciding_rule::credits);
        const auto beyond = l.w.explain({.amount = 12_cr}).or_throw();
        CHECK(beyond.decided_by == deciding_rule::overdraft);
        CHECK(beyond.debt == 2_cr);
        CHECK(l.w.explain({.amount = 16_cr}).or_throw().refused ==
              coffer::error{coffer::errc::insufficient_credits}.code());
    }
    SECTION("what is there may be taken") {
        plan.overdraft = {coffer::overdraft::take_available{}};
        question_lab<TestType> l{plan};
        l.start();
        const auto partial = l.w.explain({.amount = 12_cr}).or_throw();
        CHECK(partial.decided_by == deciding_rule::overdraft);
        CHECK(partial.price.total == 12_cr);
        CHECK(partial.lots[0].taken == 10_cr);
    }
    SECTION("the wallet cannot count it") {
        question_lab<TestType> l{plan};
        l.grant(coffer::credits::max());
        l.charge(coffer::credits::max());
        l.grant(1_cr);
        const auto too_much = l.w.explain({.amount = 1_cr}).or_throw();
        CHECK(too_much.decided_by == deciding_rule::wallet);
        REQUIRE(too_much.refused);
        CHECK(too_much.refused->code() == coffer::errc::amount_overflow);
        CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::amount_overflow);
    }
}

TEMPLATE_TEST_CASE("an event that comes too late, or lies ahead, is explained as it is refused", "",
                   in_place, load_commit) {
    question_plan plan = priced_plan();
    plan.late = {.back = 1h};
    question_lab<TestType> l{plan};
    l.grant(10_cr);
    l.go("2026-01-02T00:00:00Z");
    const coffer::charge_request late{.action = "chat", .at = at("2026-01-01T22:59:59Z")};
    const coffer::charge_request ahead{.action = "chat", .at = at("2026-01-02T00:00:06Z")};
    const coffer::charge_request good{.action = "chat", .at = at("2026-01-01T23:00:00Z")};
    for (const coffer::charge_request& r : {late, ahead}) {
        const auto why = l.w.explain(r).or_throw();
        CHECK(why.decided_by == deciding_rule::request);
        REQUIRE(why.refused);
        CHECK(l.w.charge(r) == why.refused->code());
    }
    CHECK_FALSE(l.w.explain(good).or_throw().refused);
}

TEMPLATE_TEST_CASE("an explanation lists the price and all lots in burn order, and which are taken",
                   "", in_place, load_commit) {
    question_plan plan = priced_plan();
    plan.bonus.only.names = {"chat"};
    question_lab<TestType> l{plan};
    auto package = l.grant(5_cr);
    auto chats = l.grant(3_cr, {.bucket = "bonus"});
    auto later = l.grant(4_cr);

    const auto why = l.w.explain({.action = "model", .input_tokens = 6'000}).or_throw();
    CHECK(why.price.total == 6_cr);
    REQUIRE(why.price.lines.size() == 1);
    CHECK(why.price.lines[0].units == 6'000_units);
    REQUIRE(why.lots.size() == 3);
    CHECK((why.lots[0].lot == chats && !why.lots[0].allowed && why.lots[0].taken == 0_cr));
    CHECK((why.lots[1].lot == package && why.lots[1].allowed && why.lots[1].taken == 5_cr));
    CHECK((why.lots[2].lot == later && why.lots[2].taken == 1_cr));
    CHECK(why.lots[2].available == 4_cr);

    const auto refused = l.w.explain({.amount = 10_cr}).or_throw();
    CHECK(refused.missing == 1_cr);
    for (const coffer::lot_in_question& lot : refused.lots) CHECK(lot.taken == 0_cr);
    CHECK_FALSE(refused.possible_at);
}

TEMPLATE_TEST_CASE("what an explanation says is what the charge then does", "", in_place,
                   load_commit) {
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        for (int i = 0; i < steps; ++i) {
            CAPTURE(i);
            random.l.clock.set(random.next_instant());
            if (!random.d.one_in(3)) {
                random.step();
                continue;
            }
            coffer::charge_request r = random.random_charge();
            switch (random.d.below(8)) {
                case 0: r.member = "mallory"; break;
                case 1: r.action = "poem"; break;
                case 2: r.amount = -1_cr; break;
                case 3: r.at = random.now() - 24h * random.d.below(4); break;
                default: break;
            }
            const auto before = random.l.stored();
            const auto why = random.l.w.explain(r).or_throw();
            CHECK(random.l.stored() == before);
            const auto done = random.l.w.charge(r);
            CHECK(done.has_value() == !why.refused);
            if (!done) {
                CHECK(why.refused->code() == done.error().code());
                CHECK(why.refused->required() == done.error().required());
                CHECK(why.refused->acceptable() == done.error().acceptable());
                continue;
            }
            taken_list takes;
            for (const coffer::lot_in_question& lot : why.lots) {
                if (lot.taken.is_positive()) takes.emplace_back(lot.lot, lot.taken);
                CHECK((lot.allowed || lot.taken.is_zero()));
                CHECK(lot.taken <= lot.available);
            }
            CHECK(takes == taken(done->parts));
            CHECK(why.debt == done->debt);
            CHECK(done->cost <= why.price.total);
            if (done->cost == why.price.total) CHECK(done->lines == why.price.lines);
            const bool beyond = done->cost < why.price.total || done->debt.is_positive();
            CHECK((why.decided_by == deciding_rule::overdraft) == beyond);
        }
    }
}

TEMPLATE_TEST_CASE("what is missing is exactly what has to arrive to pay in full", "", in_place,
                   load_commit) {
    int asked = 0;
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        auto& l = random.l;
        const bool partial = random.plan.overdraft.terms().partial;
        for (int i = 0; i < steps; ++i) {
            CAPTURE(i);
            l.clock.set(random.next_instant());
            random.step();
            coffer::charge_request r = random.random_charge();
            r.request = {};
            const auto why = l.w.explain(r).or_throw();
            if (!why.refused || *why.refused != coffer::errc::insufficient_credits) continue;
            ++asked;
            REQUIRE(why.missing.is_positive());
            const auto ends = l.clock.now() + 1h;
            if (why.missing > micros(1)) {
                l.grant((why.missing - micros(1)).value_or(0_cr), {.expires = ends});
                if (!partial) CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
            }
            l.grant(micros(1), {.expires = ends});
            const auto possible = l.w.quote(r).or_throw();
            CHECK(possible.cost == why.price.total);
            if (!partial) {
                CHECK(l.w.explain({.amount = (possible.cost + micros(1)).value_or(0_cr)})
                          .or_throw()
                          .missing >= micros(1));
            }
        }
    }
    CHECK(asked > 100);
}

TEMPLATE_TEST_CASE("debt beyond the overdraft has to be repaid before anything is possible", "",
                   in_place, load_commit) {
    question_plan plan = priced_plan();
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback.answer = coffer::shortfall::owed;
    question_lab<TestType> l{plan};
    l.audited = false;
    auto disputed = l.grant(30_cr, {.paid = usd(3'000)});
    l.charge(30_cr);
    l.w.dispute({.lot = disputed, .state = dispute_state::opened}).or_throw();
    CHECK(l.balance().debt == 30_cr);
    CHECK(l.w.explain({.action = "chat"}).or_throw().missing == 32_cr);
    l.grant(31_cr);
    CHECK(l.w.charge({.action = "chat"}) == coffer::errc::insufficient_credits);
    l.grant(1_cr);
    CHECK(l.w.charge({.action = "chat"}));
}

TEMPLATE_TEST_CASE("a refusal says when time alone makes the charge possible", "", in_place,
                   load_commit) {
    question_plan plan = monthly_questions(10_cr);
    SECTION("the next period brings enough") {
        question_lab<TestType> l{plan};
        l.start();
        l.charge(9_cr);
        const auto why = l.w.explain({.amount = 2_cr}).or_throw();
        CHECK(why.possible_at == at("2026-02-01T00:00:00Z"));
        CHECK(why.refill == 10_cr);
        CHECK(why.missing == 1_cr);
    }
    SECTION("the third one does, as what is left goes on") {
        plan.budget.rollover = {coffer::rollover::all{}};
        question_lab<TestType> l{plan};
        l.start();
        CHECK(l.w.explain({.amount = 35_cr}).or_throw().possible_at == at("2026-04-01T00:00:00Z"));
        CHECK(l.w.explain({.amount = 30_cr}).or_throw().possible_at == at("2026-03-01T00:00:00Z"));
    }
    SECTION("none does") {
        question_lab<TestType> l{plan};
        l.start();
        CHECK_FALSE(l.w.explain({.amount = 11_cr}).or_throw().possible_at);
    }
    SECTION("a lot becomes effective first, which no period brings") {
        question_lab<TestType> l{plan};
        l.start();
        l.grant(5_cr, {.effective = at("2026-01-10T00:00:00Z")});
        const auto why = l.w.explain({.amount = 12_cr}).or_throw();
        CHECK(why.possible_at == at("2026-01-10T00:00:00Z"));
        CHECK(why.refill == 0_cr);
    }
    SECTION("a hold runs out first") {
        question_lab<TestType> l{plan};
        l.start();
        auto hold = l.w.hold({.amount = 8_cr, .expires_in = 10min}).or_throw();
        CHECK(l.w.explain({.amount = 5_cr}).or_throw().possible_at == at("2026-01-01T00:10:00Z"));
    }
    SECTION("debt is repaid before it counts") {
        plan.overdraft = {coffer::overdraft::limit{.amount = 25_cr}};
        question_lab<TestType> l{plan};
        l.start();
        l.charge(35_cr);
        CHECK(l.w.explain({.amount = 8_cr}).or_throw().possible_at == at("2026-02-01T00:00:00Z"));
        CHECK(l.w.explain({.amount = 20_cr}).or_throw().possible_at == at("2026-03-01T00:00:00Z"));
    }
    SECTION("where another bucket refills, it does not") {
        plan.budget.only.names = {"image"};
        question_lab<TestType> l{plan};
        l.start();
        CHECK_FALSE(l.w.explain({.action = "chat"}).or_throw().possible_at);
        CHECK_FALSE(l.w.explain({.action = "image"}).or_throw().refused);
    }
    SECTION("without a period nothing comes") {
        question_lab<TestType> l{plan};
        CHECK_FALSE(l.w.explain({.amount = 1_cr}).or_throw().possible_at);
    }
}

TEMPLATE_TEST_CASE("the instant that a refusal names is when the same charge goes through, and not "
                   "before",
                   "", in_place, load_commit) {
    int named = 0;
    int never = 0;
    for (std::uint64_t seed = 1; seed <= 3 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        auto& l = random.l;
        for (int i = 0; i < steps / 2; ++i) {
            CAPTURE(i);
            l.clock.set(random.next_instant());
            random.step();
            coffer::charge_request r = random.random_charge();
            r.request = {};
            r.at.reset();
            if (random.d.one_in(2)) r = {.amount = (l.balance().available + random.d.amount())
                                                       .value_or(1_cr)};
            const auto why = l.w.explain(r).or_throw();
            if (!why.refused) continue;
            const coffer::instant now = l.clock.now();
            if (why.possible_at) {
                ++named;
                const coffer::instant then = *why.possible_at;
                REQUIRE(then > now);
                l.clock.set(then);
                CHECK(l.w.quote(r));
                l.clock.set(then - 1us);
                CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
                for (int k = 0; k < 5; ++k) {
                    l.clock.set(now + 1us * random.d.below((then - now).count()));
                    CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
                }
            } else {
                ++never;
                for (int day = 0; day < 60; ++day) {  // within twelve periods of six days
                    l.clock.set(now + 24h * day);
                    CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
                }
            }
            l.clock.set(now);
        }
    }
    CHECK(named > 50);
    CHECK(never > 50);
}

TEMPLATE_TEST_CASE("a spend of the past is explained by its lines and the lots that paid", "",
                   in_place, load_commit) {
    question_plan plan = priced_plan();
    plan.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    question_lab<TestType> l{plan};
    auto lot = l.grant(10_cr);
    auto spend =
        l.w.charge({.action = "model", .input_tokens = 1'500, .output_tokens = 250}).or_throw();
    auto hold = l.w.hold({.action = "model", .at_most = 5_cr}).or_throw();
    auto settled = hold.settle({.input_tokens = 3'000}).or_throw();
    auto owing = l.w.charge({.amount = 8_cr}).or_throw();

    const auto why = l.w.explain(spend.id).or_throw();
    CHECK(why.price.total == 2_cr);
    CHECK(why.price.lines == spend.lines);
    CHECK(why.price.lines.size() == 2);
    REQUIRE(why.lots.size() == 1);
    CHECK((why.lots[0].lot == lot && why.lots[0].taken == 2_cr && why.lots[0].allowed));
    CHECK(why.decided_by == deciding_rule::credits);
    CHECK_FALSE(why.refused);

    const auto of_hold = l.w.explain(settled.id).or_throw();
    CHECK(of_hold.price.total == 3_cr);
    CHECK(of_hold.price.lines == settled.lines);
    CHECK(l.w.explain(coffer::entry_id{settled.hold.value()}).or_throw().price.total == 3_cr);

    const auto of_debt = l.w.explain(owing.id).or_throw();
    CHECK(of_debt.decided_by == deciding_rule::overdraft);
    CHECK(of_debt.debt == 3_cr);
    CHECK(of_debt.price.lines.empty());

    CHECK(l.w.explain(coffer::entry_id{lot.value()}) == coffer::errc::unknown_charge);
    CHECK(l.w.explain(coffer::entry_id{99}) == coffer::errc::unknown_charge);
    CHECK(l.w.explain(coffer::entry_id{}) == coffer::errc::unknown_charge);
}

TEMPLATE_TEST_CASE("lines that do not come to what was paid then are not shown", "", in_place,
                   load_commit) {
    question_lab<TestType> l{priced_plan()};
    l.grant(10_cr);
    auto spend = l.w.charge({.action = "chat"}).or_throw();
    question_plan dearer = priced_plan();
    dearer.cost = {{"chat", coffer::cost::flat{4_cr}}};
    coffer::wallets today{dearer, l.store, l.clock};
    const auto why = today["acme"].explain(spend.id).or_throw();
    CHECK(why.price.total == 2_cr);
    CHECK(why.price.lines.empty());
}

TEMPLATE_TEST_CASE("a refusal for good is explained from the journal", "", in_place, load_commit) {
    question_plan plan = priced_plan();
    plan.refusals.sticky = true;
    question_lab<TestType> l{plan};
    l.audited = false;
    l.grant(3_cr);
    CHECK(l.w.charge({.amount = 5_cr, .request = "c"}) == coffer::errc::insufficient_credits);
    const auto refused = l.entries().of(entry_kind::refused);
    REQUIRE(refused.size() == 1);
    l.grant(10_cr);
    const auto why = l.w.explain(refused[0].id).or_throw();
    REQUIRE(why.refused);
    CHECK(why.refused->code() == coffer::errc::insufficient_credits);
    CHECK(why.refused->required() == 5_cr);
    CHECK(why.refused->acceptable() == 3_cr);
    CHECK(why.missing == 2_cr);
    CHECK(l.w.paid_by(refused[0].id) == coffer::errc::unknown_charge);
}

// ---- Whether it agrees --------------------------------------------------------------------------

TEMPLATE_TEST_CASE("after any life a wallet's journal and account agree", "", in_place,
                   load_commit) {
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

TEMPLATE_TEST_CASE("a wallet that nobody has touched is sound", "", in_place, load_commit) {
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
        const auto audited = l.audited;
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
        const auto more = [](coffer::credits& amount) {
            amount = micros(amount.micros() + 1);
        };
        for (const coffer::entry& e : whole.entries) {
            const auto available = finds(e, [&](coffer::entry& x) { more(x.after.available); });
            CHECK(available.first_wrong == e.id);
            CHECK(available.entries == e.id.value() - 1);
            CHECK(finds(e, [&](coffer::entry& x) { more(x.after.held); }).first_wrong == e.id);
            CHECK(finds(e, [&](coffer::entry& x) { more(x.after.debt); }).first_wrong == e.id);
            finds(e, [&](coffer::entry& x) { x.id = coffer::entry_id{e.id.value() + 1}; });
            const bool moves_credits = e.amount.is_positive() && e.kind != entry_kind::noted &&
                                       e.kind != entry_kind::refused;
            if (moves_credits) finds(e, [&](coffer::entry& x) { more(x.amount); });
            if (moves_credits && !e.parts.empty()) {
                finds(e, [&](coffer::entry& x) { more(x.parts[0].amount); });
                finds(e, [&](coffer::entry& x) { x.parts[0].lot = coffer::lot_id{999'999}; });
            }
        }
        l.audited = audited;
    }
}

TEST_CASE("entries that are missing, doubled or out of order are found") {
    question_lab<tampering_store> l{priced_plan()};
    l.grant(10_cr);
    for (int i = 0; i < 4; ++i) l.charge(1_cr);
    REQUIRE(l.w.verify().or_throw().sound);
    const auto verify_with = [&](auto&& alter) {
        l.store.alter_entries = alter;
        const auto v = l.w.verify().or_throw();
        l.store.alter_entries = nullptr;
        CHECK_FALSE(v.sound);
        CHECK_FALSE(v.wrong.empty());
        return v;
    };
    using list = std::vector<coffer::entry>;
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
    CHECK(is_found([](account& a) { a.burning[0].available = 19_cr; }));
    CHECK(is_found([](account& a) { a.next_due = coffer::never; }));
    CHECK(is_found([](account& a) { a.time = at("2026-01-01T00:00:01Z"); }));
    CHECK(is_found([](account& a) { a.rest.edit().lots[0].granted = 11_cr; }));
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

// ---- All of them --------------------------------------------------------------------------------

TEMPLATE_TEST_CASE("questions write nothing, and none is asked of a wallet without a name", "",
                   in_place, load_commit) {
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

// Random lives of wallets: what the rules promise has to hold after each operation, on each path
// through the store, and whenever somebody looks or sweeps in between.
#include "support/choices.hpp"
#include "support/dice.hpp"
#include "support/wallet_fixture.hpp"

#include <deque>

using namespace coffer_test;

namespace {

struct dice : fair_dice {
    using fair_dice::fair_dice;

    coffer::credits amount() {
        switch (below(4)) {
            case 0: return micros(1 + below(10));
            case 1: return micros(1'000'000 * (1 + below(40)));
            default: return micros(1 + below(30'000'000));
        }
    }
};

any_rollover random_rollover(dice& d) {
    switch (d.below(4)) {
        case 0: return {coffer::rollover::none{}};
        case 1: return {coffer::rollover::all{}};
        case 2: return {coffer::rollover::capped{d.amount()}};
        default: return {coffer::rollover::fraction{1 + d.below(3), 3}};
    }
}
any_expiry random_expiry(dice& d, bool refills) {
    switch (d.below(3)) {
        case 0: return {coffer::expiry::never{}};
        case 1: return {coffer::expiry::after{coffer::days{1 + static_cast<int>(d.below(60))}}};
        default:
            if (refills) return {coffer::expiry::at_period_end{}};
            return {coffer::expiry::after{coffer::months{2}}};
    }
}

lab_plan random_plan(dice& d) {
    lab_plan plan;
    plan.cost = {{"chat", coffer::cost::flat{1.000003_cr}}, {"image", coffer::cost::flat{3_cr}}};
    auto fill = [&](lab_bucket& b, bool refills) {
        if (refills) {
            // Short periods whose rest rolls on for good would make lives of lots alone.
            const std::vector<coffer::timespan> lengths{coffer::months{1}, coffer::days{10},
                                                        coffer::weeks{1}, 24h * 8};
            b.refill = {.length = d.of(lengths), .amount = d.amount()};
            if (d.one_in(2)) b.refill.price = usd(d.below(5'000));
        }
        b.rollover = random_rollover(d);
        b.expiry = random_expiry(d, refills);
        switch (d.below(3)) {
            case 0: b.refund = {coffer::refund::unspent{}}; break;
            case 1: b.refund = {coffer::refund::full{}}; break;
            default: b.refund = {coffer::refund::within{.window = coffer::days{20}}}; break;
        }
        if (d.one_in(2)) b.restore = {.length = coffer::days{static_cast<int>(1 + d.below(9))}};
    };
    fill(plan.budget, !d.one_in(4));
    fill(plan.bonus, d.one_in(3));
    fill(plan.package, false);
    if (d.one_in(3)) plan.bonus.only.names = {"chat"};
    switch (d.below(5)) {
        case 0: plan.overdraft = {coffer::overdraft::limit{.amount = d.amount()}}; break;
        case 1:
            plan.overdraft = {coffer::overdraft::limit{.amount = d.amount(), .partial = true}};
            break;
        case 2: plan.overdraft = {coffer::overdraft::take_available{}}; break;
        case 3:
            plan.overdraft = {coffer::overdraft::bill_later{d.amount(), usd(d.below(300))}};
            break;
        default: break;
    }
    if (d.one_in(2)) plan.late = {.back = 48h};
    plan.choices.alerts = 2;  // its limits would refuse what is expected here to go through
    return plan;
}

/// The parts that rule 13 gives for an amount, found by sorting all lots.
taken_list expected_parts(std::vector<coffer::lot> lots, const lab_plan& plan,
                          std::string_view action, coffer::credits amount) {
    auto rank = [](const coffer::lot& l) {
        std::string_view name = l.terms.bucket.name();
        return name == "budget" ? 0 : name == "bonus" ? 1 : 2;
    };
    auto key = [&](const coffer::lot& l) {
        return std::tuple{rank(l), l.terms.priority, std::min(l.terms.expires, l.terms.lapses)};
    };
    // Of one instant: what was granted before, what rolled as its first lots came, the rest.
    auto age = [](const coffer::lot& l) {
        const bool rolled = l.terms.origin == coffer::lot_origin::rolled;
        const int turn = rolled ? 1 : l.made < l.terms.effective ? 0 : 2;
        return std::tuple{turn, rolled ? l.terms.from : l.id};
    };
    auto per_credit_before = [](const coffer::lot& a, const coffer::lot& b) {
        // Amounts of these tests are small: the products fit.
        return a.terms.paid.minor_units() * b.basis().micros() <
               b.terms.paid.minor_units() * a.basis().micros();
    };
    std::sort(lots.begin(), lots.end(), [&](const coffer::lot& a, const coffer::lot& b) {
        if (key(a) != key(b)) return key(a) < key(b);
        if (a.terms.paid.has_currency() != b.terms.paid.has_currency()) {
            return b.terms.paid.has_currency();
        }
        if (per_credit_before(a, b)) return true;
        if (per_credit_before(b, a)) return false;
        return std::tuple{a.terms.effective, age(a)} < std::tuple{b.terms.effective, age(b)};
    });
    taken_list parts;
    std::int64_t left = amount.micros();
    for (const coffer::lot& l : lots) {
        const bool limited = l.terms.bucket == "bonus" && !plan.bonus.only.allows(action);
        if (left == 0 || !l.active || l.available.is_zero() || limited) continue;
        std::int64_t taking = std::min(left, l.available.micros());
        parts.emplace_back(l.id, micros(taking));
        left -= taking;
    }
    return parts;
}

coffer::credits sum(const taken_list& parts) {
    std::int64_t total = 0;
    for (const auto& p : parts) total += p.second.micros();
    return micros(total);
}

/// One random life. Two with the same seed do the same, as long as the same happens to them.
template <class Lab>
class life {
public:
    life(Lab& l, const lab_plan& plan, std::uint64_t seed, bool checked)
        : l_{l}, plan_{plan}, d_{seed}, checked_{checked} {}

    coffer::instant now() const { return l_.clock.now(); }
    /// When the next operation happens.
    coffer::instant next_instant() {
        switch (d_.below(8)) {
            case 0: return now();
            case 1: return now() + 1us;
            case 2: {
                coffer::instant due = l_.stored().next_due;
                return due > now() && due < now() + 24h * 70 ? due : now() + 1h;
            }
            case 3: return now() + 24h * d_.below(d_.one_in(3) ? 40 : 3);
            case 4: return now() + 1s * d_.below(100'000);
            default: return now() + 1min * d_.below(300);
        }
    }

    void step() {
        switch (d_.below(15)) {
            case 13: note(l_.w.configure(some_choice(d_)), "configure"); break;
            case 0:
            case 1: grant(); break;
            case 2:
            case 3:
            case 4: charge(); break;
            case 5:
            case 6: hold(); break;
            case 7:
            case 8: settle(); break;
            case 9: release(); break;
            case 10: refund(); break;
            case 11: change_lot(); break;
            case 12: repeat(); break;
            default:
                if (d_.one_in(10)) note(l_.w.start(), "start");
                break;
        }
        if (!checked_) return;
        CHECK(l_.audit() == "");
        for (const coffer::lot& each : l_.w.lots().or_throw()) {
            if (each.active && each.available.is_positive() && !each.terms.ends_with_period) {
                CHECK(each.terms.expires > now());
            }
        }
        for (const coffer::hold& open : l_.w.holds().or_throw()) CHECK(open.until > now());
    }

private:
    std::string fresh_id() { return "r" + std::to_string(++count_); }
    std::optional<coffer::instant> event() {
        if (plan_.late.back == 0h || !d_.one_in(3)) return std::nullopt;
        return now() - 1min * d_.below(48 * 60);
    }
    template <class Receipt>
    bool note(const Receipt& r, const char* verb) {
        if (r) return true;
        // A wallet never contradicts itself, and no policy here breaks its contract.
        INFO(verb << ": " << to_string(r.error().code()));
        CHECK(r.error() != coffer::errc::wallet_poisoned);
        CHECK(r.error() != coffer::errc::corrupt_record);
        CHECK(r.error() != coffer::errc::policy_contract);
        CHECK(r.error() != coffer::errc::conflict);
        return false;
    }

    void grant() {
        const std::vector<std::string_view> buckets{"budget", "bonus", "package", "package"};
        coffer::grant_request r{.bucket = d_.of(buckets), .amount = d_.amount()};
        if (d_.one_in(3)) r.priority = static_cast<std::int32_t>(d_.below(3));
        if (d_.one_in(4)) r.effective = now() + 1h * d_.below(200);
        if (d_.one_in(3)) r.expires = now() + 1h * (1 + d_.below(900));
        if (d_.one_in(2)) r.paid = usd(d_.below(2'000));
        std::string id = fresh_id();
        r.request = id;
        auto made = l_.w.grant(r);
        if (note(made, "grant")) lots_.push_back(made->lot);
    }

    void charge() {
        const std::vector<std::string_view> actions{"", "chat", "image"};
        std::string_view action = d_.of(actions);
        coffer::charge_request r{.action = action};
        coffer::credits price = d_.amount();
        if (action.empty()) {
            r.amount = price;
        } else {
            std::int64_t times = 1 + d_.below(12);
            r.quantity = coffer::quantity::from_micros(times * 1'000'000);
            price = micros(times * (action == "chat" ? 1'000'003 : 3'000'000));
        }
        std::string id = fresh_id();
        r.request = id;
        r.at = event();
        if (!checked_) {
            if (l_.w.charge(r)) charges_.push_back(id);
            return;
        }
        taken_list parts = expected_parts(l_.w.lots().or_throw(), plan_, action, price);
        coffer::overdraft_terms beyond = plan_.overdraft.terms();
        std::int64_t debt = l_.balance().debt.micros();
        std::int64_t room = std::max<std::int64_t>(0, beyond.limit.micros() - debt);
        std::int64_t missing = price.micros() - sum(parts).micros();
        bool nothing = parts.empty() && room == 0;
        bool possible = missing <= room || (beyond.partial && !nothing);
        auto done = l_.w.charge(r);
        CHECK(done.has_value() == possible);
        if (!note(done, "charge")) {
            CHECK(done.error() == coffer::errc::insufficient_credits);
            CHECK(done.error().acceptable().micros() == sum(parts).micros() + room);
            return;
        }
        charges_.push_back(id);
        CHECK(taken(l_.w, *done) == parts);
        CHECK(done->debt.micros() == std::min(missing, room));
    }

    void hold() {
        coffer::hold_request r{.amount = d_.amount(), .expires_in = 1min * (1 + d_.below(3'000))};
        if (d_.one_in(3)) r.tolerance = d_.amount();
        std::string id = fresh_id();
        r.request = id;
        taken_list parts;
        if (checked_) parts = expected_parts(l_.w.lots().or_throw(), plan_, "", *r.amount);
        auto held = l_.w.hold(r);
        if (checked_) CHECK(held.has_value() == (sum(parts) == *r.amount));
        if (!note(held, "hold")) return;
        if (checked_) CHECK(taken(l_.w, held->opened()) == parts);
        holds_.push_back(held->detach());
        charges_.push_back(id);
    }

    void settle() {
        if (holds_.empty()) return;
        coffer::hold_id id = d_.of(holds_);
        coffer::settle_request r{};
        if (!d_.one_in(3)) r.amount = d_.amount();
        (void)note(l_.w.settle(id, r), "settle");
    }
    void release() {
        if (!holds_.empty()) (void)note(l_.w.release(d_.of(holds_)), "release");
    }
    void refund() {
        if (charges_.empty()) return;
        std::string id = fresh_id();
        coffer::refund_request r{.charge = d_.of(charges_), .request = id};
        if (d_.one_in(2)) r.amount = d_.amount();
        (void)note(l_.w.refund(r), "refund");
    }
    void change_lot() {
        if (lots_.empty()) return;
        coffer::lot_id lot = d_.of(lots_);
        if (d_.one_in(4)) lot = coffer::lot_id{lot.value() + 1};  // perhaps an allowance
        switch (d_.below(3)) {
            case 0: {
                coffer::void_request r{.lot = lot};
                if (d_.one_in(2)) r.amount = d_.amount();
                (void)note(l_.w.void_lot(r), "void");
                break;
            }
            case 1: {
                coffer::instant when = d_.one_in(4) ? coffer::never : now() + 1h * d_.below(500);
                (void)note(l_.w.expire_at({.lot = lot, .expires = when}), "expire_at");
                break;
            }
            default: (void)note(l_.w.refund_purchase({.lot = lot}), "refund_purchase"); break;
        }
    }
    void repeat() {
        if (charges_.empty()) return;
        // Whatever that id was for, this is something else.
        auto before = l_.stored().last;
        auto r = l_.w.grant({.bucket = "package", .amount = 1_cr, .request = d_.of(charges_)});
        CHECK(r == coffer::errc::request_mismatch);
        if (checked_) CHECK(l_.stored().last == before);
    }

    Lab& l_;
    const lab_plan& plan_;
    dice d_;
    bool checked_;
    int count_ = 0;
    std::vector<coffer::lot_id> lots_;
    std::vector<coffer::hold_id> holds_;
    std::vector<std::string> charges_;
};

constexpr int steps = 70;

/// What two journals differ in first; empty if they are the same.
std::string difference(const journal& a, const journal& b) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        if (i >= a.size() || i >= b.size()) return "one ends at entry " + std::to_string(i);
        if (!(a.entries[i] == b.entries[i])) {
            const coffer::entry& x = a.entries[i];
            const coffer::entry& y = b.entries[i];
            return "entry " + std::to_string(i + 1) + ": " + std::string{to_string(x.kind)} +
                   " at " + coffer::iso8601(x.at) + " or " + std::string{to_string(y.kind)} +
                   " at " + coffer::iso8601(y.at);
        }
    }
    return {};
}

const std::vector<std::string_view> zones{"UTC", "Europe/Berlin", "America/New_York",
                                          "Pacific/Chatham"};

}  // namespace

TEMPLATE_TEST_CASE("rule 12: in any life, each lot and each wallet adds up after each operation",
                   "", lends_heads, gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        dice d{seed};
        lab_plan plan = random_plan(d);
        lab<TestType> l{plan, "2026-01-31T22:30:00Z"};
        l.books.debt_beside_credits = !plan.bonus.only.names.empty();
        if (!d.one_in(5)) l.start(d.of(zones));
        life<lab<TestType>> random{l, plan, seed, true};
        for (int i = 0; i < steps; ++i) {
            CAPTURE(i);
            l.clock.set(random.next_instant());
            random.step();
        }
    }
}

TEST_CASE("rule 7: sweeps in between leave the same journal, by heads or whole pages") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        dice d{seed};
        lab_plan plan = random_plan(d);
        std::string_view zone = d.of(zones);
        lab<lends_heads> plain{plan, "2026-01-31T22:30:00Z"};
        lab<gives_whole_pages> copied{plan, "2026-01-31T22:30:00Z"};
        lab<lends_heads> swept{plan, "2026-01-31T22:30:00Z"};
        plain.books.debt_beside_credits = copied.books.debt_beside_credits =
            swept.books.debt_beside_credits = !plan.bonus.only.names.empty();
        plain.start(zone);
        copied.start(zone);
        swept.start(zone);
        life<lab<lends_heads>> one{plain, plan, seed, false};
        life<lab<gives_whole_pages>> two{copied, plan, seed, false};
        life<lab<lends_heads>> three{swept, plan, seed, false};
        dice other{seed * 31};
        for (int i = 0; i < steps; ++i) {
            coffer::instant before = swept.clock.now();
            coffer::instant next = one.next_instant();
            (void)two.next_instant();
            (void)three.next_instant();
            plain.clock.set(next);
            copied.clock.set(next);
            for (std::int64_t n = other.below(4); n > 0; --n) {
                auto distance = (next - swept.clock.now()).count();
                swept.clock.advance(std::chrono::microseconds{other.below(distance + 1)});
                switch (other.below(4)) {
                    case 0: swept.balance(); break;
                    case 1: (void)swept.w.quote({.amount = 1_cr}); break;
                    case 2: CHECK(swept.wallets.sweep()); break;
                    default: CHECK(swept.w.sweep()); break;
                }
            }
            CHECK(swept.clock.now() >= before);
            swept.clock.set(next);
            one.step();
            two.step();
            three.step();
        }
        for (auto* l : {&plain, &swept}) {
            l->clock.advance(24h * 90);
            CHECK(l->w.sweep());
        }
        copied.clock.advance(24h * 90);
        CHECK(copied.w.sweep());
        journal log = plain.entries();
        CHECK(log.size() > 20);
        CHECK(difference(log, copied.entries()) == "");
        CHECK(difference(log, swept.entries()) == "");
        CHECK(plain.stored() == swept.stored());
        CHECK(plain.stored() == copied.stored());
    }
}

TEST_CASE("rule 36: a journal replays from the start and from any checkpoint") {
    for (std::uint64_t seed = 200; seed < 210; ++seed) {
        CAPTURE(seed);
        dice d{seed};
        lab_plan plan = random_plan(d);
        lab<> l{plan, "2026-01-31T22:30:00Z"};
        l.books.debt_beside_credits = !plan.bonus.only.names.empty();
        l.start(d.of(zones));
        life<lab<>> random{l, plan, seed, false};
        for (int i = 0; i < steps; ++i) {
            l.clock.set(random.next_instant());
            random.step();
        }
        journal log = l.entries();
        coffer::account stored = l.stored();
        CHECK(coffer::replay(log.entries) == stored);
        coffer::account checkpoint;
        for (std::size_t i = 0; i < log.size(); ++i) {
            CHECK(log.entries[i].id.value() == i + 1);
            CHECK(checkpoint.totals ==
                  (i == 0 ? coffer::balance_totals{} : log.entries[i - 1].after));
            if (i % (1 + log.size() / 10) == 0) {
                std::span<const coffer::entry> rest{log.entries.data() + i, log.size() - i};
                CHECK(coffer::replay(rest, checkpoint) == stored);
            }
            REQUIRE(coffer::apply(checkpoint, log.entries[i]));
        }
        CHECK(checkpoint == stored);
    }
}

TEST_CASE("rule 36: what is no continuation of a journal is corrupt_record") {
    lab<> l;
    l.grant(10_cr);
    auto first = l.charge(3_cr);
    journal log = l.entries();
    std::vector<coffer::entry> bad = log.entries;
    SECTION("a gap") { bad[1].id = coffer::entry_id{3}; }
    SECTION("the same number twice") { bad[1].id = coffer::entry_id{1}; }
    SECTION("earlier than the entry before") { bad[1].at = at("2025-01-01T00:00:00Z"); }
    SECTION("a balance that does not follow") { bad[1].after.available = 8_cr; }
    SECTION("more than there was") {
        bad[1].amount = 11_cr;
        bad[1].parts[0].amount = 11_cr;
        bad[1].after.available = micros(-1'000'000);
    }
    SECTION("a lot that is not there") { bad[1].parts[0].lot = coffer::lot_id{9}; }
    CHECK(coffer::replay(bad).error() == coffer::errc::corrupt_record);
    CHECK(first.cost == 3_cr);
}

TEMPLATE_TEST_CASE("rule 36: a journal is read in pages, in both directions, unchanged", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    l.grant(1'000_cr);
    for (int i = 0; i < 600; ++i) l.charge(1_cr);
    auto page = l.w.entries({.limit = 100}).or_throw();
    REQUIRE(page.entries.size() == 100);
    CHECK(page.more);
    CHECK(page.entries.front().id.value() == 1);
    auto last = l.w.entries({.after = coffer::entry_id{599}, .limit = 100}).or_throw();
    REQUIRE(last.entries.size() == 2);
    CHECK_FALSE(last.more);
    auto newest = l.w.entries({.limit = 3, .newest_first = true}).or_throw();
    REQUIRE(newest.entries.size() == 3);
    CHECK(newest.more);
    CHECK(newest.entries[0].id.value() == 601);
    CHECK(newest.entries[2].id.value() == 599);
    auto between =
        l.w.entries({.after = coffer::entry_id{255}, .before = coffer::entry_id{258}}).or_throw();
    REQUIRE(between.entries.size() == 2);
    CHECK(between.entries[0].id.value() == 256);
    CHECK(l.entries() == l.entries());
    CHECK(l.w.entries({.limit = 0}).or_throw().entries.empty());
}

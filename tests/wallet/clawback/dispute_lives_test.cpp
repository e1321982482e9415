// Random lives of wallets whose purchases are refunded and disputed: nothing is minted, lost or
// taken twice, whatever comes in between.
#include "support/dice.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace coffer_test;
using coffer::dispute_state;
using coffer::errc;
using coffer::shortfall;

namespace {

struct dice : fair_dice {
    using fair_dice::fair_dice;

    coffer::credits amount(std::int64_t most) {
        return micros(one_in(3) ? 1 + below(most * 1'000'000) : (1 + below(most)) * 1'000'000);
    }
};

lab_plan disputable(dice& d) {
    lab_plan plan;
    plan.package.refund = {coffer::refund::full{}};
    plan.bonus.refund = {coffer::refund::full{}};
    plan.clawback = {d.one_in(3) ? shortfall::uncollected : shortfall::owed};
    plan.debt_at_reset = {d.one_in(2)};
    return plan;
}

/// A story in which disputes are opened and all are won at the end, or which leaves them out. It
/// spends nothing once the first could be open, so that both tell of the same spends.
template <class Lab>
class story {
public:
    story(Lab& l, std::uint64_t seed, bool disputed) : l_{l}, d_{seed}, disputed_{disputed} {}

    void tell() {
        begin();
        const auto steps = 3 + d_.below(12);
        for (std::int64_t i = 0; i < steps; ++i) go_on();
        // What has no dispute of its own shows whether the lots that repaid are whole again.
        const bool backwards = d_.one_in(2);
        for (std::size_t i = 0; i < packs_.size(); ++i) {
            tell(packs_[backwards ? packs_.size() - 1 - i : i], dispute_state::won);
        }
    }

private:
    void begin() {
        l_.start();
        l_.go("2026-01-20T00:00:00Z");
        const auto packs = 1 + d_.below(3);
        for (std::int64_t i = 0; i < packs; ++i) packs_.push_back(buy());
        for (std::int64_t i = 0; i < 2; ++i) others_.push_back(buy());
        for (int i = 0; i < 4; ++i) {
            const std::string id = "c" + std::to_string(i);
            if (l_.w.charge({.amount = d_.amount(60), .request = id})) charges_.push_back(id);
        }
        for (int i = 0; i < 2; ++i) {
            auto hold = l_.w.hold({.amount = d_.amount(40), .expires_in = hours(1, 200)});
            if (hold) holds_.push_back(hold->detach());
        }
    }
    coffer::lot_id buy() {
        coffer::grant_request r{.bucket = d_.one_in(3) ? "bonus" : "package",
                                .priority = static_cast<std::int32_t>(d_.below(5)),
                                .paid = usd(1 + d_.below(2'000))};
        if (d_.one_in(3)) r.expires = l_.clock.now() + hours(2, 300);
        if (d_.one_in(8)) r.effective = l_.clock.now() + hours(0, 2);
        return l_.grant(d_.amount(100), r);
    }
    std::chrono::microseconds hours(std::int64_t least, std::int64_t most) {
        return std::chrono::hours{least + d_.below(most - least + 1)};
    }

    void go_on() {
        if (d_.one_in(3)) l_.clock.advance(hours(0, 150));
        switch (d_.below(8)) {
            case 0:
            case 1: open(); break;
            case 2: refund_charge(); break;
            case 3: others_.push_back(buy()); break;
            case 4: l_.grant(d_.amount(50), {.priority = 2}); break;
            case 5: end_hold(); break;
            case 6: refund_other(); break;
            case 7: tell(d_.of(packs_), dispute_state::won); break;
        }
    }
    void open() {
        const auto pack = d_.of(packs_);
        const coffer::money paid = l_.lot(pack).terms.paid;
        std::optional<coffer::money> total;
        if (!d_.one_in(3)) total = usd(d_.below(paid.minor_units() + 1));
        tell(pack, dispute_state::opened, total);
    }
    void tell(coffer::lot_id pack, dispute_state state, std::optional<coffer::money> total = {}) {
        if (disputed_) l_.w.dispute({.lot = pack, .state = state, .money = total}).or_throw();
    }
    void refund_charge() {
        if (charges_.empty()) return;
        const std::string id = d_.of(charges_);
        std::optional<coffer::credits> part;
        if (!d_.one_in(4)) part = d_.amount(25);
        auto refunded = l_.w.refund({.charge = id, .amount = part});
        if (!refunded) CHECK(refunded == errc::refund_exceeds);
    }
    void end_hold() {
        if (holds_.empty()) return;
        const coffer::hold_id id = holds_.back();
        holds_.pop_back();
        const coffer::credits spent = d_.amount(60);
        auto settled = l_.w.settle(id, {.amount = spent});
        if (settled == errc::settle_exceeds) CHECK(l_.w.release(id));
    }
    void refund_other() {
        // What it owed would be repaid by other lots while a dispute has taken some away.
        if (l_.wallets.plan().clawback.answer == shortfall::owed) return;
        const auto lot = d_.of(others_);
        const coffer::money paid = l_.lot(lot).terms.paid;
        auto refunded =
            l_.w.refund_purchase({.lot = lot, .money = usd(d_.below(paid.minor_units() + 1))});
        REQUIRE(refunded);
    }

    Lab& l_;
    dice d_;
    bool disputed_;
    std::vector<coffer::lot_id> packs_;
    std::vector<coffer::lot_id> others_;
    std::vector<std::string> charges_;
    std::vector<coffer::hold_id> holds_;
};

template <class Store>
std::string told(std::uint64_t seed, bool disputed) {
    dice d{seed};
    lab<Store> l{disputable(d)};
    // A dispute makes entries, and lots are named by entries: the same dice have to choose the same
    // lots. They do, as all choices are by place.
    story tale{l, seed + 1, disputed};
    tale.tell();
    CHECK(l.audit() == "");
    return picture(l);
}

/// A life in which anything may happen. It is audited after each operation.
template <class Lab>
class life {
public:
    life(Lab& l, std::uint64_t seed) : l_{l}, d_{seed} {}

    void operate() {
        if (d_.one_in(4)) {
            l_.clock.advance(std::chrono::hours{d_.below(200)});
        }
        if constexpr (has_choice) {
            if (d_.one_in(10))
                l_.w.change(
                        {.plan = "p" + std::to_string(d_.below(4)), .how = coffer::upgrade::later})
                    .or_throw();
        }
        switch (d_.below(16)) {
            case 0:
            case 1: buy(); break;
            case 2:
            case 3: charge(); break;
            case 4: hold(); break;
            case 5: end_hold(); break;
            case 6: refund_charge(); break;
            case 7:
            case 8: dispute(); break;
            case 9: refund_purchase(); break;
            case 10: void_lot(); break;
            case 11: change_expiry(); break;
            case 12: l_.grant(d_.amount(40), {.bucket = "budget"}); break;
            case 13: (void)l_.w.sweep(); break;
            case 14: start(); break;
            case 15: l_.clock.advance(std::chrono::hours{24 * d_.below(40)}); break;
        }
    }

private:
    void buy() {
        coffer::grant_request r{.bucket = d_.one_in(3) ? "bonus" : "package",
                                .paid = usd(d_.below(2'000))};
        if (d_.one_in(2)) r.priority = static_cast<std::int32_t>(d_.below(5));
        if (d_.one_in(3)) r.expires = l_.clock.now() + std::chrono::hours{1 + d_.below(900)};
        if (d_.one_in(6)) r.effective = l_.clock.now() + std::chrono::hours{d_.below(99)};
        if (r.expires && r.effective && *r.expires <= *r.effective) r.effective.reset();
        bought_.push_back(l_.grant(d_.amount(100), r));
    }
    void charge() {
        const std::string id = "c" + std::to_string(++made_);
        coffer::charge_request r{.amount = d_.amount(80), .request = id};
        if (d_.one_in(3)) r = {.action = "chat", .request = id};
        auto charged = l_.w.charge(r);
        if (charged) {
            charges_.push_back(id);
        } else {
            CHECK(charged == errc::insufficient_credits);
        }
    }
    void hold() {
        auto held = l_.w.hold({.amount = d_.amount(50),
                               .tolerance = d_.amount(10),
                               .expires_in = std::chrono::hours{1 + d_.below(300)}});
        if (held) holds_.push_back(held->detach());
    }
    void end_hold() {
        if (holds_.empty()) return;
        const coffer::hold_id id = holds_.back();
        holds_.pop_back();
        if (d_.one_in(3)) {
            (void)l_.w.release(id);
        } else {
            (void)l_.w.settle(id, {.amount = d_.amount(50)});
        }
    }
    void refund_charge() {
        if (charges_.empty()) return;
        std::optional<coffer::credits> part;
        if (d_.one_in(2)) part = d_.amount(30);
        (void)l_.w.refund({.charge = d_.of(charges_), .amount = part});
    }
    /// Whether the wallet may go over to the plans "p0" to "p3".
    static constexpr bool has_choice =
        std::is_same_v<std::remove_cvref_t<decltype(std::declval<Lab&>().wallets.plan())>,
                       coffer::plan_book>;

    void start() {
        if (!d_.one_in(4)) return;
        coffer::start_request r{.paid = usd(d_.below(3'000))};
        if (has_choice && d_.one_in(2)) r.plan = "p1";
        if (d_.one_in(2)) r.anchor = l_.clock.now() - std::chrono::hours{d_.below(2'000)};
        l_.w.start(r).or_throw();
    }
    /// Any lot that has a price, be it an allowance, rolled or granted anew.
    coffer::lot_id some_paid_lot() {
        std::vector<coffer::lot_id> paid;
        for (const coffer::lot& each : l_.w.lots().or_throw()) {
            if (each.terms.paid.has_currency()) paid.push_back(each.id);
        }
        return paid.empty() ? coffer::lot_id{} : d_.of(paid);
    }
    void dispute() {
        const auto lot = some_paid_lot();
        if (!lot) return;
        const auto states = std::vector<dispute_state>{dispute_state::opened, dispute_state::won,
                                                       dispute_state::won, dispute_state::lost};
        std::optional<coffer::money> total;
        if (d_.one_in(2)) total = usd(d_.below(l_.lot(lot).terms.paid.minor_units() + 1));
        auto told = l_.w.dispute({.lot = lot, .state = d_.of(states), .money = total});
        if (!told) CHECK(is_sound_refusal(told.error().code()));
    }
    static bool is_sound_refusal(errc code) {
        return code == errc::refund_exceeds || code == errc::not_refundable;
    }
    void refund_purchase() {
        const auto lot = some_paid_lot();
        if (!lot) return;
        std::optional<coffer::money> total;
        if (d_.one_in(2)) total = usd(d_.below(l_.lot(lot).terms.paid.minor_units() + 1));
        const auto before = l_.lot(lot).refunded.minor_units();
        auto refunded = l_.w.refund_purchase({.lot = lot, .money = total});
        if (refunded) {
            CHECK(l_.lot(lot).refunded.minor_units() == before + refunded->owed.minor_units());
        } else {
            CHECK(is_sound_refusal(refunded.error().code()));
        }
    }
    void void_lot() {
        if (bought_.empty()) return;
        (void)l_.w.void_lot({.lot = d_.of(bought_), .amount = d_.amount(9)});
    }
    void change_expiry() {
        if (bought_.empty()) return;
        (void)l_.w.expire_at({.lot = d_.of(bought_),
                              .expires = l_.clock.now() + std::chrono::hours{1 + d_.below(900)}});
    }

    Lab& l_;
    dice d_;
    int made_ = 0;
    std::vector<coffer::lot_id> bought_;
    std::vector<std::string> charges_;
    std::vector<coffer::hold_id> holds_;
};

lab_plan any_plan_of_claws(dice& d) {
    lab_plan plan;
    plan.cost.set("chat", coffer::cost::flat{3_cr});
    plan.budget.refill = {.length = coffer::months{1}, .amount = d.amount(40)};
    plan.budget.rollover = coffer::rollover::all{.terms = {.hops = 2}};
    if (d.one_in(2)) plan.budget.rollover = coffer::rollover::fraction{1, 3};
    if (d.one_in(2)) plan.budget.refill.price = usd(d.below(900));
    plan.budget.refund = {coffer::refund::full{}};
    if (d.one_in(2)) plan.budget.restore = {coffer::days{3}};
    plan.package.refund = {coffer::refund::full{}};
    plan.bonus.refund = {coffer::refund::unspent{}};
    if (d.one_in(2)) plan.bonus.only.names = {"chat"};
    if (d.one_in(2)) plan.package.restore = {coffer::days{5}};
    plan.overdraft = {coffer::overdraft::limit{.amount = d.amount(50), .partial = d.one_in(2)}};
    plan.clawback = {static_cast<shortfall>(d.below(3))};
    plan.debt_at_reset = {d.one_in(2)};
    plan.refusals = {d.one_in(2)};
    return plan;
}

/// Whether no debt is open that credits of its buckets could repay.
template <class Lab>
bool debt_is_repaid(Lab& l, const lab_plan& plan) {
    const coffer::account now = l.stored();
    for (const coffer::debt& owed : now.rest->debts) {
        for (const coffer::spendable& s : now.burning) {
            const bool may = s.bucket != "bonus" || plan.bonus.only.names.empty() ||
                             (owed.action == "chat" && !owed.lot);
            if (may && s.available.is_positive()) return false;
        }
    }
    return true;
}

/// Whether lots burn in the order that their bucket, priority and expiry give.
template <class Lab>
bool burns_in_order(Lab& l) {
    const coffer::account now = l.stored();
    auto key = [&](const coffer::spendable& s) {
        const auto of = coffer::find_lot(now, s.lot);
        std::string_view name = of->terms.bucket.name();
        int rank = name == "budget" ? 0 : name == "bonus" ? 1 : 2;
        const bool lapses = of->terms.is_allowance();
        const coffer::instant end =
            lapses ? std::min(of->terms.expires, of->terms.lapses) : of->terms.expires;
        return std::tuple{rank, of->terms.priority, end};
    };
    std::vector<coffer::spendable> usable;
    for (const coffer::spendable& s : now.burning) {
        // What falls due at once stands anywhere: nobody can spend it.
        if (s.available.is_positive() && s.expires > now.time) usable.push_back(s);
    }
    return std::is_sorted(usable.begin(), usable.end(),
                          [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

}  // namespace

TEMPLATE_TEST_CASE("rule 28: whatever happens meanwhile, disputes that are all won leave no trace",
                   "", lends_heads, gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        INFO("seed " << seed);
        REQUIRE(told<TestType>(seed, true) == told<TestType>(seed, false));
    }
}

TEMPLATE_TEST_CASE("rule 12: lives of refunds and disputes add up after each operation", "",
                   lends_heads, gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        dice d{seed};
        const lab_plan plan = any_plan_of_claws(d);
        lab<TestType> l{plan};
        l.books.debt_beside_credits = !plan.bonus.only.names.empty();
        if (d.one_in(2)) l.start();
        life random{l, seed};
        for (int i = 0; i < 120; ++i) {
            INFO("seed " << seed << " operation " << i);
            random.operate();
            REQUIRE(l.audit() == "");
            REQUIRE(burns_in_order(l));
            REQUIRE(debt_is_repaid(l, plan));
        }
    }
}

TEST_CASE("rule 24: refunds and disputes leave the same journal on each path through the store") {
    for (std::uint64_t seed = 100; seed <= 115; ++seed) {
        INFO("seed " << seed);
        dice d{seed};
        const lab_plan plan = any_plan_of_claws(d);
        lab<lends_heads> a{plan};
        lab<gives_whole_pages> b{plan};
        a.books.debt_beside_credits = b.books.debt_beside_credits = true;
        a.start();
        b.start();
        life first{a, seed};
        life second{b, seed};
        for (int i = 0; i < 100; ++i) {
            first.operate();
            second.operate();
        }
        REQUIRE(a.entries() == b.entries());
        REQUIRE(a.stored() == b.stored());
    }
}

TEMPLATE_TEST_CASE("rule 12: lives that go over to other plans add up after each operation", "",
                   lends_heads, gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 15; ++seed) {
        dice d{seed};
        coffer::plan_book book;
        for (int i = 0; i < 4; ++i) {
            lab_plan plan = any_plan_of_claws(d);
            if (i == 2) plan.budget.refill = {};
            if (i == 3) plan.bonus.refill = {.length = coffer::days{9}, .amount = d.amount(9)};
            REQUIRE(book.add("p" + std::to_string(i), plan));
        }
        REQUIRE(book.set_default("p0"));
        lab<TestType, coffer::plan_book> l{book};
        l.books.debt_beside_credits = true;
        if (d.one_in(2)) l.start();
        life random{l, seed};
        for (int i = 0; i < 120; ++i) {
            INFO("seed " << seed << " operation " << i);
            random.operate();
            REQUIRE(l.audit() == "");
            REQUIRE(burns_in_order(l));
        }
    }
}

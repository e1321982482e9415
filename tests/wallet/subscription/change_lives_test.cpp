// Random sequences of changes: what they grant is compared with what any sequence may grant.
#include "support/dice.hpp"
#include "wallet/subscription/fixture.hpp"

#include <map>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::upgrade;

namespace {

/// What the allowances of one bucket's period came to, and the highest of any plan that held then.
struct period_grants {
    coffer::credits refilled{};
    coffer::credits raised{};
    coffer::credits last{};
};

/// Each period of a bucket brings its refill once, and upgrades no more than the largest plan has
/// beyond it; in full, the largest once.
void check_grants(subscriber& s, bool in_full) {
    const std::map<std::string_view, coffer::credits> largest{
        {"budget", 300_cr}, {"voice", 50_cr}, {"bonus", 7_cr}};
    std::map<std::pair<std::string_view, std::uint32_t>, period_grants> periods;
    const auto journal = s.entries();
    for (const coffer::entry& e : journal.entries) {
        if (!makes_lot(e) || !e.terms.is_allowance()) continue;
        period_grants& p = periods[{e.terms.bucket.name(), e.terms.cycle}];
        if (e.kind == entry_kind::period_began) {
            CHECK(p.refilled.is_zero());
            p.refilled = e.amount;
        } else if (e.kind == entry_kind::allowance_raised) {
            p.raised = *(p.raised + e.amount);
            CHECK(e.allowance.allowance > p.last);
            p.last = e.allowance.allowance;
        }
    }
    for (const auto& [of, p] : periods) {
        const coffer::credits most = largest.at(of.first);
        CHECK((in_full ? p.raised : *(p.raised + p.refilled)) <= most);
    }
}

void live(std::uint64_t seed, bool in_full) {
    fair_dice d{seed};
    subscriber s;
    for (int i = 0; i < 120; ++i) {
        const auto plan = d.of<std::string_view>({"free", "pro", "team", "mixed", "weekly"});
        const bool waits = d.one_in(4);
        const upgrade how = in_full       ? upgrade::full
                            : d.one_in(3) ? upgrade::prorate
                            : d.one_in(4) ? upgrade::later
                                          : upgrade::difference;
        if (d.one_in(12)) {
            s.w.start().or_throw();
        } else if (d.one_in(8)) {
            s.w.keep().or_throw();
        } else if (d.one_in(6)) {
            const coffer::lot made = s.upgrade_lot();
            if (made.terms.paid.is_positive()) (void)s.w.refund_purchase({.lot = made.id});
        } else if (d.one_in(4)) {
            (void)s.w.charge({.amount = micros(d.between(1, 90'000'000))});
        } else {
            coffer::change_request asked{.plan = plan,
                                         .when = waits ? coffer::at::period_end : coffer::at::once,
                                         .how = how};
            const auto shown = s.w.preview(asked).or_throw();
            const coffer::credits before = s.available();
            if (shown.granted.is_positive()) asked.paid = eur(100);
            s.w.change(asked).or_throw();
            CHECK(s.available() == *(before + shown.granted));
            CHECK(!shown.due_today.is_negative());
            if (shown.begins_now) CHECK(s.plan() == plan);
        }
        s.clock.advance(std::chrono::hours{d.below(120)});
        CHECK(s.audit() == "");
    }
    check_grants(s, in_full);
    CHECK(s.w.verify().or_throw().sound);
}

}  // namespace

TEST_CASE("rule 33: no sequence of changes, keeps, starts and refunds mints") {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) live(seed, false);
}

TEST_CASE("rule 33: upgrades in full bring the largest allowance of a period at most once more") {
    for (std::uint64_t seed = 100; seed <= 115; ++seed) live(seed, true);
}

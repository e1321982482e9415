// Changes of plan from many threads at once: whatever comes first, one order explains what is left.
#include "support/at_once.hpp"
#include "wallet/subscription/fixture.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;

namespace {

/// What one thread says, once.
struct said {
    enum what { change, keep, end } verb{};
    std::string_view request{};
    std::string_view plan{};
};

/// Twice as many as there are requests: two threads say the same.
const std::vector<said> all_said{{said::change, "to free", "free"},
                                 {said::change, "back", "team"},
                                 {said::keep, "stay"},
                                 {said::end, "over"},
                                 {said::change, "to free", "free"},
                                 {said::change, "back", "team"},
                                 {said::keep, "stay"},
                                 {said::end, "over"}};

coffer::result<coffer::receipt> say(const coffer::wallet& w, const said& s) {
    switch (s.verb) {
        case said::change: return w.change({.plan = s.plan, .request = s.request});
        case said::keep: return w.keep({.request = s.request});
        default: return w.end({.request = s.request});
    }
}

/// A wallet in which a downgrade waits.
template <class Store>
struct downgrading : lab<Store, coffer::plan_book> {
    downgrading() : lab<Store, coffer::plan_book>{on_sale()} {
        this->w.start({.plan = "team"}).or_throw();
        this->w.charge({.amount = 30_cr}).or_throw();
        this->w.change({.plan = "pro", .request = "down"}).or_throw();
    }
};

struct answer {
    said what{};
    std::optional<coffer::receipt> done{};
    errc code{};
};

/// Those that did something, in the order of the journal, and then those that were refused.
std::vector<answer> in_order(std::vector<answer> answers) {
    const auto repeats = [](const answer& a) { return a.done && a.done->repeated; };
    answers.erase(std::remove_if(answers.begin(), answers.end(), repeats), answers.end());
    std::sort(answers.begin(), answers.end(), [](const answer& a, const answer& b) {
        if (!a.done || !b.done) return a.done && !b.done;
        return a.done->id < b.done->id;
    });
    return answers;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 33: changed, kept and ended at once, one order of them explains it all",
                   "", lends_heads, gives_whole_pages) {
    for (int round = 0; round < 60; ++round) {
        downgrading<TestType> l;
        std::vector<answer> answers(all_said.size());
        at_once(static_cast<int>(all_said.size()), [&](int i) {
            const auto n = static_cast<std::size_t>(i);
            const auto done = say(l.w, all_said[n]);
            answers[n].what = all_said[n];
            if (done) {
                answers[n].done = *done;
            } else {
                answers[n].code = done.error().code();
            }
        });

        // Each that was carried out was carried out once, for both who asked for it.
        for (const answer& a : answers) {
            if (!a.done) continue;
            int carried_out = 0;
            for (const answer& b : answers) {
                if (!b.done || b.what.request != a.what.request) continue;
                CHECK(b.done->id == a.done->id);
                carried_out += b.done->repeated ? 0 : 1;
            }
            CHECK(carried_out == 1);
        }

        // One after the other, in that order, they come to the same.
        downgrading<TestType> alone;
        for (const answer& a : in_order(answers)) {
            const auto done = say(alone.w, a.what);
            CHECK(done.has_value() == a.done.has_value());
            if (done && a.done) CHECK(done->kind == a.done->kind);
            if (!done) CHECK(done == a.code);
            if (!a.done) CHECK(a.code == errc::invalid_argument);  // of what had ended
        }
        CHECK(l.entries() == alone.entries());
        CHECK(l.stored() == alone.stored());
        CHECK(coffer::replay(l.entries().entries) == l.stored());
        CHECK(l.w.verify().or_throw().sound);
        CHECK(l.w.subscription().or_throw().status == coffer::subscription_status::ended);
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 0_cr);
    }
}

TEMPLATE_TEST_CASE("rule 33: of many changes to one higher plan at once, one grants", "",
                   lends_heads, gives_whole_pages) {
    const bool one_request = GENERATE(false, true);
    for (int round = 0; round < 40; ++round) {
        lab<TestType, coffer::plan_book> l{on_sale()};
        l.w.start({.plan = "pro"}).or_throw();
        l.w.charge({.amount = 30_cr}).or_throw();
        std::atomic<int> carried_out{0};
        std::atomic<int> repeated{0};
        at_once(8, [&](int i) {
            const std::string id = one_request ? "up" : "up " + std::to_string(i);
            const auto done = l.w.change({.plan = "team", .request = id});
            if (done) ++(done->repeated ? repeated : carried_out);
        });
        CHECK(carried_out == (one_request ? 1 : 8));
        CHECK(carried_out + repeated == 8);
        CHECK(l.available_in("budget") == 270_cr);
        CHECK(l.entries().count(entry_kind::allowance_raised) == 1);
        CHECK(coffer::replay(l.entries().entries) == l.stored());
        CHECK(l.w.verify().or_throw().sound);
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available_in("budget") == 300_cr);
    }
}

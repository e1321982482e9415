#include "support/at_once.hpp"
#include "support/wallet_fixture.hpp"

#include <atomic>
#include <thread>

using namespace coffer_test;

namespace {

constexpr int rounds = 25;

}  // namespace

TEMPLATE_TEST_CASE("rule 17: of many callers with funds for one exactly one succeeds", "",
                   lends_heads, gives_whole_pages) {
    for (int round = 0; round < rounds; ++round) {
        lab<TestType> l;
        l.grant(1_cr);
        std::atomic<int> charged{0};
        std::atomic<int> refused{0};
        at_once(8, [&](int i) {
            auto r = i % 2 == 0 ? l.w.charge({.amount = 1_cr})
                                : l.wallets["acme"].charge({.amount = 1_cr});
            if (r) {
                ++charged;
            } else if (r == coffer::errc::insufficient_credits) {
                ++refused;
            }
        });
        CHECK(charged == 1);
        CHECK(refused == 7);
        CHECK(l.available() == 0_cr);
    }
}

TEMPLATE_TEST_CASE("rule 17: holds and charges share the funds", "", lends_heads,
                   gives_whole_pages) {
    for (int round = 0; round < rounds; ++round) {
        lab<TestType> l;
        l.grant(2_cr);
        l.grant(1_cr, {.bucket = "budget"});
        std::atomic<int> got{0};
        at_once(8, [&](int i) {
            if (i % 2 == 0) {
                if (l.w.charge({.amount = 1_cr})) ++got;
            } else if (auto hold = l.w.hold({.amount = 1_cr})) {
                ++got;
                (void)hold->detach();
            }
        });
        CHECK(got == 3);
        CHECK(l.available() == 0_cr);
        CHECK(l.balance().held.micros() + l.balance().used.micros() == 3'000'000);
    }
}

TEMPLATE_TEST_CASE("rule 23: the same request from many threads happens once", "", lends_heads,
                   gives_whole_pages) {
    for (int round = 0; round < rounds; ++round) {
        lab<TestType> l;
        l.grant(10_cr);
        std::atomic<int> first{0};
        std::atomic<int> repeated{0};
        at_once(8, [&](int i) {
            if (i % 2 == 0) {
                auto r = l.w.charge({.amount = 3_cr, .request = "c"});
                if (r) ++(r->repeated ? repeated : first);
            } else {
                auto r = l.w.grant({.bucket = "package", .amount = 1_cr, .request = "g"});
                if (r) ++(r->repeated ? repeated : first);
            }
        });
        CHECK(first == 2);
        CHECK(repeated == 6);
        CHECK(l.available() == 8_cr);
        CHECK(l.entry_count() == 3);
    }
}

TEMPLATE_TEST_CASE("rule 19: settled and released and timed out at once, one wins", "", lends_heads,
                   gives_whole_pages) {
    for (int round = 0; round < rounds; ++round) {
        lab<TestType> l;
        l.grant(15_cr);
        l.charge(3_cr);
        coffer::hold_id id = l.w.hold({.amount = 8_cr, .expires_in = 1min}).or_throw().detach();
        std::atomic<int> settled{0};
        std::atomic<int> released{0};
        std::atomic<int> closed{0};
        at_once(6, [&](int i) {
            if (i == 0) l.go("2026-01-01T00:01:00Z");
            if (i == 1 || i == 2) {
                auto r = l.w.settle(id, {.amount = 4_cr, .request = i == 1 ? "s1" : "s2"});
                if (r)
                    ++settled;
                else if (r == coffer::errc::hold_closed || r == coffer::errc::hold_expired)
                    ++closed;
            } else if (i == 3) {
                auto r = l.w.release(id);
                if (r)
                    ++released;
                else if (r == coffer::errc::hold_closed || r == coffer::errc::hold_expired)
                    ++closed;
            } else if (i > 3) {
                (void)l.w.sweep();
            }
        });
        CHECK(settled + released <= 1);
        CHECK(settled + released + closed == 3);
        auto log = l.entries();
        CHECK(log.count(coffer::entry_kind::settled) + log.count(coffer::entry_kind::released) +
                  log.count(coffer::entry_kind::timed_out) ==
              1);
        CHECK(l.available() == (settled == 1 ? 8_cr : 12_cr));
        CHECK(l.balance().held == 0_cr);
    }
}

TEMPLATE_TEST_CASE("rule 9: many sweeps at once reset each period once", "", lends_heads,
                   gives_whole_pages) {
    for (int round = 0; round < 5; ++round) {
        lab<TestType> l{monthly_plan(10_cr)};
        l.start();
        l.go("2026-07-15T00:00:00Z");
        at_once(6, [&](int i) {
            if (i % 2 == 0) {
                (void)l.wallets.sweep();
            } else {
                (void)l.w.charge({.amount = 1_cr});
            }
        });
        CHECK(l.entries().count(coffer::entry_kind::period_began) == 7);
        CHECK(l.available() == 7_cr);
    }
}

TEMPLATE_TEST_CASE("rule 24: many wallets and many threads keep all books straight", "",
                   lends_heads, gives_whole_pages) {
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    lab_plan plan = monthly_plan(20_cr);
    plan.overdraft = {coffer::overdraft::limit{.amount = 5_cr}};
    coffer::wallets wallets{plan, store, clock};
    const std::vector<std::string> names{"a", "b", "c"};
    for (const std::string& name : names) wallets[name].start().or_throw();

    at_once(4, [&](int i) {
        for (int n = 0; n < 60; ++n) {
            auto w = wallets[names[static_cast<std::size_t>(n + i) % names.size()]];
            std::string id = std::to_string(i) + "/" + std::to_string(n);
            switch (n % 6) {
                case 0: (void)w.grant({.bucket = "package", .amount = 2_cr, .request = id}); break;
                case 1: (void)w.charge({.amount = 1.5_cr, .request = id}); break;
                case 2: {
                    auto hold = w.hold({.amount = 1_cr, .request = id});
                    if (hold && n % 4 == 0) (void)hold->settle({.amount = 0.5_cr});
                    break;
                }
                case 3:
                    (void)w.refund({.charge = std::to_string(i) + "/" + std::to_string(n - 2)});
                    break;
                case 4: clock.advance(1h); break;
                default: (void)w.sweep(); break;
            }
        }
    });
    for (const std::string& name : names) {
        auditor books;
        CHECK(books.audit(store, coffer::wallet_id{name}) == "");
    }
}

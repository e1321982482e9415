#include "support/at_once.hpp"
#include "wallet/payer/fixture.hpp"

#include <coffer/wallet/payer.hpp>

#include <atomic>
#include <cstddef>
#include <string>
#include <vector>

using namespace coffer_test;

TEMPLATE_TEST_CASE("rule 31: payers in many threads charge once and grant once", "", lends_heads,
                   gives_whole_pages) {
    for (int round = 0; round < 10; ++round) {
        shop<TestType> s;
        std::vector<std::string> keys;
        for (int i = 0; i < 5; ++i) keys.push_back(s.run_low("w" + std::to_string(i)));
        s.gateway.next({does::takes_and_times_out, does::times_out, does::takes_and_dies});
        std::atomic<std::size_t> confirmed{0};
        at_once(4, [&](int i) {
            coffer::payer own{s.wallets, s.gateway};
            for (int again = 0; again < 3; ++again) {
                const auto done = i % 2 == 0 ? own.run() : s.payer.run();
                if (done) confirmed += done->confirmed;
            }
        });
        confirmed += s.run().confirmed;
        CHECK(s.store.notices(10).or_throw().empty());
        CHECK(confirmed == keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            CHECK(s.gateway.taken(keys[i]) == 1);
            CHECK(s.bought("w" + std::to_string(i)) == 1);
        }
    }
}

#include "support/catch.hpp"
#include "support/scratch_file.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/store/deliver.hpp>
#include <coffer/store/notices.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;
using coffer::errc;

namespace {

using names = std::vector<std::string>;

lab_plan watched() {
    lab_plan plan;
    plan.alerts = {{.name = "ten", .at = 10_cr}};
    return plan;
}

/// Raises the alert so many times.
template <class Wallet>
void raise(Wallet&& w, int times) {
    for (int i = 0; i < times; ++i) {
        w.grant({.bucket = "package", .amount = 11_cr}).or_throw();
        w.charge({.amount = 11_cr}).or_throw();
    }
}

/// Delivers what waits; returns the kinds of the alert alone, by their keys.
template <class Store>
names deliver_all(Store& store) {
    names all;
    coffer::deliver(store, [&](const coffer::notice& n) {
        if (n.kind == coffer::alert_notice) all.push_back(n.key());
    }).or_throw();
    return all;
}

}  // namespace

TEST_CASE("rule 46: notices are delivered once, in order, and dropped") {
    lab<> l{watched()};
    raise(l.w, 2);
    raise(l.wallets["other"], 1);
    names all;
    const auto done = coffer::deliver(
        l.store, [&](const coffer::notice& n) { all.push_back(n.key() + " " + n.kind); });
    CHECK(all == names{"acme/3/0 alert", "acme/3/1 depleted", "acme/4/0 resumed", "acme/5/0 alert",
                       "acme/5/1 depleted", "other/3/0 alert", "other/3/1 depleted"});
    CHECK(done.or_throw().delivered == 7);
    CHECK(done.or_throw().refused == 0);
    CHECK(deliver_all(l.store).empty());
}

TEST_CASE("rule 46: a receiver that refuses gets the notice again, before others of the wallet") {
    lab<> l{watched()};
    raise(l.w, 2);
    raise(l.wallets["other"], 1);
    names all;
    bool refuse = true;
    const auto receive = [&](const coffer::notice& n) {
        if (refuse && n.wallet == coffer::wallet_id{"acme"}) return false;
        all.push_back(n.key());
        return true;
    };
    CHECK(coffer::deliver(l.store, receive).or_throw().refused == 1);
    CHECK(all == names{"other/3/0", "other/3/1"});
    refuse = false;
    CHECK(coffer::deliver(l.store, receive).or_throw().delivered == 5);
    CHECK(all[2] == "acme/3/0");
}

TEST_CASE("rule 46: a receiver that throws, or answers an error, gets the notice again") {
    lab<> l{watched()};
    raise(l.w, 1);
    const auto throws = [](const coffer::notice&) { throw std::runtime_error{"no network"}; };
    CHECK_THROWS_AS(coffer::deliver(l.store, throws), std::runtime_error);
    const auto fails = [](const coffer::notice&) {
        return coffer::result<void>{errc::unavailable};
    };
    CHECK(coffer::deliver(l.store, fails).or_throw().refused == 1);
    CHECK(deliver_all(l.store) == names{"acme/3/0"});
}

TEST_CASE("rule 46: a full outbox refuses no charge, and nothing that it held is lost") {
    lab<> l{watched()};
    constexpr int times = 600;  // two or three notices each: more than may wait
    raise(l.w, times);
    raise(l.wallets["other"], 1);
    CHECK(l.store.notices(5'000).or_throw().size() == 3);
    const names all = deliver_all(l.store);
    CHECK(all.size() == times + 1);
    CHECK(all.front() == "acme/3/0");
    CHECK(all.back() == "other/3/0");
    CHECK(l.store.notices(10).or_throw().empty());
    raise(l.w, 1);
    CHECK(deliver_all(l.store).size() == 1);
}

TEST_CASE("rule 46: what is raised while an overflow is delivered is delivered next") {
    lab<> l{watched()};
    raise(l.w, 600);
    bool again = true;
    std::string last;
    coffer::deliver(l.store, [&](const coffer::notice& n) {
        if (again) raise(l.w, 1);
        again = false;
        last = n.key();
    }).or_throw();
    CHECK(l.store.notices(10).or_throw().size() == 1);  // it was not acknowledged with the others
    CHECK(deliver_all(l.store).size() == 601);
}

TEST_CASE("rule 46: a receiver that refuses in the middle of an overflow gets all of it again") {
    lab<> l{watched()};
    raise(l.w, 600);
    int left = 100;
    const auto some = [&](const coffer::notice&) { return left-- > 0; };
    CHECK(coffer::deliver(l.store, some).or_throw().refused == 1);
    CHECK(deliver_all(l.store).size() == 600);
}

TEST_CASE("rule 46: a key names wallet, entry and ordinal") {
    const coffer::notice n{.wallet = "a/b", .entry = coffer::entry_id{12}, .ordinal = 3};
    CHECK(n.key() == "a/b/12/3");
}

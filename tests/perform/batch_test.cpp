// Many charges in one call: each is decided by itself and in turn; what a store that writes them
// together does to them is what they are answered.
#include "support/catch.hpp"
#include "support/grouped_store.hpp"

#include <coffer/perform/batch.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using coffer::charge_by_id;
using coffer::errc;
using coffer_test::grouped_store;

namespace {

using prepaid = coffer::plans::prepaid<>;

/// Writes down what a batch asks of a store.
class noting_store : public grouped_store {
public:
    coffer::wallet_place locate(const coffer::wallet_id&) {
        notes.push_back("locate");
        return {};
    }
    void prefetch(const coffer::wallet_place&, const coffer::request_id& request) {
        notes.push_back("prefetch " + std::string{request.text()});
    }
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        notes.push_back("open " + std::string{wanted.request.text()});
        if (wanted.request.text() == throws_at) throw std::runtime_error{"no"};
        return grouped_store::open(wanted, into);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        notes.push_back("commit " + std::string{batch.entries.back().request});
        return grouped_store::commit(batch);
    }
    coffer::result<void> begin_group() {
        notes.push_back("begin");
        if (fails_to_begin) return errc::unavailable;
        return grouped_store::begin_group();
    }
    coffer::commit_outcome end_group() {
        notes.push_back("end");
        return grouped_store::end_group();
    }
    void drop_group() {
        notes.push_back("drop");
        grouped_store::drop_group();
    }

    std::vector<std::string> notes;
    bool fails_to_begin = false;
    std::string_view throws_at = "nothing";
};

const std::vector<charge_by_id> three{{"acme", {.amount = 6_cr, .request = "a"}},
                                      {"acme", {.amount = 6_cr, .request = "b"}},
                                      {"zeta", {.amount = 1_cr, .request = "c"}}};

/// A store with 10 credits in each of two wallets, of which nothing was asked yet.
struct scene {
    scene() {
        for (const char* name : {"acme", "zeta"}) {
            wallets[name].grant({.bucket = "package", .amount = 10_cr, .request = "g"}).or_throw();
        }
        store.notes.clear();
    }
    coffer::credits available(const char* name) {
        return coffer::load(store, name).or_throw().totals.available;
    }

    noting_store store;
    coffer::wallets<prepaid, noting_store> wallets{prepaid{}, store};
};

}  // namespace

TEST_CASE("a batch is one group, and tells the store beforehand what comes next") {
    scene s;
    const auto answers = s.wallets.charge(three);
    REQUIRE(answers.size() == 3);
    CHECK(answers[0].or_throw().after.available == 4_cr);
    CHECK(answers[1] == errc::insufficient_credits);
    CHECK(answers[2].or_throw().after.available == 9_cr);
    CHECK(s.store.notes == std::vector<std::string>{"locate", "locate", "locate", "begin",
                                                    "prefetch a", "prefetch b", "prefetch c",
                                                    "open a", "commit a", "open b", "open c",
                                                    "commit c", "end"});
}

TEST_CASE("each charge of a batch is told beforehand once, in order, and before it is opened") {
    scene s;
    std::vector<std::string> names;
    std::vector<charge_by_id> charges;
    for (int i = 0; i < 30; ++i) names.push_back(std::to_string(i));
    for (const std::string& name : names) {
        charges.push_back({"acme", {.amount = coffer::credits{}, .request = name}});
    }
    for (const auto& answer : s.wallets.charge(charges)) answer.or_throw();
    std::vector<std::string> told;
    std::size_t opened = 0;
    for (const std::string& note : s.store.notes) {
        if (note.starts_with("prefetch ")) told.push_back(note.substr(9));
        if (!note.starts_with("open ")) continue;
        CHECK(note.substr(5) == names[opened]);
        ++opened;
        CHECK(told.size() >= opened);
        CHECK(told.size() <= opened + 8);
    }
    CHECK(told == names);
}

TEST_CASE("a batch without charges is answered without any") {
    scene s;
    CHECK(s.wallets.charge(std::vector<charge_by_id>{}).empty());
    CHECK(s.wallets.charge(std::vector<coffer::charge_by_handle>{}).empty());
}

TEST_CASE("where a group is not written, all of its charges are answered so, and none was made") {
    scene s;
    s.store.fail_ends(1);
    const auto answers = s.wallets.charge(three);
    REQUIRE(answers.size() == 3);
    for (const auto& answer : answers) CHECK(answer == errc::storage_full);
    CHECK(s.available("acme") == 10_cr);
    CHECK(s.available("zeta") == 10_cr);
    // A repeat of what the group itself had made is no repeat; what was there before, is one.
    const std::vector<charge_by_id> twice{{"acme", {.amount = 6_cr, .request = "a"}},
                                          {"acme", {.amount = 6_cr, .request = "a"}}};
    s.store.fail_ends(1);
    for (const auto& answer : s.wallets.charge(twice)) CHECK(answer == errc::storage_full);
    CHECK(s.available("acme") == 10_cr);
    const auto done = s.wallets.charge(twice);
    CHECK_FALSE(done[0].or_throw().repeated);
    CHECK(done[1].or_throw().repeated);
    CHECK(s.available("acme") == 4_cr);
}

TEST_CASE("where no group begins, no charge of it is decided") {
    scene s;
    s.store.fails_to_begin = true;
    const auto answers = s.wallets.charge(three);
    CHECK(answers.size() == 3);
    for (const auto& answer : answers) CHECK(answer == errc::unavailable);
    CHECK(s.store.notes == std::vector<std::string>{"locate", "locate", "locate", "begin"});
}

TEST_CASE("rule 40: an exception in a batch drops its group") {
    scene s;
    s.store.throws_at = "b";
    CHECK_THROWS_AS(s.wallets.charge(three), std::runtime_error);
    CHECK(s.store.notes.back() == "drop");
    CHECK(s.available("acme") == 10_cr);
    s.store.throws_at = "nothing";
    CHECK(s.wallets.charge(three)[0]);
}

TEST_CASE("a store that has no groups commits a batch one by one") {
    coffer::memory_store store;
    STATIC_REQUIRE_FALSE(coffer::grouping_store<coffer::memory_store>);
    coffer::wallets wallets{prepaid{}, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    const std::vector<coffer::charge_by_handle> charges{{acme, {.amount = 6_cr, .request = "a"}},
                                                        {acme, {.amount = 6_cr}},
                                                        {acme, {.amount = 6_cr, .request = "a"}}};
    const auto answers = wallets.charge(charges);
    REQUIRE(answers.size() == 3);
    CHECK(answers[0]);
    CHECK(answers[1] == errc::insufficient_credits);
    CHECK(answers[2].or_throw().repeated);
    CHECK(acme.entries()->entries.size() == 2);
}

// The conformance suite passes a store that writes commits in groups, and fails each wrong one in
// the check that says what is wrong.
#include "support/catch.hpp"
#include "support/grouped_store.hpp"

#include <coffer/testing/store_conformance.hpp>
#include <coffer/testing/store_group_checks.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

using coffer::commit_outcome;
using coffer_test::grouped_store;

namespace {

/// Commits each by itself, and says at the end of a group that it was one.
struct commits_each : grouped_store {
    coffer::result<void> begin_group() { return {}; }
    commit_outcome end_group() { return commit_outcome::committed; }
    void drop_group() {}
};

/// Leaves a group that is dropped where it is.
struct keeps_what_is_dropped : grouped_store {
    void drop_group() { lock_.unlock(); }
};

/// Keeps all of a dropped group but what is due and what waits in the outbox.
struct keeps_journals_of_dropped : grouped_store {
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        std::lock_guard lock{lock_};
        if (dropped_) return std::vector<coffer::due_wallet>{};
        return grouped_store::due(until, limit);
    }
    void drop_group() {
        dropped_ = true;
        lock_.unlock();
    }
    bool dropped_ = false;
};

/// Takes the commits of all threads into the group.
struct groups_all_threads : grouped_store {
    coffer::result<void> begin_group() {
        std::lock_guard lock{lock_};
        auto begun = grouped_store::begin_group();
        lock_.unlock();
        return begun;
    }
    commit_outcome end_group() { return commit_outcome::committed; }
    void drop_group() {
        std::lock_guard lock{lock_};
        take_back();
    }
};

/// Gives the whole group up where one of its commits is refused, and does not say so.
struct gives_up_with_one : grouped_store {
    commit_outcome commit(const coffer::commit_batch& batch) {
        std::lock_guard lock{lock_};
        const commit_outcome outcome = grouped_store::commit(batch);
        if (outcome != commit_outcome::committed) refused_ = true;
        return outcome;
    }
    coffer::result<void> begin_group() {
        auto begun = grouped_store::begin_group();
        refused_ = false;
        return begun;
    }
    commit_outcome end_group() {
        if (!refused_) return grouped_store::end_group();
        grouped_store::drop_group();
        return commit_outcome::committed;
    }
    bool refused_ = false;
};

/// Does not show a group's commits to its own thread.
struct hides_its_commits : grouped_store {
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        std::lock_guard lock{lock_};
        auto opened = grouped_store::open(wanted, into);
        if (open_ && into.state.last) into.state = {};
        return opened;
    }
    coffer::result<void> begin_group() {
        auto begun = grouped_store::begin_group();
        open_ = true;
        return begun;
    }
    commit_outcome end_group() {
        open_ = false;
        return grouped_store::end_group();
    }
    void drop_group() {
        open_ = false;
        grouped_store::drop_group();
    }
    bool open_ = false;
};

/// Tells the latest hour that it recorded.
struct tells_the_latest : grouped_store {
    commit_outcome commit(const coffer::commit_batch& batch) {
        std::lock_guard lock{lock_};
        const commit_outcome outcome = grouped_store::commit(batch);
        if (outcome == commit_outcome::committed) note(batch.after.time);
        return outcome;
    }
    coffer::result<std::optional<coffer::instant>> latest() {
        std::lock_guard lock{lock_};
        return latest_;
    }
    void note(coffer::instant seen) {
        if (!latest_ || seen > *latest_) latest_ = seen;
    }
    std::optional<coffer::instant> latest_{};
};
/// Tells the hour of the newest commit, which may be that of a wallet which is behind others.
struct tells_the_newest : tells_the_latest {
    commit_outcome commit(const coffer::commit_batch& batch) {
        std::lock_guard lock{lock_};
        const commit_outcome outcome = grouped_store::commit(batch);
        if (outcome == commit_outcome::committed) latest_ = batch.after.time;
        return outcome;
    }
};
/// Notes an instant before it knows whether the commit happens.
struct notes_too_early : tells_the_latest {
    commit_outcome commit(const coffer::commit_batch& batch) {
        std::lock_guard lock{lock_};
        note(batch.after.time);
        return grouped_store::commit(batch);
    }
};

template <class Store>
auto checked() {
    return coffer::testing::check_store_conformance(
        [] { return std::make_unique<Store>(); },
        coffer::testing::conformance_options{.lots = 20, .rounds = 8, .lives = 1});
}

template <class Store>
void fails_in(std::string_view name) {
    const auto report = checked<Store>();
    INFO(report.to_text());
    CHECK_FALSE(report.passed());
    const auto* check = report.find(name);
    REQUIRE(check);
    CHECK_FALSE(check->passed);
    CHECK_FALSE(check->expected.empty());
    CHECK_FALSE(check->found.empty());
}

}  // namespace

TEST_CASE("a store that writes commits in groups keeps the contract of stores") {
    const auto report = checked<grouped_store>();
    INFO(report.to_text());
    CHECK(report.passed());
    CHECK(report.find("group: nothing is left of one that is dropped"));
    const auto without = coffer::testing::check_store_conformance(
        [] { return coffer::memory_store{}; },
        coffer::testing::conformance_options{.lots = 20, .rounds = 8, .lives = 1});
    CHECK_FALSE(without.find("group: nothing is left of one that is dropped"));
}

TEST_CASE("a store that commits each of a group by itself is found out") {
    fails_in<commits_each>("group: other threads see nothing of it before its end");
    fails_in<commits_each>("group: nothing is left of one that is dropped");
}
TEST_CASE("a store that leaves a group visible that was dropped is found out") {
    fails_in<keeps_what_is_dropped>("group: nothing is left of one that is dropped");
    fails_in<keeps_what_is_dropped>("group: what other threads commit is no part of it");
    fails_in<keeps_journals_of_dropped>("group: nothing is left of one that is dropped");
}
TEST_CASE("a store that takes other threads' commits into a group is found out") {
    fails_in<groups_all_threads>("group: what other threads commit is no part of it");
}
TEST_CASE("a store that gives a group up with one refused commit is found out") {
    fails_in<gives_up_with_one>("group: a commit that is refused leaves the others");
}
TEST_CASE("a store that does not go on from its group's commits is found out") {
    fails_in<hides_its_commits>("group: all of its commits are there when it ends");
}

TEST_CASE("rule 49: a store that tells another instant than the latest it recorded is found out") {
    constexpr std::string_view name = "latest: it is the hour of the latest instant of any wallet";
    const auto report = checked<tells_the_latest>();
    INFO(report.to_text());
    CHECK(report.passed());
    CHECK(report.find(name));
    fails_in<tells_the_newest>(name);
    fails_in<notes_too_early>(name);
}

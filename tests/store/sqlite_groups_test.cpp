// Many charges in one call are one transaction of the file: each is decided by itself, and what was
// answered of them is true whatever the disk, the file or another program does.
#include "support/catch.hpp"
#include "support/clock_pair.hpp"
#include "support/dice.hpp"
#include "support/fault_vfs.hpp"
#include "support/sqlite_scratch.hpp"

#include <coffer/ledger/ledger.hpp>
#include <coffer/plan/plan.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/store/sqlite.hpp>
#include <coffer/store/sqlite_recent.hpp>
#include <coffer/store/sqlite_transaction.hpp>
#include <coffer/wallet/wallets.hpp>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace coffer::literals;
using coffer::charge_by_id;
using coffer::commit_outcome;
using coffer::errc;
using coffer::receipt;
using coffer::result;
using coffer::sqlite_options;
using coffer::sqlite_store;
using coffer_test::disk_fault;
using coffer_test::fault_vfs;
using coffer_test::hasty;
using coffer_test::other_hand;
using coffer_test::scratch_file;
using coffer_test::scratch_store;

namespace {

using prepaid = coffer::plans::prepaid<>;
using answer_list = std::vector<result<receipt>>;

constexpr sqlite_options impatient{.synchronous = coffer::sqlite_synchronous::off,
                                   .busy_timeout = std::chrono::milliseconds{20}};

const std::array<std::string, 3> names{"acme", "zeta", "none"};

/// Grants of 10 to the first two wallets, and a batch: two that go through in each of them, one
/// that is refused, and one for a wallet without credits.
template <class Store>
void grant_both(Store& store) {
    coffer::wallets wallets{prepaid{}, store};
    for (int i = 0; i < 2; ++i) {
        wallets[names[static_cast<std::size_t>(i)]]
            .grant({.bucket = "package", .amount = 10_cr, .request = "grant"})
            .or_throw();
    }
}
const std::vector<charge_by_id>& batch() {
    static const std::vector<charge_by_id> all{
        {names[0], {.amount = 4_cr, .request = "one"}},
        {names[1], {.amount = 4_cr, .request = "one"}},
        {names[0], {.amount = 9_cr, .request = "much"}},
        {names[2], {.amount = 1_cr, .request = "one"}},
        {names[0], {.amount = 6_cr, .request = "two"}},
        {names[1], {.amount = 4_cr, .request = "one"}},
        {names[1], {.amount = 1_cr, .request = "two"}},
    };
    return all;
}
template <class Store>
answer_list charge_batch(Store& store) {
    coffer::wallets wallets{prepaid{}, store};
    return wallets.charge(batch());
}

void check_done(const answer_list& answers) {
    REQUIRE(answers.size() == batch().size());
    CHECK(answers[0].or_throw().after.available == 6_cr);
    CHECK(answers[1].or_throw().after.available == 6_cr);
    CHECK(answers[2] == errc::insufficient_credits);
    CHECK(answers[3] == errc::insufficient_credits);
    CHECK(answers[4].or_throw().after.available.is_zero());
    CHECK(answers[5].or_throw().repeated);
    CHECK(answers[6].or_throw().after.available == 5_cr);
}
/// That all answers are one error of the store's.
void check_failed(const answer_list& answers, errc with) {
    CHECK(answers.size() == batch().size());
    for (const auto& answer : answers) CHECK(answer == with);
}

/// How many entries a file has of a wallet, which replay to its account.
template <class Store>
std::size_t entries_of(Store& store, const std::string& wallet) {
    const auto journal = store.entries(wallet, {}).or_throw();
    CHECK(coffer::replay(journal.entries) == coffer::load(store, wallet).or_throw());
    return journal.entries.size();
}
/// Whether the batch is in the file: all of it, or nothing.
template <class Store>
bool has_batch(Store& store) {
    const std::size_t first = entries_of(store, names[0]);
    CHECK(entries_of(store, names[1]) == first);
    CHECK(entries_of(store, names[2]) == 0);
    CHECK((first == 1 || first == 3));
    return first == 3;
}

}  // namespace

TEST_CASE("a batch in one transaction answers and journals what one charge after another does") {
    const bool by_handle = GENERATE(false, true);
    coffer_test::fair_dice random{by_handle ? 5U : 4U};
    std::vector<std::string> wallet_names;
    for (int i = 0; i < 10; ++i) wallet_names.push_back("wallet " + std::to_string(i));
    const auto below = [&](std::int64_t n) { return static_cast<std::size_t>(random.below(n)); };
    std::vector<std::string> requests;
    for (int i = 0; i < 1'000; ++i) requests.push_back("request " + std::to_string(below(300)));
    const coffer::manual_clock clock{coffer::parse_instant("2026-03-01T00:00:00Z").or_throw()};
    scratch_store file;
    coffer::memory_store memory;
    coffer::wallets tried{prepaid{}, *file, clock};
    coffer::wallets model{prepaid{}, memory, clock};
    for (const std::string& name : wallet_names) {
        for (int lot = 0; lot < 5; ++lot) {
            tried[name].grant({.bucket = "package", .amount = 15_cr}).or_throw();
            model[name].grant({.bucket = "package", .amount = 15_cr}).or_throw();
        }
    }
    std::vector<coffer::wallet> handles;
    for (const std::string& name : wallet_names) handles.push_back(tried[name]);
    std::vector<charge_by_id> charges;
    std::vector<coffer::charge_by_handle> by_handles;
    for (std::size_t i = 0; i < 1'000; ++i) {
        if (i > 0 && below(5) == 0) {
            const std::size_t again = below(static_cast<std::int64_t>(i));
            charges.push_back(charges[again]);
            by_handles.push_back(by_handles[again]);
            continue;
        }
        const std::size_t wallet = below(10);
        coffer::charge_request charge{
            .amount = coffer::credits::from_micros(static_cast<std::int64_t>(below(4)) * 1'000'000),
            .request = below(4) == 0 ? coffer::request_id{} : coffer::request_id{requests[i]}};
        charges.push_back({wallet_names[wallet], charge});
        by_handles.push_back({handles[wallet], charge});
    }
    const answer_list answers = by_handle ? tried.charge(by_handles) : tried.charge(charges);
    REQUIRE(answers.size() == charges.size());
    std::array<int, 4> seen{};
    for (std::size_t i = 0; i < charges.size(); ++i) {
        CAPTURE(i);
        const auto wanted = model[charges[i].wallet].charge(charges[i].charge);
        REQUIRE(answers[i].has_value() == wanted.has_value());
        if (!wanted) {
            CHECK(answers[i].error().code() == wanted.error().code());
            ++seen[wanted == errc::insufficient_credits ? 0 : 1];
            continue;
        }
        CHECK(answers[i]->id == wanted->id);
        CHECK(answers[i]->repeated == wanted->repeated);
        CHECK(answers[i]->cost == wanted->cost);
        CHECK(answers[i]->after == wanted->after);
        ++seen[wanted->repeated ? 2 : 3];
    }
    for (const int each : seen) CHECK(each > 10);  // refused, another's, repeated, done
    for (int opened = 0; opened < 2; ++opened) {
        for (const std::string& name : wallet_names) {
            CHECK(coffer::load(*file, name).or_throw() == coffer::load(memory, name).or_throw());
            CHECK(file->entries(name, {})->entries == memory.entries(name, {})->entries);
        }
        file.reopen();
    }
}

TEST_CASE("a batch waits for the disk once") {
    scratch_file file;
    fault_vfs disk;
    sqlite_store store = sqlite_store::open(file.path(), {}).or_throw();
    coffer::wallets wallets{prepaid{}, store};
    wallets["acme"].grant({.bucket = "package", .amount = 1'000_cr}).or_throw();
    const auto operations = [&](std::size_t count) {
        const std::vector<charge_by_id> charges(count, {"acme", {.amount = 1_cr}});
        constexpr int many = 1'000'000;
        fault_vfs::fail(many, disk_fault::error);
        for (const auto& answer : wallets.charge(charges)) answer.or_throw();
        return many - fault_vfs::left();
    };
    const int one = operations(1);
    CHECK(one > 4);
    CHECK(operations(20) < 2 * one);
}

// ---- A disk that fails --------------------------------------------------------------------------

TEST_CASE("rule 24: a disk that fails in a batch leaves all of it or nothing, and says which") {
    const disk_fault how = GENERATE(disk_fault::error, disk_fault::errors, disk_fault::full,
                                    disk_fault::fulls, disk_fault::done_late);
    CAPTURE(static_cast<int>(how));
    int points = 0;
    for (int n = 1;; ++n) {
        CAPTURE(n);
        scratch_file file;
        fault_vfs disk;
        std::optional<bool> there;
        {
            sqlite_store store = sqlite_store::open(file.path(), {}).or_throw();
            grant_both(store);
            fault_vfs::fail(n, how);
            const answer_list answers = charge_batch(store);
            const bool failed = fault_vfs::has_failed();
            fault_vfs::heal();
            there = has_batch(store);  // the same object goes on
            if (!failed) {
                check_done(answers);
                CHECK(*there);
                break;
            }
            ++points;
            if (answers[0]) {
                check_done(answers);  // the failure did not matter
                CHECK(*there);
            } else {
                check_failed(answers, answers[0].error().code());
                if (answers[0] != errc::outcome_unknown) CHECK_FALSE(*there);
            }
        }
        sqlite_store again = sqlite_store::open(file.path(), hasty).or_throw();
        CHECK(has_batch(again) == *there);
        charge_batch(again);
        CHECK(has_batch(again));
    }
    CHECK(points > 8);
}

namespace {

/// Charges the batch in a process of its own that ends in its `n`th operation on the disk. Answers
/// whether it was answered, or nothing if it came to its end.
std::optional<bool> charge_and_end(const std::string& path, int n, disk_fault how) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        fault_vfs disk;
        auto opened = sqlite_store::open(path, {});
        if (!opened) _exit(2);
        sqlite_store store = std::move(opened).or_throw();
        grant_both(store);
        fault_vfs::fail(n, how);
        if (!charge_batch(store)[0]) _exit(3);
        if (write(ends[1], "!", 1) != 1) _exit(4);
        _exit(0);
    }
    close(ends[1]);
    char letter = 0;
    const bool answered = read(ends[0], &letter, 1) == 1;
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return answered;
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(answered);
    return std::nullopt;
}

}  // namespace

TEST_CASE("rule 24: a process or a machine that ends in a batch leaves all of it or nothing") {
    const disk_fault how = GENERATE(disk_fault::kill, disk_fault::power);
    CAPTURE(how == disk_fault::power);
    int points = 0;
    int left = 0;
    for (int n = 1;; ++n) {
        CAPTURE(n);
        scratch_file file;
        const std::optional<bool> answered = charge_and_end(file.path(), n, how);
        sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
        const bool there = has_batch(store);
        if (!answered) {
            CHECK(there);
            break;
        }
        ++points;
        left += there ? 0 : 1;
        if (*answered) CHECK(there);
        charge_batch(store);
        CHECK(has_batch(store));
    }
    CHECK(points > 8);
    CHECK(left > 4);
}

// ---- Other programs -----------------------------------------------------------------------------

TEST_CASE("a batch on a file that another program holds is unavailable, and nothing of it stays") {
    // Before the group begins, and while it is written.
    for (const char* held : {"BEGIN IMMEDIATE", "BEGIN; SELECT count(*) FROM account"}) {
        CAPTURE(held);
        scratch_store store{impatient};
        grant_both(*store);
        {
            other_hand other{store.path()};
            other.run(held);
            check_failed(charge_batch(*store), errc::unavailable);
        }
        CHECK_FALSE(has_batch(*store));
        check_done(charge_batch(*store));
        CHECK(has_batch(*store));
    }
}

TEST_CASE("a file that is replaced in the middle of a group takes nothing of it") {
    scratch_store store;
    grant_both(*store);
    coffer::wallets wallets{prepaid{}, *store};
    const std::string away = store.path() + ".away";
    REQUIRE(store->begin_group());
    CHECK(wallets["acme"].charge({.amount = 1_cr, .request = "early"}));
    std::filesystem::rename(store.path(), away);
    std::filesystem::copy_file(away, store.path());
    CHECK(wallets["acme"].charge({.amount = 1_cr}) == errc::unavailable);
    CHECK(store->end_group() == commit_outcome::unavailable);
    check_failed(charge_batch(*store), errc::unavailable);
    std::filesystem::rename(away, store.path());
    CHECK_FALSE(has_batch(*store));
    CHECK(wallets["acme"].charge({.amount = 1_cr, .request = "early"}));
}

// ---- Groups -------------------------------------------------------------------------------------

namespace {

/// Asks the test at each charge whether it may go ahead.
struct asks_the_test {
    std::function<bool(std::string_view)> ask;
    bool allows(const coffer::access_question& r) const { return ask(r.member); }
};
struct watched_plan {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &watched_plan::package});
    coffer::overdraft::deny overdraft{};
    asks_the_test access{};
};

}  // namespace

TEST_CASE(
    "rule 40: an exception in the middle of a batch leaves nothing of it and no transaction") {
    scratch_store store{impatient};
    grant_both(*store);
    watched_plan plan{};
    plan.access.ask = [](std::string_view member) {
        if (member == "bad") throw std::bad_alloc{};
        return true;
    };
    coffer::wallets wallets{plan, *store};
    const std::vector<charge_by_id> charges{{"acme", {.amount = 1_cr, .request = "first"}},
                                            {"acme", {.amount = 1_cr, .member = "bad"}}};
    CHECK_THROWS_AS(wallets.charge(charges), std::bad_alloc);
    CHECK_FALSE(has_batch(*store));
    // Neither the file nor the store is held any longer.
    other_hand{store.path()}.run("BEGIN IMMEDIATE; COMMIT");
    std::thread{[&] { check_done(charge_batch(*store)); }}.join();
}

TEST_CASE("a group inside a group is refused, and the outer one goes on") {
    scratch_store store;
    grant_both(*store);
    REQUIRE(store->begin_group());
    CHECK(store->begin_group() == errc::invalid_argument);
    check_failed(charge_batch(*store), errc::invalid_argument);
    coffer::wallets wallets{prepaid{}, *store};
    CHECK(wallets["acme"].charge({.amount = 1_cr}));
    CHECK(store->end_group() == commit_outcome::committed);
    CHECK(entries_of(*store, "acme") == 2);
    CHECK(store->end_group() == commit_outcome::unavailable);  // there is none
    store->drop_group();
    CHECK(wallets["acme"].charge({.amount = 1_cr}));
}

TEST_CASE("what a store remembers of wallets is not what a dropped group made of them") {
    scratch_store store;
    coffer::wallets wallets{prepaid{}, *store};
    for (int round = 0; round < 3; ++round) {
        const std::string other = "other " + std::to_string(round);
        wallets["acme"].grant({.bucket = "package", .amount = 10_cr}).or_throw();
        const coffer::account before = coffer::load(*store, "acme").or_throw();
        REQUIRE(store->begin_group());
        for (int i = 0; i < 5; ++i) {
            wallets["acme"].grant({.bucket = "package", .amount = 10_cr}).or_throw();
            wallets["acme"]
                .hold({.amount = 1_cr, .expires_in = std::chrono::hours{1}})
                .or_throw()
                .detach();
            wallets[other].grant({.bucket = "package", .amount = 10_cr}).or_throw();
        }
        store->drop_group();
        CHECK(coffer::load(*store, "acme").or_throw() == before);
        CHECK(coffer::load(*store, other).or_throw() == coffer::account{});
        // The next wallet takes the number in the file that the dropped one had.
        const std::string next = "next " + std::to_string(round);
        wallets[next].grant({.bucket = "package", .amount = 7_cr}).or_throw();
        CHECK(wallets[next].balance().or_throw().available == 7_cr);
        CHECK(wallets["acme"].verify());
        CHECK(wallets[next].verify());
    }
}

TEST_CASE("rule 49: the latest hour of a group that was dropped is not the store's") {
    scratch_store store;
    const coffer::instant noon = coffer::parse_instant("2026-03-01T12:00:00Z").or_throw();
    coffer::manual_clock clock{noon};
    coffer::wallets wallets{prepaid{}, *store, clock};
    wallets["acme"].grant({.bucket = "package", .amount = 10_cr}).or_throw();
    CHECK(*store->latest().or_throw() == noon);
    const auto later = noon + std::chrono::hours{5};
    clock.set(later);
    for (const bool dropped : {true, false}) {
        REQUIRE(store->begin_group());
        wallets["acme"].charge({.amount = 1_cr}).or_throw();
        wallets["acme"].charge({.amount = 1_cr}).or_throw();
        if (dropped) {
            store->drop_group();
        } else {
            CHECK(store->end_group() == commit_outcome::committed);
        }
        CHECK(*store->latest().or_throw() == (dropped ? noon : later));
    }
    store.reopen();
    CHECK(*store->latest().or_throw() == later);
    // A program whose clock is two years ahead expires nothing of it.
    const coffer_test::two_clocks clocks{later + std::chrono::hours{24 * 730}};
    const coffer_test::injected_clock wrong{{}, {&clocks}};
    coffer::wallets again{prepaid{}, *store, wrong};
    CHECK(again["acme"].charge({.amount = 1_cr}) == errc::clock_disagrees);
    CHECK(entries_of(*store, "acme") == 3);
}

TEST_CASE("a second process sees a batch whole or not at all") {
    scratch_store store{{.synchronous = coffer::sqlite_synchronous::off}};
    grant_both(*store);
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const std::string path = store.path();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        close(ends[1]);
        auto opened = sqlite_store::open(path, hasty);
        if (!opened) _exit(2);
        sqlite_store own = std::move(opened).or_throw();
        pollfd over{.fd = ends[0], .events = POLLIN, .revents = 0};
        while (poll(&over, 1, 0) == 0) {
            // All of one moment: the two wallets are charged together.
            if (!own.begin_group()) continue;
            const auto first = coffer::load(own, "acme");
            const auto second = coffer::load(own, "zeta");
            own.drop_group();
            if (!first || !second) _exit(3);
            if (first->last != second->last) _exit(1);
        }
        _exit(0);
    }
    close(ends[0]);
    coffer::wallets wallets{prepaid{}, *store};
    int done = 0;
    for (int i = 0; i < 100; ++i) {
        const std::vector<charge_by_id> charges{
            {"acme", {.amount = coffer::credits::from_micros(1)}},
            {"zeta", {.amount = coffer::credits::from_micros(1)}}};
        for (const auto& answer : wallets.charge(charges)) done += answer ? 1 : 0;
    }
    CHECK(write(ends[1], "!", 1) == 1);
    close(ends[1]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(done == 200);
}

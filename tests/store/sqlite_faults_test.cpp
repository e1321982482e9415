// What a disk may do to a store: every operation of every commit fails once, or from then on, or is
// the last one before the process ends. What was answered is true afterwards.
#include "support/catch.hpp"
#include "support/fault_vfs.hpp"
#include "support/sqlite_scratch.hpp"

#include <coffer/ledger/ledger.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/store/sqlite.hpp>
#include <coffer/wallet/wallets.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace coffer::literals;
using coffer::errc;
using coffer::sqlite_journal;
using coffer::sqlite_store;
using coffer_test::disk_fault;
using coffer_test::fault_vfs;
using coffer_test::scratch_file;

namespace {

using prepaid = coffer::plans::prepaid<>;

constexpr int charges = 4;
constexpr coffer::sqlite_options full{};

std::string request(int n) { return "request " + std::to_string(n); }

/// One run of a small shop, from opening its file to its last charge: which requests were answered.
struct answers {
    bool opened = false;
    std::set<std::string> done{};
    std::set<std::string> refused{};  ///< Nothing was written.
    std::set<std::string> unknown{};
};

template <class Answer>
void note(answers& all, const std::string& id, const Answer& answer) {
    if (answer) {
        all.done.insert(id);
    } else if (answer == errc::outcome_unknown) {
        all.unknown.insert(id);
    } else {
        all.refused.insert(id);
    }
}

/// The first request grants, the others charge.
template <class Store>
coffer::result<coffer::receipt> buy_one(Store& store, int n) {
    coffer::wallets wallets{prepaid{}, store};
    auto acme = wallets["acme"];
    if (n == 0) return acme.grant({.bucket = "package", .amount = 100_cr, .request = request(0)});
    return acme.charge({.amount = 1_cr, .request = request(n)});
}

template <class Store>
void buy(Store& store, answers& all) {
    for (int n = 0; n <= charges; ++n) note(all, request(n), buy_one(store, n));
}

/// What the file says, after all: it is whole, and each answer was true.
void check_file(const std::string& path, const answers& all) {
    auto opened = sqlite_store::open(path, coffer_test::hasty);
    REQUIRE(opened);
    sqlite_store store = std::move(opened).or_throw();
    const coffer::account found = coffer::load(store, "acme").or_throw();
    const auto journal = store.entries("acme", {}).or_throw();
    CHECK(coffer::replay(journal.entries) == found);
    for (const std::string& id : all.done)
        CHECK(coffer::find(store, "acme", id)->entries.size() == 1);
    for (const std::string& id : all.refused)
        CHECK(coffer::find(store, "acme", id)->entries.empty());
    CHECK(journal.entries.size() >= all.done.size());
    CHECK(journal.entries.size() <= all.done.size() + all.unknown.size());
}

/// Everything again, with the same requests: each is done once in the end.
void check_repeated(const std::string& path) {
    sqlite_store store = sqlite_store::open(path, coffer_test::hasty).or_throw();
    answers again;
    buy(store, again);
    CHECK(again.done.size() == charges + 1);
    CHECK(coffer::load(store, "acme")->last.value() == charges + 1);
    CHECK(coffer::load(store, "acme")->totals.available == (100_cr - 4_cr));
}

}  // namespace

TEST_CASE("rule 24: a disk that fails in any operation leaves each commit whole or not at all") {
    const disk_fault how = GENERATE(disk_fault::error, disk_fault::errors, disk_fault::full,
                                    disk_fault::fulls, disk_fault::done_late);
    CAPTURE(static_cast<int>(how));
    int points = 0;
    bool failed = true;
    for (int n = 1; failed; ++n) {
        CAPTURE(n);
        scratch_file file;
        answers all;
        {
            fault_vfs disk;
            fault_vfs::fail(n, how);
            auto opened = sqlite_store::open(file.path(), full);
            if (opened) {
                sqlite_store store = std::move(opened).or_throw();
                buy(store, all);
                failed = fault_vfs::has_failed();
                fault_vfs::heal();
                // The same object goes on as if nothing had been.
                coffer::wallets wallets{prepaid{}, store};
                CHECK(wallets["zeta"].grant({.bucket = "package", .amount = 1_cr}));
                CHECK(coffer::load(store, "acme"));
            } else {
                CHECK_FALSE(opened == errc::corrupt_record);
                CHECK_FALSE(opened == errc::invalid_argument);
                fault_vfs::heal();
            }
        }
        if (failed) ++points;
        if (!failed) CHECK(all.done.size() == charges + 1);
        check_file(file.path(), all);
        check_repeated(file.path());
    }
    CHECK(points > 40);
}

TEST_CASE("a full disk is storage_full, and a disk that fails at the commit is outcome_unknown") {
    std::set<errc> seen;
    for (disk_fault how : {disk_fault::error, disk_fault::full, disk_fault::done_late}) {
        for (int n = 1; n < 30; ++n) {
            scratch_file file;
            fault_vfs disk;
            sqlite_store store = sqlite_store::open(file.path(), full).or_throw();
            coffer::wallets wallets{prepaid{}, store};
            fault_vfs::fail(n, how);
            auto answer = wallets["acme"].grant({.bucket = "package", .amount = 1_cr});
            if (!answer) {
                seen.insert(answer.error().code());
                CHECK(is_transient(answer.error()));
                if (how != disk_fault::full) CHECK_FALSE(answer == errc::storage_full);
            }
            fault_vfs::heal();
        }
    }
    CHECK(seen == std::set<errc>{errc::storage_full, errc::unavailable, errc::outcome_unknown});
}

/// Buys in a process of its own that ends in its `n`th operation on the disk. Answers what it was
/// answered until then, or nothing if it came to its end.
std::optional<answers> buy_and_end(const std::string& path, int n, disk_fault how,
                                   const coffer::sqlite_options& options) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        fault_vfs disk;
        fault_vfs::fail(n, how);
        auto opened = sqlite_store::open(path, options);
        if (!opened) _exit(2);
        sqlite_store store = std::move(opened).or_throw();
        for (int i = 0; i <= charges; ++i) {
            if (!buy_one(store, i)) _exit(3);
            const char letter = static_cast<char>('a' + i);
            if (write(ends[1], &letter, 1) != 1) _exit(4);
        }
        _exit(0);
    }
    close(ends[1]);
    answers all;
    for (char letter = 0; read(ends[0], &letter, 1) == 1;) all.done.insert(request(letter - 'a'));
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        all.unknown.insert("the one that was not answered");
        return all;
    }
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(all.done.size() == charges + 1);
    return std::nullopt;
}

TEST_CASE("rule 24: a process or a machine that ends at any write loses nothing it answered") {
    const disk_fault how = GENERATE(disk_fault::kill, disk_fault::power);
    const sqlite_journal journal = sqlite_journal::rollback;
    CAPTURE(how == disk_fault::power);
    int points = 0;
    for (int n = 1;; ++n) {
        CAPTURE(n);
        scratch_file file;
        const auto all = buy_and_end(file.path(), n, how, {.journal = journal});
        if (!all) break;
        ++points;
        check_file(file.path(), *all);
        check_repeated(file.path());
    }
    CHECK(points > 40);
}

TEST_CASE("without waiting for the disk, a loss of power does lose what was answered") {
    bool lost = false;
    for (int n = 1; !lost; ++n) {
        scratch_file file;
        const auto all = buy_and_end(file.path(), n, disk_fault::power, coffer_test::hasty);
        REQUIRE(all);
        auto opened = sqlite_store::open(file.path(), full);
        if (!opened) continue;
        sqlite_store store = std::move(opened).or_throw();
        lost = coffer::load(store, "acme")->last.value() < all->done.size();
    }
    CHECK(lost);
}

TEST_CASE("processes that charge one wallet together spend what there is, and no more") {
    constexpr int processes = 3;
    constexpr int tries = 40;
    constexpr std::int64_t credits = 70;
    scratch_file file;
    {
        sqlite_store store = sqlite_store::open(file.path(), coffer_test::hasty).or_throw();
        coffer::wallets wallets{prepaid{}, store};
        wallets["acme"]
            .grant(
                {.bucket = "package", .amount = coffer::credits::from_micros(credits * 1'000'000)})
            .or_throw();
    }
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child > 0) {
            children.push_back(child);
            continue;
        }
        auto opened = sqlite_store::open(file.path(), coffer_test::hasty);
        if (!opened) _exit(255);
        sqlite_store store = std::move(opened).or_throw();
        coffer::wallets wallets{prepaid{}, store};
        int done = 0;
        for (int i = 0; i < tries; ++i) {
            const std::string id = std::to_string(p) + " " + std::to_string(i);
            auto answer = wallets["acme"].charge({.amount = 1_cr, .request = id});
            while (!answer && is_transient(answer.error())) {
                answer = wallets["acme"].charge({.amount = 1_cr, .request = id});
            }
            if (answer) ++done;
            if (!answer && answer != errc::insufficient_credits) _exit(254);
        }
        _exit(done);
    }
    int done = 0;
    for (pid_t child : children) {
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        REQUIRE(WEXITSTATUS(status) <= tries);
        done += WEXITSTATUS(status);
    }
    CHECK(done == credits);
    sqlite_store store = sqlite_store::open(file.path(), coffer_test::hasty).or_throw();
    CHECK(coffer::load(store, "acme")->totals.available.is_zero());
    const auto journal = store.entries("acme", {}).or_throw();
    CHECK(journal.entries.size() == credits + 1);
    CHECK(coffer::replay(journal.entries) == *coffer::load(store, "acme"));
}

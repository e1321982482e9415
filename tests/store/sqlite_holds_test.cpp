// Retried holds whose callers are processes of their own, over one SQLite file.
#include "support/catch.hpp"
#include "support/sqlite_scratch.hpp"

#include <coffer/plan/ready.hpp>
#include <coffer/wallet/wallets.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;
using coffer::errc;
using coffer::sqlite_store;

namespace {

using prepaid = coffer::plans::prepaid<>;
using wallets = coffer::wallets<prepaid, sqlite_store>;

const coffer::hold_request once{.amount = 3_cr, .expires_in = 10min, .request = "h"};

void fund(const std::string& path) {
    sqlite_store store = sqlite_store::open(path, coffer_test::hasty).or_throw();
    wallets all{prepaid{}, store};
    all["acme"].grant({.bucket = "package", .amount = 10_cr}).or_throw();
}

/// Runs `work(store)` in so many processes at once; answers how many of them ended with which code.
template <class Work>
std::vector<int> in_processes(int count, const std::string& path, Work&& work) {
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child > 0) {
            children.push_back(child);
            continue;
        }
        auto opened = sqlite_store::open(path, coffer_test::hasty);
        if (!opened) _exit(99);
        sqlite_store store = std::move(opened).or_throw();
        wallets all{prepaid{}, store};
        _exit(work(all["acme"]));
    }
    std::vector<int> codes(100);
    for (pid_t child : children) {
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        ++codes.at(static_cast<std::size_t>(WEXITSTATUS(status)));
    }
    return codes;
}

constexpr int enough = 10'000;

/// Asks until the storage answers.
template <class Ask>
auto until_answered(Ask&& ask) {
    auto answer = ask();
    for (int tries = 0; tries < enough; ++tries) {
        if (answer || answer == errc::hold_open || !is_transient(answer.error())) break;
        answer = ask();
    }
    return answer;
}
coffer::result<coffer::reservation> hold(const coffer::wallet& w) {
    return until_answered([&] { return w.hold(once); });
}

constexpr int processes = 4;
constexpr int owned = 1;
constexpr int told_open = 2;
constexpr int told_settled = 3;
constexpr int other = 4;

}  // namespace

TEST_CASE("rule 21: of processes with one request exactly one owns its hold") {
    coffer_test::scratch_file file;
    fund(file.path());
    const auto ended = in_processes(processes, file.path(), [](const coffer::wallet& w) {
        auto held = hold(w);
        if (!held) return held == errc::hold_open ? told_open : other;
        (void)held->detach();
        return owned;
    });
    CHECK(ended[owned] == 1);
    CHECK(ended[told_open] == processes - 1);

    sqlite_store store = sqlite_store::open(file.path(), coffer_test::hasty).or_throw();
    wallets all{prepaid{}, store};
    auto acme = all["acme"];
    CHECK(acme.balance().or_throw().held == 3_cr);
    {
        auto left = acme.resume("h").or_throw();  // its process has ended
        left.adopt();
    }
    CHECK(acme.balance().or_throw().held == 0_cr);
    CHECK(acme.hold(once));
}

TEST_CASE("rule 23: whichever process works on a retried request, it is paid once") {
    coffer_test::scratch_file file;
    fund(file.path());
    const auto ended = in_processes(processes, file.path(), [](const coffer::wallet& w) {
        for (int tries = 0; tries < enough; ++tries) {
            auto held = hold(w);
            if (held == errc::hold_open) {
                std::this_thread::sleep_for(100us);
                continue;
            }
            if (held == errc::hold_settled) return told_settled;
            if (!held) return other;
            if (tries == 0) {  // the work fails, and the hold is given back
                (void)until_answered([&] { return held->release(); });
                continue;
            }
            return until_answered([&] { return held->settle({.amount = 2_cr}); }) ? owned : other;
        }
        return other;
    });
    CHECK(ended[owned] == 1);
    CHECK(ended[told_settled] == processes - 1);

    sqlite_store store = sqlite_store::open(file.path(), coffer_test::hasty).or_throw();
    wallets all{prepaid{}, store};
    auto acme = all["acme"];
    CHECK(acme.balance().or_throw().available == 8_cr);
    CHECK(acme.hold(once).error() == errc::hold_settled);
    CHECK(acme.verify().or_throw().sound);
}

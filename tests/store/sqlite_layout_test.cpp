// What was written by an older coffer goes on where it was.
#include "store/sqlite_layout_1.hpp"
#include "support/catch.hpp"
#include "support/fault_vfs.hpp"
#include "support/sqlite_scratch.hpp"

#include <coffer/coffer.hpp>
#include <coffer/store/sqlite.hpp>
#include <coffer/store/sqlite_file.hpp>
#include <coffer/store/sqlite_layout.hpp>
#include <coffer/store/sqlite_run.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;
using coffer::errc;
using coffer::sqlite_store;
using coffer_test::disk_fault;
using coffer_test::fault_vfs;
using coffer_test::hasty;
using coffer_test::other_hand;
using coffer_test::scratch_file;

namespace {

/// The plan under which the file was written.
struct shop_plan {
    coffer::cost_table cost{{"chat", coffer::cost::flat{1.000003_cr}}};
    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::capped rollover{30_cr};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } budget{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::after expiry{coffer::months{12}};
        coffer::refund::unspent refund{};
    } package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"budget", &shop_plan::budget},
                         coffer::bucket{"package", &shop_plan::package});
    coffer::overdraft::limit overdraft{.amount = 50_cr};
    coffer::clawback::negative clawback{};
    coffer::access::anyone access{};
};

void write_old(const std::string& path) { other_hand{path}.run(coffer_test::sqlite_layout_1); }

/// An entry in so many words.
std::string line(const coffer::entry& e) {
    const auto number = [](coffer::credits c) { return std::string{to_string(c)}; };
    return std::to_string(e.id.value()) + ' ' + std::string{to_string(e.kind)} + ' ' +
           number(e.amount) + ' ' + number(e.after.available) + ' ' + std::string{e.request};
}

/// What the program said that wrote the file.
const std::vector<std::string> acme_journal{"1 started 0 0 sub",
                                            "2 period_began 100 100 ",
                                            "3 granted 60 160 order-1",
                                            "4 granted 40 200 order-2",
                                            "5 granted 7 200 later",
                                            "6 charged 3.000009 196.999991 c-1",
                                            "7 held 5 191.999991 job-0",
                                            "8 timed_out 5 196.999991 ",
                                            "9 charged 50 146.999991 c-2",
                                            "10 refunded 20 166.999991 r-1",
                                            "11 forfeited 36.999991 130 ",
                                            "12 rolled 30 130 ",
                                            "13 period_began 100 230 ",
                                            "14 charged 130 100 c-3",
                                            "15 purchase_refunded 60 40 back-1",
                                            "16 disputed 40 0 chargeback",
                                            "17 granted 20 20 order-3",
                                            "18 held 8.5 11.5 job-7"};
const std::vector<std::string> many_journal{
    "1 granted 2 2 g-0",  "2 granted 2 4 g-1",        "3 granted 2 6 g-2",  "4 granted 2 8 g-3",
    "5 granted 2 10 g-4", "6 granted 2 12 g-5",       "7 granted 2 14 g-6", "8 charged 5 9 c-1",
    "9 voided 1 8 v-1",   "10 expiry_changed 0 8 e-1"};

std::vector<std::string> journal(sqlite_store& store, std::string_view id,
                                 const coffer::journal_query& query = {}) {
    std::vector<std::string> lines;
    const auto page = store.entries(id, query).or_throw();
    for (const coffer::entry& e : page.entries) lines.push_back(line(e));
    return lines;
}

/// That the file says what it said when it was written.
void check_unchanged(sqlite_store& store) {
    const auto acme = coffer::load(store, "acme").or_throw();
    CHECK(acme.totals == coffer::balance_totals{11.5_cr, 8.5_cr, {}});
    CHECK(acme.used == 130_cr);
    CHECK(acme.next_due.time_since_epoch() == 1'774'992'600'000'000us);
    CHECK(acme.rest->lots.size() == 7);
    CHECK(acme.burning.size() == 1);
    CHECK(journal(store, "acme") == acme_journal);
    const auto cold = coffer::load(store, "cold").or_throw();
    CHECK(cold.totals == coffer::balance_totals{{}, {}, 33_cr});
    CHECK(journal(store, "cold") == std::vector<std::string>{"1 charged 33 0 c-1"});
    const auto many = coffer::load(store, "many").or_throw();
    CHECK(many.totals == coffer::balance_totals{8_cr, {}, {}});
    CHECK(many.used == 5_cr);
    CHECK(many.next_due.time_since_epoch() == 1'804'894'200'000'000us);
    CHECK(many.rest->lots.size() == 7);
    CHECK(many.burning.size() == 5);
    CHECK(journal(store, "many") == many_journal);
    for (const char* id : {"acme", "cold", "many"}) {
        const auto log = store.entries(id, {}).or_throw();
        CHECK(coffer::replay(log.entries).or_throw() == coffer::load(store, id).or_throw());
    }
}

}  // namespace

TEST_CASE("a file of layout 1 is opened, says what it said, and goes on") {
    scratch_file file;
    write_old(file.path());
    sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
    CHECK(other_hand{file.path()}.ask("PRAGMA user_version") == "4");
    check_unchanged(store);
    coffer::manual_clock clock{coffer::instant{1'773'358'200'000'000us}};
    coffer::wallets wallets{shop_plan{}, store, clock};
    auto acme = wallets["acme"];
    auto many = wallets["many"];
    for (const char* id : {"acme", "cold", "many"}) CHECK(wallets[id].verify()->sound);

    // What was done is done.
    CHECK(acme.charge({.amount = 130_cr, .request = "c-3"})->repeated);
    CHECK(acme.charge({.amount = 131_cr, .request = "c-3"}) == errc::request_mismatch);
    CHECK(many.grant({.bucket = "package", .amount = 2_cr, .priority = 10, .request = "g-0"})
              ->repeated);
    // What was open is settled.
    acme.resume(coffer::hold_id{18}).or_throw().settle({.amount = 8_cr}).or_throw();
    CHECK(acme.balance()->available == 12_cr);
    acme.refund({.charge = "job-7", .amount = 3_cr, .request = "r-7"}).or_throw();
    acme.dispute({.lot = coffer::lot_id{4}, .state = coffer::dispute_state::won, .request = "w"})
        .or_throw();
    CHECK(acme.balance()->available == 55_cr);
    many.charge({.amount = 7.5_cr, .request = "c-2"}).or_throw();
    CHECK(many.balance()->available == 0.5_cr);
    wallets["cold"].grant({.bucket = "package", .amount = 40_cr}).or_throw();
    CHECK(wallets["cold"].balance()->available == 7_cr);
    clock.advance(24h * 60);
    wallets.sweep().or_throw();
    for (const char* id : {"acme", "cold", "many"}) CHECK(wallets[id].verify()->sound);
    // What touched a lot is found on both sides of the change.
    const auto touched = journal(store, "many", {.lot = coffer::lot_id{3}});
    CHECK(touched == std::vector<std::string>{"3 granted 2 6 g-2", "11 charged 7.5 0.5 c-2"});
}

TEST_CASE("a file of layout 2 is opened, and has recorded no instant until the next commit") {
    scratch_file file;
    const coffer::manual_clock clock{coffer::instant{1'773'358'200'000'000us}};
    {
        sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
        coffer::wallets wallets{shop_plan{}, store, clock};
        wallets["acme"].grant({.bucket = "package", .amount = 7_cr}).or_throw();
    }
    other_hand hand{file.path()};
    hand.run(
        "DROP TABLE recorded; DROP INDEX notice_wallet; ALTER TABLE notice DROP COLUMN ordinal;"
        "PRAGMA user_version = 2");
    sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
    CHECK(hand.ask("PRAGMA user_version") == "4");
    CHECK_FALSE(store.latest().or_throw());
    coffer::wallets wallets{shop_plan{}, store, clock};
    CHECK(wallets["acme"].charge({.amount = 1_cr}).or_throw().after.available == 6_cr);
    CHECK(*store.latest().or_throw() == clock.now() - 30min);
}

TEST_CASE("rule 46: a file of layout 3 is opened with its notices, which have no ordinal yet") {
    scratch_file file;
    {
        sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
        coffer::wallets wallets{shop_plan{}, store};
        wallets["acme"].grant({.bucket = "package", .amount = 7_cr}).or_throw();
    }
    other_hand hand{file.path()};
    hand.run(
        "DROP INDEX notice_wallet; ALTER TABLE notice DROP COLUMN ordinal; INSERT INTO"
        " notice(wallet, entry, kind, text) VALUES(CAST('acme' AS BLOB), 1, CAST('k' AS BLOB),"
        " CAST('t' AS BLOB)); PRAGMA user_version = 3");
    sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
    CHECK(hand.ask("PRAGMA user_version") == "4");
    const auto notices = store.notices(10).or_throw();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].key() == "acme/1/0");
    coffer::wallets wallets{shop_plan{}, store};
    CHECK(wallets["acme"].charge({.amount = 1_cr}).or_throw().after.available == 6_cr);
}

TEST_CASE("a damaged account of layout 1 stays as it is, and the others go on") {
    scratch_file file;
    write_old(file.path());
    other_hand hand{file.path()};
    hand.run(
        "UPDATE account SET packed = CAST(substr(packed, 1, 20) ||"
        " CASE substr(packed, 21, 1) WHEN x'ff' THEN x'fe' ELSE x'ff' END ||"
        " substr(packed, 22) AS BLOB) WHERE wallet = CAST('cold' AS BLOB)");
    const char* stored = "SELECT hex(packed) FROM account WHERE wallet = CAST('cold' AS BLOB)";
    const std::string before = hand.ask(stored);
    sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
    CHECK(coffer::load(store, "cold") == errc::corrupt_record);
    CHECK(coffer::load(store, "many")->totals.available == 8_cr);
    coffer::wallets wallets{shop_plan{}, store};
    CHECK(wallets["cold"].charge({.amount = 1_cr}) == errc::corrupt_record);
    CHECK(hand.ask(stored) == before);
}

TEST_CASE("a file of layout 1 that somebody uses is unavailable, and stays as it is") {
    scratch_file file;
    write_old(file.path());
    other_hand hand{file.path()};
    hand.run("BEGIN IMMEDIATE");
    CHECK(sqlite_store::open(file.path(), {.busy_timeout = 0ms}) == errc::unavailable);
    hand.run("COMMIT");
    CHECK(hand.ask("PRAGMA user_version") == "1");
}

namespace {

/// Opens a file in a process of its own that ends in its `n`th operation on the disk. Whether it
/// came to that.
bool open_and_end(const std::string& path, int n, disk_fault how) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        fault_vfs disk;
        fault_vfs::fail(n, how);
        _exit(sqlite_store::open(path) ? 0 : 2);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return true;
    CHECK(WEXITSTATUS(status) == 0);
    return false;
}

}  // namespace

TEST_CASE("a process or a machine that ends while a file changes its layout leaves it whole") {
    const disk_fault how = GENERATE(disk_fault::kill, disk_fault::power);
    int points = 0;
    for (int n = 1;; ++n) {
        CAPTURE(n);
        scratch_file file;
        write_old(file.path());
        if (!open_and_end(file.path(), n, how)) break;
        ++points;
        sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
        check_unchanged(store);
    }
    CHECK(points > 10);
}

TEST_CASE("a disk that fails while a file changes its layout leaves it whole") {
    const disk_fault how = GENERATE(disk_fault::error, disk_fault::full, disk_fault::done_late);
    int points = 0;
    for (int n = 1;; ++n) {
        CAPTURE(n);
        scratch_file file;
        write_old(file.path());
        bool failed = false;
        {
            fault_vfs disk;
            fault_vfs::fail(n, how);
            const auto opened = sqlite_store::open(file.path());
            failed = fault_vfs::has_failed();
            if (!opened) CHECK(is_transient(opened.error()));
            fault_vfs::heal();
        }
        if (!failed) break;
        ++points;
        sqlite_store store = sqlite_store::open(file.path(), hasty).or_throw();
        check_unchanged(store);
    }
    CHECK(points > 10);
}

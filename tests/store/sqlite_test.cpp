#include "support/catch.hpp"
#include "support/sqlite_scratch.hpp"

#include <coffer/plan/ready.hpp>
#include <coffer/store/sqlite.hpp>
#include <coffer/testing/store_conformance.hpp>
#include <coffer/wallet/wallets.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;
using coffer::commit_outcome;
using coffer::errc;
using coffer::sqlite_journal;
using coffer::sqlite_options;
using coffer::sqlite_store;
using coffer::sqlite_synchronous;
using coffer::wallet_id;
using coffer::testing::check_store_conformance;
using coffer_test::hasty;
using coffer_test::other_hand;
using coffer_test::scratch_file;
using coffer_test::scratch_store;

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}
void write_file(const std::string& path, std::string_view text) {
    std::ofstream{path, std::ios::binary} << text;
}

using prepaid = coffer::plans::prepaid<>;

/// Wallets on a store, for a few plain operations.
template <class Store>
struct shop {
    explicit shop(Store& store) : wallets{prepaid{}, store} {}

    auto grant(const wallet_id& id, coffer::credits amount, std::string_view request = {}) {
        return wallets[id].grant({.bucket = "package", .amount = amount, .request = request});
    }
    auto charge(const wallet_id& id, coffer::credits amount, std::string_view request = {}) {
        return wallets[id].charge({.amount = amount, .request = request});
    }
    auto available(const wallet_id& id) { return wallets[id].balance().or_throw().available; }

    coffer::wallets<prepaid, Store> wallets;
};
template <class Store>
shop(Store&) -> shop<Store>;

void check_report(const coffer::testing::conformance_report& report) {
    INFO(report.to_text());
    CHECK(report.passed());
    CHECK(report.checks.size() >= 37);
}

/// Every other call goes through another connection to the same file.
class two_connections {
public:
    two_connections() { reopen(); }

    void reopen() {
        for (auto& each : stores_) each.reset();
        for (auto& each : stores_) each.emplace(sqlite_store::open(file_.path(), hasty).or_throw());
    }
    auto open(const coffer::page_request& wanted, coffer::page& into) {
        return next().open(wanted, into);
    }
    auto entries(const wallet_id& wallet, const coffer::journal_query& query) {
        return next().entries(wallet, query);
    }
    auto commit(const coffer::commit_batch& batch) { return next().commit(batch); }
    auto due(coffer::instant until, std::size_t limit) { return next().due(until, limit); }
    auto notices(std::size_t limit) { return next().notices(limit); }
    auto acknowledge(std::uint64_t id) { return next().acknowledge(id); }

private:
    sqlite_store& next() { return *stores_[++calls_ % 2]; }

    scratch_file file_;
    std::optional<sqlite_store> stores_[2];
    std::atomic<unsigned> calls_{0};
};

}  // namespace

static_assert(coffer::check_store<sqlite_store>());
static_assert(std::is_nothrow_move_constructible_v<sqlite_store>);
static_assert(sqlite_options{}.synchronous == sqlite_synchronous::full);
static_assert(sqlite_options{}.journal == sqlite_journal::rollback);

TEST_CASE("an SQLite file keeps the contract of stores") {
    check_report(check_store_conformance([] { return scratch_store{}; },
                                         [](scratch_store& made) { made.reopen(); }));
}

TEST_CASE("an SQLite file with a write-ahead log keeps the contract of stores") {
    check_report(check_store_conformance(
        [] {
            return scratch_store{
                {.synchronous = sqlite_synchronous::off, .journal = sqlite_journal::write_ahead}};
        },
        [](scratch_store& made) { made.reopen(); }));
}

TEST_CASE("several connections to one SQLite file keep the contract of stores") {
    check_report(check_store_conformance([] { return two_connections{}; },
                                         [](two_connections& made) { made.reopen(); }));
}

// ---- Opening ------------------------------------------------------------------------------------

TEST_CASE("a wallet is there when its file is opened again") {
    scratch_store store{{}};
    shop{*store}.grant("acme", 10_cr, "g").or_throw();
    store.reopen();
    shop again{*store};
    CHECK(again.available("acme") == 10_cr);
    CHECK(again.grant("acme", 10_cr, "g")->repeated);
    again.charge("acme", 4_cr).or_throw();
    store.reopen();
    CHECK(shop{*store}.available("acme") == 6_cr);
}

TEST_CASE("a file that is no store is refused and stays as it is") {
    scratch_file file;
    std::string sentence;
    errc expected = errc::invalid_argument;
    SECTION("a file of another application") {
        other_hand{file.path()}.run(
            "CREATE TABLE account(x); INSERT INTO account VALUES(7); PRAGMA application_id = 5");
        sentence = "the file is not one of coffer";
    }
    SECTION("a file of an application without an id") {
        other_hand{file.path()}.run("CREATE TABLE t(x)");
        sentence = "the file is not one of coffer";
    }
    SECTION("a file that only has a version") {
        other_hand{file.path()}.run("PRAGMA user_version = 1");
        sentence = "the file is not one of coffer";
    }
    SECTION("a file of another application with a write-ahead log") {
        other_hand{file.path()}.run("PRAGMA journal_mode = wal; CREATE TABLE t(x)");
        sentence = "the file is not one of coffer";
    }
    SECTION("a file of a newer coffer") {
        REQUIRE(sqlite_store::open(file.path(), hasty));
        other_hand{file.path()}.run("PRAGMA user_version = 5");
        sentence = "a newer coffer wrote the file";
    }
    SECTION("a text") {
        write_file(file.path(), std::string(5'000, 'x'));
        expected = errc::corrupt_record;
        sentence = "the file cannot be read";
    }
    SECTION("a store without one of its tables") {
        REQUIRE(sqlite_store::open(file.path(), hasty));
        other_hand{file.path()}.run("DROP TABLE touched");
        expected = errc::corrupt_record;
        sentence = "the file misses a table";
    }
    SECTION("a store that says no version") {
        REQUIRE(sqlite_store::open(file.path(), hasty));
        other_hand{file.path()}.run("PRAGMA user_version = 0");
        expected = errc::corrupt_record;
        sentence = "the file says no version";
    }
    const std::string before = read_file(file.path());
    const auto opened = sqlite_store::open(file.path(), hasty);
    REQUIRE(opened == expected);
    CHECK(opened.error().sentence() == sentence);
    CHECK(read_file(file.path()) == before);
    CHECK_FALSE(before.empty());
}

TEST_CASE("what cannot be a file is refused") {
    CHECK(sqlite_store::open("") == errc::invalid_argument);
    CHECK(sqlite_store::open(std::string{"a\0b", 3}) == errc::invalid_argument);
    CHECK(sqlite_store::open("/no such folder/wallets.db") == errc::unavailable);
    CHECK(sqlite_store::open("/") == errc::unavailable);
}

TEST_CASE("an empty file becomes a store, and a store in memory is one too") {
    scratch_file file;
    write_file(file.path(), "");
    CHECK(sqlite_store::open(file.path(), hasty));
    auto memory = sqlite_store::open(":memory:").or_throw();
    shop{memory}.grant("acme", 1_cr).or_throw();
    CHECK(shop{memory}.available("acme") == 1_cr);
}

TEST_CASE("of several who make one file at once, all open the same") {
    for (int round = 0; round < 10; ++round) {
        scratch_file file;
        std::atomic<int> opened{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] {
                auto store = sqlite_store::open(file.path(), hasty);
                if (!store) return;
                const std::string id = "wallet " + std::to_string(i);
                if (shop{*store}.grant(id, 1_cr)) ++opened;
            });
        }
        for (std::thread& t : threads) t.join();
        CHECK(opened == 4);
        other_hand hand{file.path()};
        CHECK(hand.ask("SELECT count(*) FROM account") == "4");
    }
}

TEST_CASE("a store is moved with all it has") {
    scratch_file file;
    sqlite_store first = sqlite_store::open(file.path(), hasty).or_throw();
    shop{first}.grant("acme", 1_cr).or_throw();
    sqlite_store second = std::move(first);
    CHECK(shop{second}.available("acme") == 1_cr);
}

TEST_CASE("by default a commit waits for the disk, and the file keeps a journal to roll back") {
    scratch_store store{{}};
    shop{*store}.grant("acme", 1_cr).or_throw();
    CHECK(std::filesystem::exists(store.path() + "-journal"));
    CHECK_FALSE(std::filesystem::exists(store.path() + "-wal"));
    CHECK(other_hand{store.path()}.ask("PRAGMA journal_mode") == "delete");
    // A log that was there before is folded in.
    scratch_file file;
    constexpr sqlite_options ahead{.journal = sqlite_journal::write_ahead};
    shop{*scratch_store{ahead}}.grant("acme", 1_cr).or_throw();
    { (void)sqlite_store::open(file.path(), ahead).or_throw(); }
    CHECK(other_hand{file.path()}.ask("PRAGMA journal_mode") == "wal");
    { (void)sqlite_store::open(file.path()).or_throw(); }
    CHECK(other_hand{file.path()}.ask("PRAGMA journal_mode") == "delete");
}

// ---- Damaged records ----------------------------------------------------------------------------

TEST_CASE("rule 40: a damaged account is corrupt_record and is never written over") {
    scratch_store store;
    shop here{*store};
    here.grant("acme", 10_cr, "g").or_throw();
    here.grant("zeta", 5_cr).or_throw();
    auto state = coffer::load(*store, "acme").or_throw();
    auto newest = store->entries("acme", {}).or_throw();
    {
        other_hand hand{store.path()};
        const std::string acme = " WHERE wallet = CAST('acme' AS BLOB)";
        SECTION("a byte") {
            hand.run(
                "UPDATE account SET packed = CAST(substr(packed, 1, 20) ||"
                " CASE substr(packed, 21, 1) WHEN x'ff' THEN x'fe' ELSE x'ff' END ||"
                " substr(packed, 22) AS BLOB)" +
                acme);
        }
        SECTION("cut off") { hand.run("UPDATE account SET packed = substr(packed, 1, 30)" + acme); }
        SECTION("nothing left") { hand.run("UPDATE account SET packed = x''" + acme); }
        SECTION("a text") { hand.run("UPDATE account SET packed = 'hello'" + acme); }
        SECTION("the record of another version") {
            hand.run("UPDATE account SET version = 7" + acme);
        }
        SECTION("another due instant") { hand.run("UPDATE account SET next_due = 7" + acme); }
        SECTION("of another wallet") {
            here.charge("zeta", 1_cr).or_throw();
            hand.run(
                "UPDATE account SET packed = (SELECT packed FROM account"
                " WHERE wallet = CAST('zeta' AS BLOB))" +
                acme);
        }
    }
    auto stored = [&] {
        return other_hand{store.path()}.ask(
            "SELECT version || ' ' || next_due || ' ' || hex(packed) FROM account WHERE number = "
            "1");
    };
    const std::string before = stored();
    CHECK(coffer::load(*store, "acme") == errc::corrupt_record);
    CHECK(here.charge("acme", 1_cr) == errc::corrupt_record);
    CHECK(here.grant("acme", 1_cr) == errc::corrupt_record);
    CHECK(here.wallets["acme"].balance().error() == errc::corrupt_record);
    CHECK(stored() == before);
    CHECK(here.available("zeta").is_positive());
    CHECK(store->entries("acme", {})->entries == newest.entries);
}

TEST_CASE("rule 40: a record that was damaged after it was loaded is not written over") {
    scratch_store store;
    shop here{*store};
    here.grant("acme", 10_cr).or_throw();
    coffer::account after = coffer::load(*store, "acme").or_throw();
    const coffer::entry_id expected = after.last;
    coffer::entry e{.id = coffer::entry_id{2}, .kind = coffer::entry_kind::noted, .at = after.time};
    after.last = e.id;
    other_hand{store.path()}.run("UPDATE account SET packed = zeroblob(50)");
    const commit_outcome outcome =
        store->commit({.wallet = "acme", .expected = expected, .after = after, .entries = {&e, 1}});
    CHECK(outcome == commit_outcome::conflict);  // the wallet loads again, and is told
    CHECK(other_hand{store.path()}.ask("SELECT hex(packed) FROM account") == std::string(100, '0'));
    CHECK(other_hand{store.path()}.ask("SELECT count(*) FROM journal") == "1");
}

TEST_CASE("a damaged entry is corrupt_record, and others are read") {
    scratch_store store;
    shop here{*store};
    for (int i = 1; i <= 5; ++i) here.grant("acme", 1_cr, "g" + std::to_string(i)).or_throw();
    other_hand hand{store.path()};
    SECTION("a byte") {
        hand.run(
            "UPDATE journal SET packed = CAST(substr(packed, 1, 30) ||"
            " CASE substr(packed, 31, 1) WHEN x'ff' THEN x'fe' ELSE x'ff' END ||"
            " substr(packed, 32) AS BLOB) WHERE id = 3");
    }
    SECTION("another entry's") {
        hand.run(
            "UPDATE journal SET packed = (SELECT packed FROM journal WHERE id = 4)"
            " WHERE id = 3");
    }
    CHECK(store->entries("acme", {}) == errc::corrupt_record);
    CHECK(coffer::find(*store, "acme", "g3") == errc::corrupt_record);
    CHECK(coffer::find(*store, "acme", "g4")->entries.size() == 1);
    CHECK(store->entries("acme", {.after = coffer::entry_id{3}})->entries.size() == 2);
    CHECK(here.grant("acme", 1_cr, "g3") == errc::corrupt_record);
    CHECK(here.charge("acme", 1_cr, "c"));
}

TEST_CASE("damaged pages are corrupt_record") {
    scratch_store store;
    {
        shop here{*store};
        for (int i = 0; i < 300; ++i) here.grant("w" + std::to_string(i), 1_cr).or_throw();
    }
    std::string bytes = read_file(store.path());
    for (std::size_t at = 4'096; at < bytes.size(); ++at) bytes[at] = static_cast<char>(at * 7);
    write_file(store.path(), bytes);
    const auto again = sqlite_store::open(store.path(), hasty);
    if (again) {
        sqlite_store& hurt = const_cast<sqlite_store&>(*again);
        CHECK(coffer::load(hurt, "w7") == errc::corrupt_record);
        CHECK(shop{hurt}.grant("w7", 1_cr) == errc::corrupt_record);
        CHECK(shop{hurt}.grant("new", 1_cr).error() == errc::corrupt_record);
    } else {
        CHECK(again == errc::corrupt_record);
    }
}

// ---- Others who use the file --------------------------------------------------------------------

TEST_CASE("while somebody else writes, a call is unavailable and nothing is left over") {
    scratch_store store{{.synchronous = sqlite_synchronous::off, .busy_timeout = 0ms}};
    shop here{*store};
    here.grant("acme", 10_cr).or_throw();
    other_hand hand{store.path()};
    SECTION("a writer") {
        hand.run("BEGIN IMMEDIATE");
        CHECK(here.charge("acme", 1_cr, "c") == errc::unavailable);
        CHECK(here.available("acme") == 10_cr);
        CHECK(store->acknowledge(1) == errc::unavailable);
    }
    SECTION("a reader, in the moment of the commit") {
        hand.run("BEGIN; SELECT * FROM account");
        CHECK(hand.ask("SELECT count(*) FROM account") == "1");
        CHECK(here.charge("acme", 1_cr, "c") == errc::unavailable);
        CHECK(here.available("acme") == 10_cr);
    }
    SECTION("somebody who lets nobody in") {
        hand.run("BEGIN EXCLUSIVE");
        CHECK(here.charge("acme", 1_cr, "c") == errc::unavailable);
        CHECK(coffer::load(*store, "acme") == errc::unavailable);
        CHECK(coffer::find(*store, "acme", "c") == errc::unavailable);
        CHECK(store->entries("acme", {}) == errc::unavailable);
        CHECK(store->due(coffer::never, 1) == errc::unavailable);
        CHECK(store->notices(1) == errc::unavailable);
        CHECK(sqlite_store::open(store.path(), {.busy_timeout = 0ms}) == errc::unavailable);
    }
    hand.run("COMMIT");
    CHECK(here.available("acme") == 10_cr);
    CHECK_FALSE(here.charge("acme", 1_cr, "c")->repeated);
    CHECK(here.available("acme") == 9_cr);
}

TEST_CASE("a call waits for others as long as it is told") {
    scratch_store store;
    shop here{*store};
    here.grant("acme", 10_cr).or_throw();
    other_hand hand{store.path()};
    hand.run("BEGIN EXCLUSIVE");
    std::thread other{[&] {
        std::this_thread::sleep_for(100ms);
        hand.run("COMMIT");
    }};
    CHECK(here.charge("acme", 1_cr));
    other.join();
}

// ---- What cannot be written ---------------------------------------------------------------------

TEST_CASE("what could not be read back is refused, and nothing is written") {
    scratch_store store;
    const std::string long_text(256, 'x');
    const std::string long_request(96, 'x');
    coffer::account after;
    after.last = coffer::entry_id{1};
    coffer::entry e{.id = coffer::entry_id{1}, .kind = coffer::entry_kind::noted};
    e.requested_by = coffer::request_id::scope::caller;
    wallet_id id = "acme";
    SECTION("a long text") { e.member = long_text; }
    SECTION("a long request") { e.request = long_request; }
    SECTION("a long name of a wallet") { id = long_text; }
    SECTION("no name of a wallet") { id = ""; }
    SECTION("an account that contradicts itself") { after.totals.available = 1_cr; }
    CHECK(store->commit({.wallet = id, .after = after, .entries = {&e, 1}}) ==
          commit_outcome::unavailable);
    other_hand hand{store.path()};
    CHECK(hand.ask("SELECT count(*) FROM account") == "0");
    CHECK(hand.ask("SELECT count(*) FROM journal") == "0");
}

TEST_CASE("the queries of a store go by its indexes") {
    scratch_store store;
    other_hand hand{store.path()};
    int queries = 0;
    for (const char* sql : coffer::detail::sqlite_texts) {
        if (!std::string_view{sql}.starts_with("SELECT")) continue;
        ++queries;
        const std::string plan = hand.plan_of(sql);
        INFO(sql << '\n' << plan);
        CHECK(plan.find("TEMP B-TREE") == plan.npos);
        const bool is_queue = plan == "SCAN notice\n";  // the oldest come first by themselves
        CHECK((is_queue || plan.find("SCAN") == plan.npos));
        CHECK((is_queue || plan.find("SEARCH") != plan.npos));
    }
    CHECK(queries == 15);
}

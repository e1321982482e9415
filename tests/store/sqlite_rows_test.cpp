// What an operation reads and writes of an SQLite file, and what becomes of it where the file or a
// record of it is not what it was.
#include "support/catch.hpp"
#include "support/sqlite_scratch.hpp"

#include <coffer/plan/ready.hpp>
#include <coffer/report/verify.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/store/sqlite.hpp>
#include <coffer/store/sqlite_read.hpp>
#include <coffer/wallet/wallets.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;
using coffer::errc;
using coffer::sqlite_store;
using coffer_test::hasty;
using coffer_test::other_hand;
using coffer_test::scratch_file;
using coffer_test::scratch_store;

namespace {

using prepaid = coffer::plans::prepaid<>;
namespace fs = std::filesystem;

/// While it lives, stores that are opened say which statements they run.
class statement_log {
public:
    statement_log() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch)); }
    statement_log(const statement_log&) = delete;
    statement_log& operator=(const statement_log&) = delete;
    ~statement_log() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(watch)); }

    void clear() { lines().clear(); }
    static std::vector<std::string>& lines() {
        static std::vector<std::string> all;
        return all;
    }
    /// How many of them begin so.
    static std::ptrdiff_t count(std::string_view begin) {
        return std::count_if(lines().begin(), lines().end(),
                             [&](const std::string& line) { return line.starts_with(begin); });
    }
    static std::string text() {
        std::string all;
        for (const std::string& line : lines()) all += line + '\n';
        return all;
    }

private:
    static int watch(sqlite3* db, const char**, const sqlite3_api_routines*) {
        return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, note, nullptr);
    }
    static int note(unsigned, void*, void* statement, void*) {
        lines().emplace_back(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
        return 0;
    }
};

/// An account of a wallet that had many lots, all of which ended but the last ones.
coffer::account old_account(std::uint32_t ended, std::uint32_t left) {
    coffer::account a;
    a.last = coffer::entry_id{ended + left};
    const auto bucket = coffer::bucket_id::of("package");
    for (std::uint32_t i = 1; i <= ended + left; ++i) {
        coffer::lot l{.id = coffer::lot_id{i}};
        l.terms.bucket = bucket;
        l.granted = 10_cr;
        l.active = true;
        a.rest.edit().lots.push_back(l);
        if (i <= ended) continue;
        a.burning.push_back({.available = l.granted, .lot = l.id, .bucket = bucket});
        a.totals.available = (a.totals.available + l.granted).or_throw();
    }
    return a;
}

/// Puts an account into a store as if it had come about there.
void put(sqlite_store& store, const coffer::wallet_id& id, coffer::account a) {
    const coffer::entry e{.id = a.last, .kind = coffer::entry_kind::noted, .at = a.time};
    REQUIRE(store.commit({.wallet = id, .after = a, .entries = {&e, 1}}) ==
            coffer::commit_outcome::committed);
}

auto grant(const coffer::wallet& w, coffer::credits amount, std::string_view request = {}) {
    return w.grant({.bucket = "package", .amount = amount, .request = request});
}

}  // namespace

TEST_CASE("a charge is six statements, one of which writes the account and one the entry") {
    const statement_log log;
    scratch_store store;
    const coffer::manual_clock clock;  // an hour that begins is one statement more
    coffer::wallets wallets{prepaid{}, *store, clock};
    auto acme = wallets["acme"];
    for (int i = 0; i < 5; ++i) grant(acme, 10_cr).or_throw();
    statement_log::lines().clear();
    acme.charge({.amount = 1_cr, .request = "c"}).or_throw();
    INFO(statement_log::text());
    CHECK(statement_log::lines().size() == 6);
    CHECK(statement_log::count("BEGIN") == 1);
    CHECK(statement_log::count("SELECT") == 2);
    CHECK(statement_log::count("UPDATE account SET") == 1);
    CHECK(statement_log::count("INSERT INTO journal") == 1);
    CHECK(statement_log::count("COMMIT") == 1);
    statement_log::lines().clear();
    CHECK(acme.charge({.amount = 1_cr, .request = "c"})->repeated);
    CHECK(statement_log::count("SELECT") == static_cast<long>(statement_log::lines().size()));
}

TEST_CASE("rule 49: the first commit of an hour notes it, and no other writes more for it") {
    const statement_log log;
    scratch_store store;
    const coffer::instant noon = coffer::parse_instant("2026-03-01T12:00:00Z").or_throw();
    coffer::manual_clock clock{noon - 30min};
    coffer::wallets wallets{prepaid{}, *store, clock};
    auto acme = wallets["acme"];
    grant(acme, 100_cr).or_throw();
    for (const auto hour : {0h, 1h, 5h}) {
        statement_log::lines().clear();
        for (const auto minute : {0min, 10min, 59min}) {
            clock.set(noon + hour + minute);
            acme.charge({.amount = 1_cr}).or_throw();
        }
        clock.set(noon - 24h);
        acme.charge({.amount = 1_cr}).or_throw();
        CHECK(statement_log::count("INSERT INTO recorded") == 1);
        CHECK(*store->latest().or_throw() == noon + hour);
    }
}

TEST_CASE("a charge reads and writes the same, whatever lots a wallet has or had") {
    const statement_log log;
    scratch_store store;
    put(*store, "old", old_account(20'000, 200));
    const coffer::manual_clock clock;  // an hour that begins is one statement more
    coffer::wallets wallets{prepaid{}, *store, clock};
    auto old = wallets["old"];
    grant(old, 10_cr).or_throw();
    auto pages = [&] {
        statement_log::lines().clear();
        old.charge({.amount = 1_cr}).or_throw();
        return statement_log::text();
    };
    const std::string text = pages();
    INFO(text);
    CHECK(statement_log::lines().size() == 6);
    CHECK(text.find("account_row") == text.npos);
    CHECK(store->open({.wallet = "old", .request = {}, .whole = false},
                      *std::make_unique<coffer::page>()));
}

TEST_CASE("a grant writes its own row, and a hold and its end write theirs") {
    const statement_log log;
    scratch_store store;
    put(*store, "old", old_account(5'000, 3));
    const coffer::manual_clock clock;  // an hour that begins is one statement more
    coffer::wallets wallets{prepaid{}, *store, clock};
    auto old = wallets["old"];
    const auto rows = [] {
        return statement_log::count("INSERT INTO account_row") +
               statement_log::count("UPDATE account_row") +
               statement_log::count("DELETE FROM account_row");
    };
    statement_log::lines().clear();
    grant(old, 10_cr).or_throw();
    INFO(statement_log::text());
    CHECK(rows() <= 3);  // its lot, and its piece of the burn order
    statement_log::lines().clear();
    auto held = old.hold({.amount = 1_cr, .request = "h"}).or_throw();
    CHECK(rows() == 1);
    statement_log::lines().clear();
    held.settle({.amount = 1_cr}).or_throw();
    CHECK(rows() == 1);
}

TEST_CASE("the rows of a wallet are read again only if somebody else changed them") {
    const statement_log log;
    coffer::sqlite_options options = hasty;
    const bool keeps = GENERATE(true, false);
    if (!keeps) options.kept_lots = 5;
    scratch_store store{options};
    coffer::wallets wallets{prepaid{}, *store};
    auto acme = wallets["acme"];
    for (int i = 0; i < 9; ++i) grant(acme, 10_cr).or_throw();
    const auto readings = [&](auto&& operation) {
        statement_log::lines().clear();
        operation();
        return statement_log::count("SELECT kind, id");
    };
    CHECK(readings([&] { grant(acme, 1_cr).or_throw(); }) == (keeps ? 0 : 1));
    sqlite_store other = sqlite_store::open(store.path(), options).or_throw();
    coffer::wallets others{prepaid{}, other};
    others["acme"].charge({.amount = 1_cr}).or_throw();  // changes no row
    CHECK(readings([&] { grant(acme, 1_cr).or_throw(); }) == (keeps ? 0 : 1));
    grant(others["acme"], 1_cr).or_throw();
    CHECK(readings([&] { grant(acme, 1_cr).or_throw(); }) == 1);
    CHECK(readings([&] { (void)acme.balance().or_throw(); }) == (keeps ? 0 : 1));
    CHECK(acme.balance()->available == 93_cr);
    CHECK(acme.verify()->sound);
    CHECK(others["acme"].verify()->sound);
}

TEST_CASE("what is kept of many wallets is bounded, and each is read as it is") {
    coffer::sqlite_options options = hasty;
    options.kept_lots = 30;
    scratch_store store{options};
    coffer::wallets wallets{prepaid{}, *store};
    for (int round = 1; round <= 3; ++round) {
        for (int i = 0; i < 300; ++i) {
            grant(wallets["w" + std::to_string(i)], 1_cr).or_throw();
        }
        for (int i = 0; i < 300; i += 7) {
            CHECK(wallets["w" + std::to_string(i)].balance()->available ==
                  coffer::credits::from_micros(round * 1'000'000));
        }
    }
}

TEST_CASE("a head alone says that it is, and decides no refusal that the other lots belie") {
    scratch_store store;
    coffer::wallets wallets{prepaid{}, *store};
    auto acme = wallets["acme"];
    for (int i = 0; i < 6; ++i) grant(acme, 10_cr).or_throw();
    const coffer::request_id none;
    coffer::page head;
    REQUIRE(store->open({.wallet = "acme", .request = none, .whole = false}, head));
    CHECK_FALSE(head.whole);
    CHECK(head.state.burning.leaves_out_far());
    CHECK(head.state.rest->lots.empty());
    CHECK(head.state.totals.available == 60_cr);
    acme.charge({.amount = 55_cr}).or_throw();
    CHECK(acme.charge({.amount = 6_cr}) == errc::insufficient_credits);
    acme.charge({.amount = 5_cr}).or_throw();
    CHECK(acme.verify().or_throw().sound);
}

TEST_CASE("a commit that does not say what it builds on writes the same") {
    scratch_store one;
    scratch_store two;
    coffer::account a = old_account(10, 90);
    for (auto* store : {&one, &two}) put(**store, "old", a);
    coffer::account after = a;
    after.burning.erase(40);
    after.totals.available = (after.totals.available - 10_cr).or_throw();
    after.last = coffer::entry_id{a.last.value() + 1};
    const coffer::entry e{.id = after.last, .kind = coffer::entry_kind::noted};
    const coffer::account found = coffer::load(*one, "old").or_throw();
    CHECK(one->commit({.wallet = "old",
                       .expected = a.last,
                       .after = after,
                       .before = &found,
                       .entries = {&e, 1}}) == coffer::commit_outcome::committed);
    CHECK(two->commit({.wallet = "old", .expected = a.last, .after = after, .entries = {&e, 1}}) ==
          coffer::commit_outcome::committed);
    CHECK(coffer::load(*one, "old").or_throw() == after);
    CHECK(coffer::load(*two, "old").or_throw() == after);
    const char* all =
        "SELECT group_concat(hex(packed)) FROM (SELECT packed FROM account UNION ALL"
        " SELECT packed FROM account_row)";
    CHECK(other_hand{one.path()}.ask(all) == other_hand{two.path()}.ask(all));
}

TEST_CASE("rule 40: a damaged row is corrupt_record where it is read, and is never written over") {
    scratch_store store;
    coffer::wallets wallets{prepaid{}, *store};
    auto acme = wallets["acme"];
    for (int i = 0; i < 6; ++i) grant(acme, 10_cr).or_throw();
    acme.hold({.amount = 1_cr, .request = "h"}).or_throw().detach();
    other_hand hand{store.path()};
    SECTION("a byte") {
        hand.run(
            "UPDATE account_row SET packed = CAST(substr(packed, 1, 20) ||"
            " CASE substr(packed, 21, 1) WHEN x'ff' THEN x'fe' ELSE x'ff' END ||"
            " substr(packed, 22) AS BLOB) WHERE kind = 4 AND id = 2");
    }
    SECTION("gone") { hand.run("DELETE FROM account_row WHERE kind = 5"); }
    SECTION("cut off") { hand.run("UPDATE account_row SET packed = x'02' WHERE kind = 6"); }
    SECTION("of a lot that never was") {
        hand.run(
            "INSERT INTO account_row SELECT wallet, kind, 99, packed FROM account_row"
            " WHERE kind = 4 AND id = 1");
    }
    SECTION("of an unknown kind") {
        hand.run(
            "INSERT INTO account_row SELECT wallet, 77, id, packed FROM account_row"
            " WHERE kind = 4 AND id = 1");
    }
    const char* all =
        "SELECT group_concat(hex(packed)) FROM (SELECT packed FROM account UNION ALL"
        " SELECT packed FROM account_row)";
    const std::string before = hand.ask(all);
    sqlite_store other = sqlite_store::open(store.path(), hasty).or_throw();  // knows nothing yet
    coffer::wallets others{prepaid{}, other};
    CHECK(coffer::load(other, "acme") == errc::corrupt_record);
    CHECK(grant(others["acme"], 1_cr) == errc::corrupt_record);
    CHECK(others["acme"].balance() == errc::corrupt_record);
    CHECK(hand.ask(all) == before);
    // What the head decides does not look at it.
    CHECK(others["acme"].charge({.amount = 1_cr, .request = "c"}));
}

TEST_CASE("rule 40: a row that was damaged after it was read is not written over") {
    scratch_store store;
    coffer::wallets wallets{prepaid{}, *store};
    grant(wallets["acme"], 10_cr).or_throw();
    const coffer::account before = coffer::load(*store, "acme").or_throw();
    coffer::account after = before;
    after.rest.edit().lots.edit(0).closed = true;
    after.last = coffer::entry_id{2};
    const coffer::entry e{.id = after.last, .kind = coffer::entry_kind::noted};
    other_hand hand{store.path()};
    hand.run("UPDATE account_row SET packed = zeroblob(50) WHERE kind = 4");
    CHECK(store->commit({.wallet = "acme",
                         .expected = before.last,
                         .after = after,
                         .before = &before,
                         .entries = {&e, 1}}) == coffer::commit_outcome::conflict);
    CHECK(hand.ask("SELECT hex(packed) FROM account_row WHERE kind = 4") == std::string(100, '0'));
    CHECK(hand.ask("SELECT count(*) FROM journal") == "1");
}

// ---- The file -----------------------------------------------------------------------------------

TEST_CASE("a file that has to exist is not made, and one that is there is opened") {
    scratch_file file;
    coffer::sqlite_options later = hasty;
    later.must_exist = true;
    const auto missing = sqlite_store::open(file.path(), later);
    CHECK(missing == errc::unavailable);
    CHECK(missing.error().sentence() == "the file is missing, or cannot be opened");
    CHECK_FALSE(fs::exists(file.path()));
    { (void)sqlite_store::open(file.path(), hasty).or_throw(); }
    CHECK(sqlite_store::open(file.path(), later));
    fs::resize_file(file.path(), 0);
    const auto empty = sqlite_store::open(file.path(), later);
    CHECK(empty == errc::unavailable);
    CHECK(empty.error().sentence() == "the file is empty");
    CHECK(fs::file_size(file.path()) == 0);
}

TEST_CASE("a file that is replaced or removed while it is open is unavailable, and says why") {
    scratch_store store;
    scratch_file backup;
    coffer::wallets wallets{prepaid{}, *store};
    auto acme = wallets["acme"];
    grant(acme, 10_cr).or_throw();
    coffer::account after = coffer::load(*store, "acme").or_throw();
    const coffer::entry_id expected = after.last;
    after.last = coffer::entry_id{2};
    const coffer::entry e{.id = after.last, .kind = coffer::entry_kind::noted};
    SECTION("replaced by a copy") {
        fs::copy_file(store.path(), backup.path());
        fs::rename(backup.path(), store.path());
    }
    SECTION("removed") { fs::remove(store.path()); }
    SECTION("moved away") { fs::rename(store.path(), backup.path()); }
    constexpr std::string_view why = "the file was replaced or removed while it was open";
    const auto refused = acme.charge({.amount = 1_cr});
    CHECK(refused == errc::unavailable);
    CHECK(refused.error().sentence() == why);
    CHECK(acme.balance().error().sentence() == why);
    CHECK(store->entries("acme", {}) == errc::unavailable);
    CHECK(store->due(coffer::never, 1) == errc::unavailable);
    CHECK(store->notices(1) == errc::unavailable);
    CHECK(store->acknowledge(1) == errc::unavailable);
    CHECK(store->wallets({}, 1) == errc::unavailable);
    // Even what was opened before is not committed.
    CHECK(store->commit(
              {.wallet = "acme", .expected = expected, .after = after, .entries = {&e, 1}}) ==
          coffer::commit_outcome::unavailable);
    if (fs::exists(backup.path())) {
        fs::rename(backup.path(), store.path());  // it is there again
        CHECK(acme.charge({.amount = 1_cr}));
    }
}

// ---- Which wallets there are --------------------------------------------------------------------

namespace {

template <class Store>
std::vector<coffer::wallet_id> all_wallets(Store& store, std::size_t limit) {
    std::vector<coffer::wallet_id> all;
    for (;;) {
        const auto page =
            store.wallets(all.empty() ? coffer::wallet_id{} : all.back(), limit).or_throw();
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < limit) return all;
    }
}

template <class Store>
void check_listing(Store& store) {
    CHECK(store.wallets({}, 5)->empty());
    coffer::wallets wallets{prepaid{}, store};
    std::vector<coffer::wallet_id> made;
    for (int i = 0; i < 50; ++i) {
        made.emplace_back("w" + std::to_string(i));
        grant(wallets[made.back()], 1_cr).or_throw();
    }
    const auto by_text = [](const coffer::wallet_id& a, const coffer::wallet_id& b) {
        return a.text() < b.text();
    };
    std::sort(made.begin(), made.end(), by_text);
    for (std::size_t limit : {1u, 7u, 50u, 1'000u}) {
        std::vector<coffer::wallet_id> found = all_wallets(store, limit);
        CHECK(found == all_wallets(store, 1'000));
        std::sort(found.begin(), found.end(), by_text);
        CHECK(found == made);
    }
    CHECK(store.wallets({}, 0)->empty());
}

}  // namespace

TEST_CASE("a store lists its wallets, page by page") {
    STATIC_REQUIRE(coffer::listing_store<coffer::memory_store>);
    STATIC_REQUIRE(coffer::listing_store<sqlite_store>);
    SECTION("in memory") {
        coffer::memory_store store;
        check_listing(store);
        CHECK(store.wallets("nobody", 1) == errc::invalid_argument);
    }
    SECTION("in a file, in the order of their bytes") {
        scratch_store store;
        check_listing(*store);
        CHECK(store->wallets("w48", 1)->at(0) == coffer::wallet_id{"w49"});
    }
}

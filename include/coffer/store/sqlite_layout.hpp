/// The tables of an SQLite file, and how a file of an older layout gets to them. Include
/// `store/sqlite.hpp`.
#pragma once

#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/store/detail/account_rows.hpp>
#include <coffer/store/sqlite_run.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The tables. Wallets, requests and texts are blobs: they may be any bytes.
inline constexpr const char* sqlite_schema = R"sql(
CREATE TABLE account(
    number INTEGER PRIMARY KEY,
    wallet BLOB NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    next_due INTEGER NOT NULL,
    packed BLOB NOT NULL
);
CREATE INDEX account_due ON account(next_due) WHERE next_due < 9223372036854775807;
CREATE TABLE account_row(
    wallet INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY(wallet, kind, id)
) WITHOUT ROWID;
CREATE TABLE journal(
    wallet INTEGER NOT NULL,
    id INTEGER NOT NULL,
    request BLOB,
    about INTEGER,
    packed BLOB NOT NULL,
    lot INTEGER,
    PRIMARY KEY(wallet, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX journal_request ON journal(wallet, request) WHERE request IS NOT NULL;
CREATE INDEX journal_about ON journal(wallet, about, id) WHERE about IS NOT NULL;
CREATE INDEX journal_lot ON journal(wallet, lot, id) WHERE lot IS NOT NULL;
CREATE TABLE touched(
    wallet INTEGER NOT NULL,
    lot INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY(wallet, lot, id)
) WITHOUT ROWID;
CREATE TABLE notice(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    wallet BLOB NOT NULL,
    entry INTEGER NOT NULL,
    kind BLOB NOT NULL,
    text BLOB NOT NULL,
    ordinal INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX notice_wallet ON notice(wallet);
CREATE TABLE recorded(
    one INTEGER PRIMARY KEY CHECK(one = 1),
    hour INTEGER NOT NULL
);
PRAGMA application_id = 1668245094;
PRAGMA user_version = 4;
)sql";
inline constexpr std::int64_t sqlite_application = 1'668'245'094;  // the letters "coff"
inline constexpr std::int64_t sqlite_layout = 4;

/// What layout 2 has that layout 1 has not: there, all of an account stood in its `packed`, and all
/// lots that an entry touched in `touched`, where they stay.
inline constexpr const char* sqlite_schema_from_1 = R"sql(
CREATE TABLE account_row(
    wallet INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY(wallet, kind, id)
) WITHOUT ROWID;
ALTER TABLE journal ADD COLUMN lot INTEGER;
CREATE INDEX journal_lot ON journal(wallet, lot, id) WHERE lot IS NOT NULL;
)sql";
/// What layout 3 has that layout 2 has not.
inline constexpr const char* sqlite_schema_from_2 = R"sql(
CREATE TABLE recorded(
    one INTEGER PRIMARY KEY CHECK(one = 1),
    hour INTEGER NOT NULL
);
)sql";
/// What layout 4 has that layout 3 has not, beside records that speak of alerts.
inline constexpr const char* sqlite_schema_from_3 = R"sql(
ALTER TABLE notice ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notice_wallet ON notice(wallet);
PRAGMA user_version = 4;
)sql";

/// A statement that is run a few times.
class sqlite_query {
public:
    sqlite_query(sqlite3* db, const char* sql) noexcept {
        sqlite3_stmt* made = nullptr;
        code_ = sqlite3_prepare_v2(db, sql, -1, &made, nullptr);
        statement_.reset(made);
    }
    int code() const noexcept { return code_; }
    sqlite_run run() const noexcept { return sqlite_run{statement_}; }

private:
    sqlite_statement statement_;
    int code_ = SQLITE_OK;
};

/// The only value of the only row.
inline result<std::int64_t> sqlite_ask(sqlite3* db, const char* sql) noexcept {
    const sqlite_query query{db, sql};
    auto run = query.run();
    const int code = query.code() == SQLITE_OK ? run.step() : query.code();
    if (code != SQLITE_ROW) return error{sqlite_errc(code)}.because("the file cannot be read");
    return run.number_at(0);
}

/// The layout of a file; 0 where there is still nothing at all.
/// Errors: `invalid_argument` for a file of another application or of a newer coffer;
/// `corrupt_record` for one of no version.
inline result<std::int64_t> sqlite_layout_of(sqlite3* db) noexcept {
    const auto tables = sqlite_ask(db, "SELECT count(*) FROM sqlite_master");
    const auto application = sqlite_ask(db, "PRAGMA application_id");
    const auto version = sqlite_ask(db, "PRAGMA user_version");
    if (!tables) return tables.error();
    if (!application) return application.error();
    if (!version) return version.error();
    if (*application == sqlite_application) {
        if (*version > sqlite_layout) {
            return error{errc::invalid_argument}.because("a newer coffer wrote the file");
        }
        if (*version >= 1) return *version;
        return error{errc::corrupt_record}.because("the file says no version");
    }
    if (*application == 0 && *version == 0 && *tables == 0) return std::int64_t{0};
    return error{errc::invalid_argument}.because("the file is not one of coffer");
}

/// Takes the accounts of a file of layout 1 apart, one after another.
class sqlite_from_1 {
public:
    /// Requires: the tables are there, and a transaction.
    explicit sqlite_from_1(sqlite3* db) noexcept : db_{db} {}

    /// Returns what SQLite answers in the end.
    int run() {
        for (const sqlite_query* query : {&next_, &change_, &add_}) {
            if (query->code() != SQLITE_OK) return query->code();
        }
        for (std::int64_t number = 0;;) {
            auto found = next_.run();
            int code = found.number(1, number).step();
            if (code == SQLITE_DONE) return SQLITE_OK;
            if (code != SQLITE_ROW) return code;
            number = found.number_at(0);
            if (take_apart(found)) code = write(number);
            if (code != SQLITE_ROW && code != SQLITE_DONE) return code;
        }
    }

private:
    /// Makes the records of an account. A damaged one stays as it is, and is found where it is
    /// read.
    bool take_apart(const sqlite_run& found) {
        const std::string wallet{found.blob_at(1)};
        const std::string_view packed = found.blob_at(4);
        result<account> read =
            unpack_account(reinterpret_cast<const std::byte*>(packed.data()), packed.size());
        if (!read || read->last.value() != found.number_at(2) ||
            ticks(read->next_due) != found.number_at(3)) {
            return false;
        }
        bytes_.clear();
        changes_.clear();
        row_comparison rows{wallet, bytes_, changes_};
        if (!rows.compare(account{}, *read)) return false;
        head_ = bytes_.size();
        if (!pack_head({wallet}, *read, bytes_)) return false;
        finish_head({wallet}, bytes_.data() + head_, bytes_.size() - head_,
                    {.first_far = first_far_of(*read), .rows = rows.sum()});
        return true;
    }
    int write(std::int64_t number) const noexcept {
        auto head = change_.run();
        int code =
            head.number(1, number).blob(2, bytes_.data() + head_, bytes_.size() - head_).step();
        auto row = add_.run();
        for (const row_change& c : changes_) {
            if (code != SQLITE_DONE) return code;
            row.again();
            code = row.number(1, number)
                       .number(2, static_cast<std::int64_t>(c.kind))
                       .number(3, c.id)
                       .blob(4, bytes_.data() + c.middle, c.end - c.middle)
                       .step();
        }
        return code;
    }

    sqlite3* db_;
    byte_list bytes_{};
    std::vector<row_change> changes_{};
    std::size_t head_ = 0;
    sqlite_query next_{db_,
                       "SELECT number, wallet, version, next_due, packed FROM account"
                       " WHERE number > ?1 ORDER BY number LIMIT 1"};
    sqlite_query change_{db_, "UPDATE account SET packed = ?2 WHERE number = ?1"};
    sqlite_query add_{db_,
                      "INSERT INTO account_row(wallet, kind, id, packed)"
                      " VALUES(?1, ?2, ?3, ?4)"};
};

/// Makes the tables, or brings those of an older layout to this one, unless somebody else does in
/// the same moment. All of it happens in one transaction, or nothing.
inline result<void> bring_to_layout(sqlite3* db) {
    const auto execute = [&](const char* sql) {
        return sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
    };
    const auto failed = [&](int code) {
        if (sqlite3_get_autocommit(db) == 0) execute("ROLLBACK");
        return error{sqlite_errc(code)}.because("the file cannot be written");
    };
    if (int code = execute("BEGIN IMMEDIATE"); code != SQLITE_OK) return failed(code);
    const result<std::int64_t> layout = sqlite_layout_of(db);
    if (!layout) {
        execute("ROLLBACK");
        return layout.error();
    }
    int code = SQLITE_OK;
    if (*layout == 0) code = execute(sqlite_schema);
    if (*layout == 1) {
        code = execute(sqlite_schema_from_1);
        if (code == SQLITE_OK) code = sqlite_from_1{db}.run();
    }
    if (code == SQLITE_OK && (*layout == 1 || *layout == 2)) code = execute(sqlite_schema_from_2);
    const bool older = *layout > 0 && *layout < sqlite_layout;
    if (code == SQLITE_OK && older) code = execute(sqlite_schema_from_3);
    if (code == SQLITE_OK) code = execute("COMMIT");
    if (code != SQLITE_OK) return failed(code);
    return {};
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

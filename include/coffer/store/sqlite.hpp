/// A store in an SQLite file: wallets that outlive the program, shared by its threads and by other
/// processes on the same machine. Include it where the store is opened; link `coffer::sqlite`.
///
/// docs/store.md says what stands in the file and what a commit costs.
#pragma once

#include <coffer/detail/account_codec.hpp>
#include <coffer/store.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// When SQLite waits for the disk.
enum class sqlite_synchronous : std::uint8_t {
    full,  ///< A commit that was answered outlives the loss of power.
    off,   ///< Only the end of the process; for tests, and for files that can be made again.
};

/// How SQLite keeps a transaction whole.
enum class sqlite_journal : std::uint8_t {
    rollback,     ///< By a copy of the pages before it. Safe everywhere.
    write_ahead,  ///< Several times the commits. See docs/store.md on versions before 3.51.3.
};

struct sqlite_options {
    sqlite_synchronous synchronous = sqlite_synchronous::full;
    sqlite_journal journal = sqlite_journal::rollback;
    /// How long a call waits for other processes before it answers `unavailable`.
    std::chrono::milliseconds busy_timeout{5'000};
};

namespace detail {

struct sqlite_closer {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using sqlite_connection = std::unique_ptr<sqlite3, sqlite_closer>;
using sqlite_statement = std::unique_ptr<sqlite3_stmt, sqlite_closer>;

/// What kept a call from its answer.
inline errc sqlite_errc(int code) noexcept {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return errc::corrupt_record;
        case SQLITE_FULL: return errc::storage_full;
        default: return errc::unavailable;
    }
}

/// One run of a prepared statement, which is free again at its end. Blobs are not copied.
class sqlite_run {
public:
    explicit sqlite_run(const sqlite_statement& statement) noexcept : statement_{statement.get()} {}
    sqlite_run(const sqlite_run&) = delete;
    sqlite_run& operator=(const sqlite_run&) = delete;
    ~sqlite_run() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }

    sqlite_run& number(int place, std::int64_t value) noexcept {
        note(sqlite3_bind_int64(statement_, place, value));
        return *this;
    }
    sqlite_run& blob(int place, const void* from, std::size_t size) noexcept {
        note(sqlite3_bind_blob64(statement_, place, size == 0 ? "" : from, size, SQLITE_STATIC));
        return *this;
    }
    sqlite_run& blob(int place, std::string_view text) noexcept {
        return blob(place, text.data(), text.size());
    }
    /// The next row: `SQLITE_ROW`, `SQLITE_DONE`, or an error. Binding may have failed before.
    int step() noexcept { return code_ == SQLITE_OK ? sqlite3_step(statement_) : code_; }
    /// The next run with other values.
    void again() noexcept { sqlite3_reset(statement_); }

    std::int64_t number_at(int column) const noexcept {
        return sqlite3_column_int64(statement_, column);
    }
    /// Stays until the next step.
    std::string_view blob_at(int column) const noexcept {
        const void* from = sqlite3_column_blob(statement_, column);
        auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
        return {static_cast<const char*>(from), from ? size : 0};
    }

private:
    void note(int code) noexcept {
        if (code_ == SQLITE_OK) code_ = code;
    }

    sqlite3_stmt* statement_;
    int code_ = SQLITE_OK;
};

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
CREATE TABLE journal(
    wallet INTEGER NOT NULL,
    id INTEGER NOT NULL,
    request BLOB,
    about INTEGER,
    packed BLOB NOT NULL,
    PRIMARY KEY(wallet, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX journal_request ON journal(wallet, request) WHERE request IS NOT NULL;
CREATE INDEX journal_about ON journal(wallet, about, id) WHERE about IS NOT NULL;
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
    text BLOB NOT NULL
);
PRAGMA application_id = 1668245094;
PRAGMA user_version = 1;
)sql";
inline constexpr std::int64_t sqlite_application = 1'668'245'094;  // the letters "coff"
inline constexpr std::int64_t sqlite_version = 1;

/// The statements of a store, as they stand in `sqlite_texts`.
enum class sqlite_does : std::uint8_t {
    begin,
    commit,
    roll_back,
    load,
    find,
    read,
    read_back,
    read_about,
    read_about_back,
    read_lot,
    read_lot_back,
    add_account,
    change_account,
    add_entry,
    add_touched,
    due,
    notices,
    add_notice,
    acknowledge,
    count,
};

#define COFFER_SQLITE_THE_WALLET "(SELECT number FROM account WHERE wallet = ?1)"

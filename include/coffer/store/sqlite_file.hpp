/// An SQLite file as `sqlite_store` opens it: the options, the tables and the statements. Include
/// `store/sqlite.hpp`.
#pragma once

#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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

/// The statements of a store; `sqlite_texts` has them in this order.
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
    change_due_account,
    forget_request,
    add_entry,
    add_touched,
    due,
    notices,
    add_notice,
    acknowledge,
    count,
};

inline constexpr std::array<const char*, static_cast<std::size_t>(sqlite_does::count)> sqlite_texts{
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "SELECT number, version, next_due, packed FROM account WHERE wallet = ?1",
    "SELECT j.id, j.packed FROM account a JOIN journal j ON j.wallet = a.number"
    " WHERE a.wallet = ?1 AND j.request = ?2",
    "SELECT j.id, j.packed FROM journal j"
    " WHERE j.wallet = (SELECT number FROM account WHERE wallet = ?1)"
    " AND j.id > ?2 AND j.id < ?3 ORDER BY j.id LIMIT ?4",
    "SELECT j.id, j.packed FROM journal j"
    " WHERE j.wallet = (SELECT number FROM account WHERE wallet = ?1)"
    " AND j.id > ?2 AND j.id < ?3 ORDER BY j.id DESC LIMIT ?4",
    "SELECT j.id, j.packed FROM journal j INDEXED BY journal_about"
    " WHERE j.wallet = (SELECT number FROM account WHERE wallet = ?1)"
    " AND j.about = ?5 AND j.id > ?2 AND j.id < ?3 ORDER BY j.id LIMIT ?4",
    "SELECT j.id, j.packed FROM journal j INDEXED BY journal_about"
    " WHERE j.wallet = (SELECT number FROM account WHERE wallet = ?1)"
    " AND j.about = ?5 AND j.id > ?2 AND j.id < ?3 ORDER BY j.id DESC LIMIT ?4",
    "SELECT j.id, j.packed FROM touched t"
    " CROSS JOIN journal j ON j.wallet = t.wallet AND j.id = t.id"
    " WHERE t.wallet = (SELECT number FROM account WHERE wallet = ?1) AND t.lot = ?6"
    " AND t.id > ?2 AND t.id < ?3 AND (?5 = 0 OR j.about = ?5) ORDER BY t.id LIMIT ?4",
    "SELECT j.id, j.packed FROM touched t"
    " CROSS JOIN journal j ON j.wallet = t.wallet AND j.id = t.id"
    " WHERE t.wallet = (SELECT number FROM account WHERE wallet = ?1) AND t.lot = ?6"
    " AND t.id > ?2 AND t.id < ?3 AND (?5 = 0 OR j.about = ?5) ORDER BY t.id DESC LIMIT ?4",
    "INSERT INTO account(wallet, version, next_due, packed) VALUES(?1, ?2, ?3, ?4)",
    "UPDATE account SET version = ?2, packed = ?4 WHERE number = ?1",
    "UPDATE account SET version = ?2, next_due = ?3, packed = ?4 WHERE number = ?1",
    "UPDATE journal SET request = NULL WHERE wallet = ?1 AND id = ?2",
    "INSERT INTO journal(wallet, id, request, about, packed) VALUES(?1, ?2, ?3, ?4, ?5)",
    "INSERT OR IGNORE INTO touched(wallet, lot, id) VALUES(?1, ?2, ?3)",
    "SELECT wallet, next_due FROM account"
    " WHERE next_due <= ?1 AND next_due < 9223372036854775807"
    " ORDER BY next_due, number LIMIT ?2",
    "SELECT id, wallet, entry, kind, text FROM notice ORDER BY id LIMIT ?1",
    "INSERT INTO notice(wallet, entry, kind, text) VALUES(?1, ?2, ?3, ?4)",
    "DELETE FROM notice WHERE id = ?1",
};

/// An open file of coffer's own, with its statements.
class sqlite_file {
public:
    /// Errors: see `sqlite_store::open`.
    result<void> open(const std::string& path, const sqlite_options& options) {
        sqlite3* opened = nullptr;
        constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
        int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
        db_.reset(opened);
        if (code != SQLITE_OK) return why(code, "cannot be opened");
        sqlite3_extended_result_codes(opened, 1);
        auto wait = std::clamp<std::int64_t>(options.busy_timeout.count(), 0, 1'000'000'000);
        sqlite3_busy_timeout(opened, static_cast<int>(wait));
        // Whoever it belongs to: looking at a file leaves it as it is.
        sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        execute("BEGIN");  // all that is looked at is of one moment
        result<bool> ours = is_ours();
        execute("COMMIT");
        if (!ours) return ours.error();
        sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
        if (result<void> set = configure(options); !set) return set;
        if (!*ours) {
            if (result<void> created = create(); !created) return created;
        }
        return prepare();
    }

    sqlite3* get() const noexcept { return db_.get(); }
    sqlite_run run(sqlite_does what) const noexcept {
        return sqlite_run{statements_[static_cast<std::size_t>(what)]};
    }
    int execute(const char* sql) const noexcept {
        return sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
    }
    bool in_transaction() const noexcept { return sqlite3_get_autocommit(db_.get()) == 0; }

private:
    static error why(int code, std::string_view what) noexcept {
        return error{sqlite_errc(code)}.about(what);
    }

    /// The only value of the only row.
    result<std::int64_t> ask(const char* sql) const noexcept {
        sqlite3_stmt* made = nullptr;
        int code = sqlite3_prepare_v2(db_.get(), sql, -1, &made, nullptr);
        sqlite_statement statement{made};
        if (code == SQLITE_OK) code = sqlite3_step(made);
        if (code != SQLITE_ROW) return why(code, "cannot be read");
        return std::int64_t{sqlite3_column_int64(made, 0)};
    }

    /// Whether this is a store, or still nothing at all.
    result<bool> is_ours() const noexcept {
        auto tables = ask("SELECT count(*) FROM sqlite_master");
        auto application = ask("PRAGMA application_id");
        auto version = ask("PRAGMA user_version");
        if (!tables) return tables.error();
        if (!application) return application.error();
        if (!version) return version.error();
        if (*application == sqlite_application) {
            if (*version > sqlite_version) {
                return error{errc::invalid_argument}.about("of a newer coffer");
            }
            if (*version == sqlite_version) return true;
            return error{errc::corrupt_record}.about("of no version");
        }
        if (*application == 0 && *version == 0 && *tables == 0) return false;
        return error{errc::invalid_argument}.about("not a file of coffer");
    }

    result<void> configure(const sqlite_options& options) const noexcept {
        bool ahead = options.journal == sqlite_journal::write_ahead;
        const char* wanted = ahead ? "wal" : "persist";
        sqlite3_stmt* made = nullptr;
        int code = sqlite3_prepare_v2(
            db_.get(), ahead ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = persist", -1,
            &made, nullptr);
        sqlite_statement statement{made};
        if (code == SQLITE_OK) code = sqlite3_step(made);
        if (code != SQLITE_ROW) return why(code, "cannot set the journal mode");
        std::string_view mode{reinterpret_cast<const char*>(sqlite3_column_text(made, 0))};
        if (mode != wanted && mode != "memory") {
            return error{errc::unavailable}.about("open in another journal mode");
        }
        statement.reset();
        code =
            execute(options.synchronous == sqlite_synchronous::full ? "PRAGMA synchronous = full"
                                                                    : "PRAGMA synchronous = off");
        if (code == SQLITE_OK) {
            code = execute("PRAGMA journal_size_limit = 4194304; PRAGMA trusted_schema = off");
        }
        if (code != SQLITE_OK) return why(code, "cannot be configured");
        return {};
    }

    /// Makes the tables, unless somebody else does in the same moment.
    result<void> create() const noexcept {
        if (int code = execute("BEGIN IMMEDIATE"); code != SQLITE_OK) {
            return why(code, "cannot be written");
        }
        result<bool> ours = is_ours();
        int code = SQLITE_OK;
        if (ours && !*ours) code = execute(sqlite_schema);
        if (code == SQLITE_OK) code = execute(ours ? "COMMIT" : "ROLLBACK");
        if (in_transaction()) execute("ROLLBACK");
        if (!ours) return ours.error();
        if (code != SQLITE_OK) return why(code, "cannot be written");
        return {};
    }

    result<void> prepare() noexcept {
        for (std::size_t i = 0; i < sqlite_texts.size(); ++i) {
            sqlite3_stmt* made = nullptr;
            int code = sqlite3_prepare_v3(db_.get(), sqlite_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                          &made, nullptr);
            statements_[i].reset(made);
            if (code == SQLITE_ERROR) return error{errc::corrupt_record}.about("misses a table");
            if (code != SQLITE_OK) return why(code, "cannot be read");
        }
        return {};
    }

    sqlite_connection db_;  // outlives the statements
    std::array<sqlite_statement, sqlite_texts.size()> statements_;
};

}  // namespace detail

}  // namespace v0
}  // namespace coffer

/// An SQLite file as `sqlite_store` opens it: the options, the tables and the statements. Include
/// `store/sqlite.hpp`.
#pragma once

#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/store/sqlite_layout.hpp>
#include <coffer/store/sqlite_run.hpp>

#include <sqlite3.h>
#include <sys/stat.h>

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
    /// Whether a file that is missing is refused rather than made: for every start but the first,
    /// so that a disk that is not there is not taken for a shop without customers.
    bool must_exist = false;
    /// How many lots of wallets that were read whole stay in memory, so that they are not read
    /// again while they are the same; one takes 250 bytes.
    std::size_t kept_lots = 200'000;
};

namespace detail {

/// The statements of a store; `sqlite_texts` has them in this order.
enum class sqlite_does : std::uint8_t {
    begin,
    commit,
    roll_back,
    set_mark,
    drop_mark,
    go_back,
    load,
    open,
    find,
    read_rows,
    read,
    read_back,
    read_about,
    read_about_back,
    read_lot,
    read_lot_back,
    add_account,
    change_account,
    change_due_account,
    add_row,
    change_row,
    drop_row,
    forget_request,
    add_entry,
    add_touched,
    due,
    wallets,
    notices,
    add_notice,
    acknowledge,
    count_notices,
    drop_notices,
    recorded,
    record,
    count,
};

inline constexpr std::array<const char*, static_cast<std::size_t>(sqlite_does::count)> sqlite_texts{
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT one_commit",
    "RELEASE one_commit",
    "ROLLBACK TO one_commit",
    "SELECT number, version, next_due, packed FROM account WHERE wallet = ?1",
    "SELECT a.number, a.version, a.next_due, a.packed, j.id, j.packed"
    " FROM account a LEFT JOIN journal j ON j.wallet = a.number AND j.request = ?2"
    " WHERE a.wallet = ?1",
    "SELECT id, packed FROM journal WHERE wallet = ?1 AND request = ?2",
    "SELECT kind, id, packed FROM account_row WHERE wallet = ?1 ORDER BY kind, id",
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
    "SELECT j.id AS id, j.packed FROM journal j INDEXED BY journal_lot"
    " WHERE j.wallet = (SELECT number FROM account WHERE wallet = ?1) AND j.lot = ?6"
    " AND j.id > ?2 AND j.id < ?3 AND (?5 = 0 OR j.about = ?5)"
    " UNION ALL SELECT t.id AS id, j.packed FROM touched t"
    " CROSS JOIN journal j ON j.wallet = t.wallet AND j.id = t.id"
    " WHERE t.wallet = (SELECT number FROM account WHERE wallet = ?1) AND t.lot = ?6"
    " AND t.id > ?2 AND t.id < ?3 AND (?5 = 0 OR j.about = ?5) ORDER BY id LIMIT ?4",
    "SELECT j.id AS id, j.packed FROM journal j INDEXED BY journal_lot"
    " WHERE j.wallet = (SELECT number FROM account WHERE wallet = ?1) AND j.lot = ?6"
    " AND j.id > ?2 AND j.id < ?3 AND (?5 = 0 OR j.about = ?5)"
    " UNION ALL SELECT t.id AS id, j.packed FROM touched t"
    " CROSS JOIN journal j ON j.wallet = t.wallet AND j.id = t.id"
    " WHERE t.wallet = (SELECT number FROM account WHERE wallet = ?1) AND t.lot = ?6"
    " AND t.id > ?2 AND t.id < ?3 AND (?5 = 0 OR j.about = ?5) ORDER BY id DESC LIMIT ?4",
    "INSERT INTO account(wallet, version, next_due, packed) VALUES(?1, ?2, ?3, ?4)",
    "UPDATE account SET version = ?2, packed = ?4 WHERE number = ?1",
    "UPDATE account SET version = ?2, next_due = ?3, packed = ?4 WHERE number = ?1",
    "INSERT INTO account_row(wallet, kind, id, packed) VALUES(?1, ?2, ?3, ?4)",
    "UPDATE account_row SET packed = ?4"
    " WHERE wallet = ?1 AND kind = ?2 AND id = ?3 AND packed = ?5",
    "DELETE FROM account_row WHERE wallet = ?1 AND kind = ?2 AND id = ?3 AND packed = ?5",
    "UPDATE journal SET request = NULL WHERE wallet = ?1 AND id = ?2",
    "INSERT INTO journal(wallet, id, request, about, packed, lot) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    "INSERT OR IGNORE INTO touched(wallet, lot, id) VALUES(?1, ?2, ?3)",
    "SELECT wallet, next_due FROM account"
    " WHERE next_due <= ?1 AND next_due < 9223372036854775807"
    " ORDER BY next_due, number LIMIT ?2",
    "SELECT wallet FROM account WHERE wallet > ?1 ORDER BY wallet LIMIT ?2",
    "SELECT id, wallet, entry, kind, text, ordinal FROM notice ORDER BY id LIMIT ?1",
    "INSERT INTO notice(wallet, entry, kind, text, ordinal) VALUES(?1, ?2, ?3, ?4, ?5)",
    "DELETE FROM notice WHERE id = ?1",
    "SELECT count(*), min(entry), max(kind = ?2) FROM notice WHERE wallet = ?1",
    "DELETE FROM notice WHERE wallet = ?1",
    "SELECT hour FROM recorded WHERE one = 1",
    "INSERT INTO recorded(one, hour) VALUES(1, ?1)"
    " ON CONFLICT(one) DO UPDATE SET hour = excluded.hour WHERE excluded.hour > recorded.hour",
};

/// Which file stands at a path.
class file_place {
public:
    /// A database in memory has no place, and holds it always.
    void remember(sqlite3* db) {
        const char* path = sqlite3_db_filename(db, "main");
        path_ = path ? path : "";
        known_ = !path_.empty() && ::stat(path_.c_str(), &file_) == 0;
        int moved = 0;  // between the two
        if (known_) sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
        if (moved != 0) file_.st_ino = 0;
    }
    bool holds() const noexcept {
        struct ::stat now {};
        if (!known_) return true;
        return ::stat(path_.c_str(), &now) == 0 && now.st_dev == file_.st_dev &&
               now.st_ino == file_.st_ino;
    }

private:
    std::string path_;
    struct ::stat file_ {};
    bool known_ = false;
};

/// An open file of coffer's own, with its statements.
class sqlite_file {
public:
    /// Errors: see `sqlite_store::open`.
    result<void> open(const std::string& path, const sqlite_options& options) {
        sqlite3* opened = nullptr;
        const int create = options.must_exist ? 0 : SQLITE_OPEN_CREATE;
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | create;
        const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
        db_.reset(opened);
        if (code != SQLITE_OK) {
            error why{sqlite_errc(code)};
            if (!options.must_exist) return why.because("the file cannot be opened");
            return why.because("the file is missing, or cannot be opened");
        }
        sqlite3_extended_result_codes(opened, 1);
        auto wait = std::clamp<std::int64_t>(options.busy_timeout.count(), 0, 1'000'000'000);
        sqlite3_busy_timeout(opened, static_cast<int>(wait));
        place_.remember(opened);
        // Whoever it belongs to: looking at a file leaves it as it is.
        sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        execute("BEGIN");  // all that is looked at is of one moment
        result<std::int64_t> layout = sqlite_layout_of(opened);
        execute("COMMIT");
        if (!layout) return layout.error();
        if (*layout == 0 && options.must_exist) {
            return error{errc::unavailable}.because("the file is empty");
        }
        sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
        if (result<void> set = configure(options); !set) return set;
        if (*layout != sqlite_layout) {
            if (result<void> made = bring_to_layout(opened); !made) return made;
        }
        return prepare();
    }

    /// Whether the file is still the one at its path: what is written into one that is not would be
    /// lost. Errors: `unavailable`.
    result<void> check_place() const noexcept {
        if (place_.holds()) return {};
        return error{errc::unavailable}.because(
            "the file was replaced or removed while it was open");
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
    result<void> configure(const sqlite_options& options) const noexcept {
        bool ahead = options.journal == sqlite_journal::write_ahead;
        const char* wanted = ahead ? "wal" : "persist";
        sqlite3_stmt* made = nullptr;
        int code = sqlite3_prepare_v2(
            db_.get(), ahead ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = persist", -1,
            &made, nullptr);
        sqlite_statement statement{made};
        if (code == SQLITE_OK) code = sqlite3_step(made);
        if (code != SQLITE_ROW)
            return error{sqlite_errc(code)}.because("the file cannot be set up");
        std::string_view mode{reinterpret_cast<const char*>(sqlite3_column_text(made, 0))};
        if (mode != wanted && mode != "memory") {
            return error{errc::unavailable}.because(
                "the file is open elsewhere in another journal mode");
        }
        statement.reset();
        code =
            execute(options.synchronous == sqlite_synchronous::full ? "PRAGMA synchronous = full"
                                                                    : "PRAGMA synchronous = off");
        if (code == SQLITE_OK) {
            code = execute("PRAGMA journal_size_limit = 4194304; PRAGMA trusted_schema = off");
        }
        if (code != SQLITE_OK) return error{sqlite_errc(code)}.because("the file cannot be set up");
        return {};
    }

    result<void> prepare() noexcept {
        for (std::size_t i = 0; i < sqlite_texts.size(); ++i) {
            sqlite3_stmt* made = nullptr;
            int code = sqlite3_prepare_v3(db_.get(), sqlite_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                          &made, nullptr);
            statements_[i].reset(made);
            if (code == SQLITE_ERROR) {
                return error{errc::corrupt_record}.because("the file misses a table");
            }
            if (code != SQLITE_OK)
                return error{sqlite_errc(code)}.because("the file cannot be read");
        }
        return {};
    }

    sqlite_connection db_;  // outlives the statements
    file_place place_;
    std::array<sqlite_statement, sqlite_texts.size()> statements_;
};

}  // namespace detail

}  // namespace v0
}  // namespace coffer

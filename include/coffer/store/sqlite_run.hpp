/// Statements of SQLite, run one at a time. Include `store/sqlite.hpp`.
#pragma once

#include <coffer/base/error.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace coffer {
inline namespace v0 {
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
        if (!statement_) return;  // it could not be prepared
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

}  // namespace detail
}  // namespace v0
}  // namespace coffer

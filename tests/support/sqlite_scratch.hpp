/// SQLite stores for tests, each in a file of its own, and a hand that reaches into such a file.
#pragma once

#include "support/catch.hpp"
#include "support/scratch_store.hpp"

#include <sqlite3.h>

#include <string>

namespace coffer_test {

/// SQLite without coffer: what a careless hand, or another application, does to a file.
class other_hand {
public:
    explicit other_hand(const std::string& path) {
        REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    }
    other_hand(const other_hand&) = delete;
    other_hand& operator=(const other_hand&) = delete;
    ~other_hand() { sqlite3_close(db_); }

    void run(const std::string& sql) {
        INFO(sql);
        REQUIRE(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    /// The only value of the only row, as text.
    std::string ask(const std::string& sql) {
        INFO(sql);
        sqlite3_stmt* asked = nullptr;
        REQUIRE(sqlite3_prepare_v2(db_, sql.c_str(), -1, &asked, nullptr) == SQLITE_OK);
        REQUIRE(sqlite3_step(asked) == SQLITE_ROW);
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(asked, 0));
        std::string answer = text ? text : "null";
        sqlite3_finalize(asked);
        return answer;
    }

    /// How SQLite goes about a query, line by line.
    std::string plan_of(const std::string& sql) {
        sqlite3_stmt* asked = nullptr;
        const std::string explain = "EXPLAIN QUERY PLAN " + sql;
        REQUIRE(sqlite3_prepare_v2(db_, explain.c_str(), -1, &asked, nullptr) == SQLITE_OK);
        std::string plan;
        while (sqlite3_step(asked) == SQLITE_ROW) {
            plan += reinterpret_cast<const char*>(sqlite3_column_text(asked, 3));
            plan += '\n';
        }
        sqlite3_finalize(asked);
        return plan;
    }

private:
    sqlite3* db_ = nullptr;
};

}  // namespace coffer_test

/// SQLite files for tests: each in a place of its own, gone with the object.
#pragma once

#include <coffer/store/sqlite.hpp>

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

namespace coffer_test {

/// The name of a file that nobody else uses.
class scratch_file {
public:
    scratch_file() : path_{next_path()} {}
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    ~scratch_file() {
        for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
            std::error_code ignored;
            std::filesystem::remove(path_ + suffix, ignored);
        }
    }
    const std::string& path() const noexcept { return path_; }

private:
    static std::string next_path() {
        static std::atomic<int> count{0};
        const std::string name =
            "coffer-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".db";
        return (std::filesystem::temp_directory_path() / name).string();
    }

    std::string path_;
};

/// Does not wait for the disk: what these tests ask does not depend on it.
inline constexpr coffer::sqlite_options hasty{.synchronous = coffer::sqlite_synchronous::off};

/// A store in a file of its own.
class scratch_store {
public:
    explicit scratch_store(coffer::sqlite_options with = hasty) : options_{with} { reopen(); }

    void reopen() {
        store_.reset();
        store_.emplace(coffer::sqlite_store::open(file_.path(), options_).or_throw());
    }
    const std::string& path() const noexcept { return file_.path(); }
    coffer::sqlite_store& operator*() noexcept { return *store_; }
    coffer::sqlite_store* operator->() noexcept { return &*store_; }

private:
    scratch_file file_;
    coffer::sqlite_options options_;
    std::optional<coffer::sqlite_store> store_;
};

}  // namespace coffer_test

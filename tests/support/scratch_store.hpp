/// SQLite stores for tests, each in a file of its own. Needs no test framework.
#pragma once

#include "support/scratch_file.hpp"

#include <coffer/store/sqlite.hpp>

#include <optional>
#include <string>

namespace coffer_test {

/// Does not wait for the disk: what these tests ask does not depend on it.
inline constexpr coffer::sqlite_options hasty{.synchronous = coffer::sqlite_synchronous::off};

/// A store in a file that is gone with it.
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

/// The transactions in which a store's commits are made: one for each, or one for all of a group.
/// Include `store/sqlite.hpp`.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/store/page.hpp>
#include <coffer/store/sqlite_file.hpp>

#include <sqlite3.h>

#include <optional>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a commit came to that SQLite refused before its end.
inline commit_outcome nothing_written(int code) noexcept {
    return (code & 0xff) == SQLITE_FULL ? commit_outcome::full : commit_outcome::unavailable;
}

/// The transaction of a file that commits are made in.
///
/// SQLite ends a transaction by itself when the disk fails in it. A group of which that became is
/// over before its end, and takes no more commits.
class sqlite_transaction {
public:
    explicit sqlite_transaction(const sqlite_file& file) noexcept : file_{file} {}

    bool in_group() const noexcept { return grouped_; }
    /// Whether a group is open of which nothing will be written.
    bool is_lost() const noexcept { return grouped_ && !file_.in_transaction(); }

    /// Ends what a call left over that was interrupted.
    void clean_up() noexcept {
        if (!grouped_ && file_.in_transaction()) roll_back();
    }

    int begin_group() noexcept {
        const int code = run(sqlite_does::begin);
        grouped_ = code == SQLITE_DONE;
        first_.reset();
        lost_by_ = commit_outcome::unavailable;
        return code;
    }
    commit_outcome end_group() noexcept {
        const bool lost = is_lost();
        grouped_ = false;
        if (lost) return lost_by_;
        if (!file_.check_place()) {
            roll_back();
            return commit_outcome::unavailable;
        }
        return write(first_ ? &*first_ : nullptr);
    }
    void drop_group() noexcept {
        if (!is_lost()) roll_back();
        grouped_ = false;
    }

    /// Begins a commit.
    int begin() noexcept {
        if (is_lost()) return SQLITE_ABORT;
        return run(grouped_ ? sqlite_does::set_mark : sqlite_does::begin);
    }
    /// Ends a commit that did not succeed, and leaves nothing of it.
    void undo(commit_outcome why) noexcept {
        if (!grouped_) {
            roll_back();
            return;
        }
        const bool back = !is_lost() && run(sqlite_does::go_back) == SQLITE_DONE &&
                          run(sqlite_does::drop_mark) == SQLITE_DONE;
        if (!back) lose(why);
    }
    /// Ends a commit, of a wallet that has had that entry as its newest. Of a group, it joins the
    /// transaction.
    commit_outcome finish(const wallet_id& wallet, entry_id newest) noexcept {
        const version before{wallet, newest};
        if (!grouped_) return write(&before);
        if (run(sqlite_does::drop_mark) != SQLITE_DONE) {
            lose(commit_outcome::unavailable);
            return commit_outcome::unavailable;
        }
        if (!first_) first_ = before;
        return commit_outcome::committed;
    }

private:
    /// A wallet and its newest entry.
    struct version {
        wallet_id wallet{};
        entry_id newest{};
    };

    int run(sqlite_does what) const noexcept { return file_.run(what).step(); }
    void roll_back() noexcept {
        if (file_.in_transaction()) run(sqlite_does::roll_back);
    }
    void lose(commit_outcome why) noexcept {
        roll_back();
        lost_by_ = why == commit_outcome::full ? why : commit_outcome::unavailable;
    }

    /// The commit itself: what fails here may have happened all the same.
    commit_outcome write(const version* before) noexcept {
        const int code = run(sqlite_does::commit);
        if (code == SQLITE_DONE) return commit_outcome::committed;
        roll_back();
        switch (code & 0xff) {
            case SQLITE_BUSY: return commit_outcome::unavailable;
            case SQLITE_FULL:
                return !before || still_holds(*before) ? commit_outcome::full
                                                       : commit_outcome::unknown;
            default: return commit_outcome::unknown;
        }
    }
    /// Whether the file is known to be as it was before the commit.
    bool still_holds(const version& before) const noexcept {
        auto stored = file_.run(sqlite_does::load);
        const int code = stored.blob(1, before.wallet.text()).step();
        if (code == SQLITE_DONE) return !before.newest;
        return code == SQLITE_ROW && stored.number_at(1) == before.newest.value();
    }

    const sqlite_file& file_;
    bool grouped_ = false;
    commit_outcome lost_by_ = commit_outcome::unavailable;
    std::optional<version> first_{};  ///< Of the group: what its first commit was made on.
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

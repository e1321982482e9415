/// A store that fails as it is told. Include it where a test asks what a wallet does when its
/// storage lets it down.
///
///     store.fail_commits({fault::conflict, fault::written_but_unknown});
///
/// makes the next commit conflict, the one after it end unknown although it was written; later ones
/// go through.
#pragma once

#include "support/whole_page_store.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <optional>
#include <utility>

namespace coffer_test {

/// What happens to one commit.
enum class fault : std::uint8_t {
    none,
    conflict,
    unavailable,
    full,
    duplicate,            ///< Claims to know the request, and does not.
    written_but_unknown,  ///< Commits, and answers that it does not know.
    lost_and_unknown,     ///< Writes nothing, and answers that it does not know.
};

/// A memory store with a script of faults.
class faulty_store : public whole_page_store {
public:
    void fail_commits(std::initializer_list<fault> script) {
        script_.assign(script.begin(), script.end());
    }
    void fail_all_commits(fault with) { always_ = with; }
    /// Each page answers this error until it is healed.
    void fail_opens(coffer::errc with) { open_error_ = with; }
    void heal() {
        script_.clear();
        always_ = fault::none;
        open_error_.reset();
        before_commit = nullptr;
    }

    /// Called before each commit, for instance to let another writer come first.
    std::function<void()> before_commit;

    std::size_t commits_asked = 0;
    std::size_t commits_written = 0;
    std::size_t opens_asked = 0;

    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        ++opens_asked;
        if (open_error_) return *open_error_;
        return whole_page_store::open(wanted, into);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        ++commits_asked;
        if (before_commit) std::exchange(before_commit, nullptr)();
        switch (next()) {
            case fault::conflict: return coffer::commit_outcome::conflict;
            case fault::unavailable: return coffer::commit_outcome::unavailable;
            case fault::full: return coffer::commit_outcome::full;
            case fault::duplicate: return coffer::commit_outcome::duplicate;
            case fault::lost_and_unknown: return coffer::commit_outcome::unknown;
            case fault::written_but_unknown: {
                coffer::commit_outcome real = write(batch);
                return real == coffer::commit_outcome::committed ? coffer::commit_outcome::unknown
                                                                 : real;
            }
            case fault::none: break;
        }
        return write(batch);
    }

private:
    fault next() {
        if (script_.empty()) return always_;
        fault f = script_.front();
        script_.pop_front();
        return f;
    }
    coffer::commit_outcome write(const coffer::commit_batch& batch) {
        coffer::commit_outcome outcome = whole_page_store::commit(batch);
        if (outcome == coffer::commit_outcome::committed) ++commits_written;
        return outcome;
    }

    std::deque<fault> script_;
    fault always_ = fault::none;
    std::optional<coffer::errc> open_error_;
};

static_assert(coffer::store<faulty_store>);

}  // namespace coffer_test

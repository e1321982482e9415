/// A store around a store that counts its calls. Include it where a test says what an operation
/// may ask of a store.
#pragma once

#include <coffer/store/store.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <utility>
#include <vector>

namespace coffer_test {

/// How often a store was called.
struct store_calls {
    std::size_t opens = 0;
    std::size_t commits = 0;
    std::size_t others = 0;

    friend bool operator==(const store_calls&, const store_calls&) = default;
    friend std::ostream& operator<<(std::ostream& to, const store_calls& c) {
        return to << c.opens << " opens, " << c.commits << " commits, " << c.others << " others";
    }
};

template <class Inner>
class counting_store {
public:
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        ++calls_.opens;
        return inner_.open(wanted, into);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        ++calls_.commits;
        if (before_commit) std::exchange(before_commit, nullptr)();
        return inner_.commit(batch);
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        ++calls_.others;
        return inner_.entries(wallet, query);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        ++calls_.others;
        return inner_.due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        ++calls_.others;
        return inner_.notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) {
        ++calls_.others;
        return inner_.acknowledge(id);
    }

    /// The calls since this was asked last.
    store_calls counted() noexcept { return std::exchange(calls_, {}); }

    /// Called before the next commit, for instance to let another writer come first.
    std::function<void()> before_commit;

private:
    Inner inner_;
    store_calls calls_;
};

}  // namespace coffer_test

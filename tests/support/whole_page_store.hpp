/// A store that gives every page whole and forgets where wallets are: the other way through a
/// wallet than the memory store's. Include it where a test has to hold on both.
#pragma once

#include <coffer/store/memory.hpp>
#include <coffer/store/store.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coffer_test {

/// A memory store as one across a wire would be: no places, no heads alone. Stores that answer
/// otherwise derive from it and hide what they do in another way.
class whole_page_store {
public:
    coffer::memory_store& inner() noexcept { return inner_; }

    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        coffer::page_request all = wanted;
        all.place = {};
        all.whole = true;
        auto opened = inner_.open(all, into);
        into.place = {};
        return opened;
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        return inner_.entries(wallet, query);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        return inner_.commit(batch);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        return inner_.due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        return inner_.notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) { return inner_.acknowledge(id); }

private:
    coffer::memory_store inner_;
};

static_assert(coffer::store<whole_page_store> && coffer::store<coffer::memory_store>);

}  // namespace coffer_test

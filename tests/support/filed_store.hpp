/// A store in an SQLite file, made without being told where. Include it where a test is to hold for
/// files, too.
#pragma once

#include "support/scratch_store.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace coffer_test {

/// An SQLite file that is opened again now and then.
class filed_store {
public:
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        if (++calls_ % 50 == 0) scratch_.reopen();
        return scratch_->open(wanted, into);
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        return scratch_->entries(wallet, query);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        return scratch_->commit(batch);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        return scratch_->due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        return scratch_->notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) { return scratch_->acknowledge(id); }

private:
    scratch_store scratch_;
    int calls_ = 0;
};

}  // namespace coffer_test

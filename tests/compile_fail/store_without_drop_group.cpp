// expect: coffer: this store has a part of groups
#include <coffer/store/store.hpp>

struct my_store {
    coffer::result<void> open(const coffer::page_request&, coffer::page&) { return {}; }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id&,
                                                 const coffer::journal_query&) {
        return coffer::journal_page{};
    }
    coffer::commit_outcome commit(const coffer::commit_batch&) {
        return coffer::commit_outcome::full;
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant, std::size_t) {
        return std::vector<coffer::due_wallet>{};
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t) {
        return std::vector<coffer::notice>{};
    }
    coffer::result<void> acknowledge(std::uint64_t) { return {}; }
    coffer::result<void> begin_group() { return {}; }
    coffer::commit_outcome end_group() { return coffer::commit_outcome::committed; }
#ifdef COFFER_FIXED
    void drop_group() {}
#endif
};
static_assert(coffer::check_store<my_store>());

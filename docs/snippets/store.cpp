// The program of the page on stores: a wrapper that is a store itself.

#include <coffer/coffer.hpp>
#include <coffer/testing/store_conformance.hpp>

#include <fmt/core.h>

#include <cstdlib>
#include <string>
#include <vector>

using namespace coffer::literals;

// [counting_store]
/// Counts what passes through to another store.
template <class Store>
class counting_store {
public:
    explicit counting_store(Store& inner) : inner_{inner} {}

    coffer::result<coffer::account> load(const coffer::wallet_id& wallet) {
        ++loads;
        return inner_.load(wallet);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        ++commits;
        entries_written += batch.entries.size();
        return inner_.commit(batch);
    }
    coffer::result<coffer::journal_page> find(const coffer::wallet_id& wallet,
                                              const coffer::request_id& request) {
        return inner_.find(wallet, request);
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        return inner_.entries(wallet, query);
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        return inner_.due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        return inner_.notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) { return inner_.acknowledge(id); }

    std::size_t loads = 0;
    std::size_t commits = 0;
    std::size_t entries_written = 0;

private:
    Store& inner_;
};
static_assert(coffer::check_store<counting_store<coffer::memory_store>>());
// [/counting_store]

// [conformance]
/// A new, empty store each time; whatever `*` gives is what is asked.
struct counted_memory {
    coffer::memory_store memory{};
    counting_store<coffer::memory_store> store{memory};

    auto& operator*() { return store; }
};

bool keeps_its_contract() {
    const auto report = coffer::testing::check_store_conformance([] { return counted_memory{}; });
    fmt::print("{}", report.to_text());
    return report.passed();
}
// [/conformance]

int main() {
    coffer::memory_store memory;
    counting_store store{memory};
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    bool good = acme.charge({.amount = 4_cr, .request = "r"}).or_throw().cost == 4_cr;
    good = good && acme.charge({.amount = 4_cr, .request = "r"}).or_throw().repeated;
    good = good && store.commits == 2 && store.entries_written == 2 && store.loads == 3;
    good = good && keeps_its_contract();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

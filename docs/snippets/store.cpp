// The program of the page on stores: a wrapper that is a store itself.

#include <coffer/coffer.hpp>
#include <coffer/testing/store_conformance.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;

// [map_store]
/// Keeps everything in memory, and looks at all of it for each answer.
class map_store {
public:
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        std::lock_guard lock{lock_};
        record& r = of(wanted.wallet);
        into.state = r.now;
        into.texts = r.texts;
        tell(r, known(r, wanted.request.made_by(), wanted.request.text()), into.known);
        const coffer::entry* other = nullptr;
        if (wanted.told) other = known(r, wanted.told->made_by(), wanted.told->text());
        const std::size_t number = wanted.told_entry.value();
        if (number > 0 && number <= r.journal.size()) other = &r.journal[number - 1];
        tell(r, other, into.told);
        return {};
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        std::lock_guard lock{lock_};
        record& r = of(batch.wallet);
        if (r.now.last != batch.expected) return coffer::commit_outcome::conflict;
        for (const coffer::entry& e : batch.entries) {
            const coffer::entry* other = known(r, e.requested_by, e.request);
            if (other && other->id != batch.reopened) return coffer::commit_outcome::duplicate;
        }
        for (coffer::entry e : batch.entries) {
            for (std::string_view* text :
                 {&e.request, &e.usage.action, &e.usage.tags, &e.member, &e.resource, &e.zone,
                  &e.plan, &e.alerts.raised, &e.limits, &e.prices, &e.purchase, &e.settings}) {
                *text = r.texts->emplace_back(*text);  // the caller's memory ends with this call
            }
            e.signature = coffer::signature{r.texts->emplace_back(e.signature.bytes())};
            r.journal.push_back(e);
        }
        for (coffer::notice n : batch.notices) {
            n.id = ++last_notice_;
            outbox_.push_back(n);
        }
        r.now = batch.after;
        return coffer::commit_outcome::committed;
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        std::lock_guard lock{lock_};
        record& r = of(wallet);
        coffer::journal_page page{.texts = r.texts};
        auto take = [&](const coffer::entry& e) {
            if (e.id <= query.after || (query.before && e.id >= query.before)) return;
            if (query.about && e.about != query.about) return;
            if (query.lot && !coffer::concerns(e, query.lot)) return;
            page.more = page.entries.size() == query.limit;
            if (!page.more) page.entries.push_back(e);
        };
        const std::size_t all = r.journal.size();
        for (std::size_t i = 0; i < all && !page.more; ++i) {
            take(r.journal[query.newest_first ? all - 1 - i : i]);
        }
        return page;
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        std::lock_guard lock{lock_};
        std::vector<coffer::due_wallet> all;
        for (const auto& [wallet, r] : wallets_) {
            const coffer::instant next = r.now.next_due;
            if (next <= until && next != coffer::never) all.push_back({wallet, next});
        }
        std::sort(all.begin(), all.end(),
                  [](const auto& a, const auto& b) { return a.due < b.due; });
        if (all.size() > limit) all.resize(limit);
        return all;
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        std::lock_guard lock{lock_};
        const auto count = static_cast<std::ptrdiff_t>(std::min(limit, outbox_.size()));
        return std::vector<coffer::notice>(outbox_.begin(), outbox_.begin() + count);
    }
    coffer::result<void> acknowledge(std::uint64_t id) {
        std::lock_guard lock{lock_};
        std::erase_if(outbox_, [&](const coffer::notice& n) { return n.id == id; });
        return {};
    }

private:
    struct record {
        coffer::account now{};
        std::vector<coffer::entry> journal{};
        // A deque never moves its texts. Pages share it, as they may outlive the store.
        std::shared_ptr<std::deque<std::string>> texts =
            std::make_shared<std::deque<std::string>>();
    };
    record& of(const coffer::wallet_id& wallet) { return wallets_[std::string{wallet.text()}]; }
    /// The newest entry under the id.
    static const coffer::entry* known(const record& r, coffer::request_id::scope made_by,
                                      std::string_view request) {
        if (request.empty()) return nullptr;
        for (auto e = r.journal.rbegin(); e != r.journal.rend(); ++e) {
            if (e->requested_by == made_by && e->request == request) return &*e;
        }
        return nullptr;
    }
    /// An entry, those that speak of it, and those that speak of these.
    static void tell(const record& r, const coffer::entry* first,
                     std::vector<coffer::entry>& into) {
        if (first) into.push_back(*first);
        for (std::size_t i = 0; i < into.size(); ++i) {
            const coffer::entry_id about = into[i].id;
            for (const coffer::entry& e : r.journal) {
                if (e.about == about) into.push_back(e);
            }
        }
    }

    std::mutex lock_;
    std::map<std::string, record> wallets_;
    std::deque<coffer::notice> outbox_;
    std::uint64_t last_notice_ = 0;
};
static_assert(coffer::check_store<map_store>());
// [/map_store]

// [counting_store]
/// Counts what passes through to another store.
template <class Store>
class counting_store {
public:
    explicit counting_store(Store& inner) : inner_{inner} {}

    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        ++pages;
        return inner_.open(wanted, into);
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        ++commits;
        entries_written += batch.entries.size();
        return inner_.commit(batch);
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

    std::size_t pages = 0;
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
    good = good && store.commits == 2 && store.entries_written == 2 && store.pages == 3;
    good = good && keeps_its_contract();
    good = good && coffer::testing::check_store_conformance([] {
                       return std::make_unique<map_store>();
                   }).passed();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

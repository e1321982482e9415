// The conformance suite passes the stores in memory, and fails each wrong store in the check that
// says what is wrong.
#include "support/catch.hpp"
#include "support/whole_page_store.hpp"

#include <coffer/testing/store_checks.hpp>
#include <coffer/testing/store_conformance.hpp>
#include <coffer/testing/store_races.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using coffer::account;
using coffer::commit_batch;
using coffer::commit_outcome;
using coffer::entry;
using coffer::instant;
using coffer::journal_page;
using coffer::journal_query;
using coffer::notice;
using coffer::page;
using coffer::page_request;
using coffer::request_id;
using coffer::result;
using coffer::wallet_id;
using coffer::testing::check_store_conformance;

namespace {

/// A store that does everything as the memory store does; a wrong one does one thing otherwise.
class right_store : public coffer_test::whole_page_store {
    using base = coffer_test::whole_page_store;

public:
    right_store() = default;
    right_store(const right_store&) = delete;
    right_store& operator=(const right_store&) = delete;
    virtual ~right_store() = default;

    virtual result<void> open(const page_request& wanted, page& into) {
        return base::open(wanted, into);
    }
    virtual result<journal_page> entries(const wallet_id& wallet, const journal_query& query) {
        return base::entries(wallet, query);
    }
    virtual commit_outcome commit(const commit_batch& batch) { return base::commit(batch); }
    virtual result<std::vector<coffer::due_wallet>> due(instant until, std::size_t limit) {
        return base::due(until, limit);
    }
    virtual result<std::vector<notice>> notices(std::size_t limit) { return base::notices(limit); }
    virtual result<void> acknowledge(std::uint64_t id) { return base::acknowledge(id); }
};

/// Accepts a commit on whatever the wallet is by now.
struct forgets_the_version : right_store {
    commit_outcome commit(const commit_batch& batch) override {
        std::lock_guard lock{lock_};
        return right_store::commit({.wallet = batch.wallet,
                                    .expected = coffer::load(*this, batch.wallet)->last,
                                    .after = batch.after,
                                    .entries = batch.entries,
                                    .notices = batch.notices,
                                    .reopened = batch.reopened});
    }
    std::mutex lock_;
};

/// Answers that the request is known, and keeps the account all the same.
struct keeps_the_account_of_a_duplicate : right_store {
    commit_outcome commit(const commit_batch& batch) override {
        const commit_outcome outcome = right_store::commit(batch);
        if (outcome == commit_outcome::duplicate) {
            account changed = *coffer::load(*this, batch.wallet);
            changed.totals = batch.after.totals;
            right_store::commit({.wallet = batch.wallet,
                                 .expected = batch.expected,
                                 .after = changed,
                                 .entries = {}});
        }
        return outcome;
    }
};

/// Publishes the notices before it knows whether the commit happens.
struct publishes_too_early : right_store {
    commit_outcome commit(const commit_batch& batch) override {
        const commit_outcome outcome = right_store::commit(batch);
        if (outcome == commit_outcome::conflict && !batch.notices.empty()) {
            const account now = *coffer::load(*this, batch.wallet);
            right_store::commit({.wallet = batch.wallet,
                                 .expected = now.last,
                                 .after = now,
                                 .entries = {},
                                 .notices = batch.notices,
                                 .reopened = batch.reopened});
        }
        return outcome;
    }
};

/// Does not look whether a request is known.
struct forgets_requests : right_store {
    commit_outcome commit(const commit_batch& batch) override {
        std::vector<entry> entries(batch.entries.begin(), batch.entries.end());
        for (entry& e : entries) {
            const auto id = request_id::stored(e.requested_by, e.request);
            if (!coffer::find(*this, batch.wallet, id)->entries.empty()) e.request = {};
        }
        return right_store::commit({.wallet = batch.wallet,
                                    .expected = batch.expected,
                                    .after = batch.after,
                                    .entries = entries,
                                    .notices = batch.notices,
                                    .reopened = batch.reopened});
    }
};

/// Takes the ids that a settle makes for those of a caller.
struct mixes_scopes : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        using scope = request_id::scope;
        for (scope by : {scope::caller, scope::settle, scope::release}) {
            const request_id request = request_id::stored(by, wanted.request.text());
            auto opened = right_store::open({.wallet = wanted.wallet, .request = request}, into);
            if (!opened || !into.known.empty()) return opened;
        }
        return {};
    }
};

/// Keeps texts as C strings are kept.
struct cuts_texts_at_zero : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) override {
        auto page = right_store::entries(wallet, query);
        for (entry& e : page->entries) e.member = e.member.substr(0, e.member.find('\0'));
        return page;
    }
};

/// Lists a wallet only after its instant.
struct lists_due_wallets_late : right_store {
    result<std::vector<coffer::due_wallet>> due(instant until, std::size_t limit) override {
        if (until == coffer::never) return right_store::due(until, limit);
        return right_store::due(until - std::chrono::microseconds{1}, limit);
    }
};

/// Lists the latest first.
struct lists_due_wallets_backwards : right_store {
    result<std::vector<coffer::due_wallet>> due(instant until, std::size_t limit) override {
        auto all = right_store::due(until, ~std::size_t{0});
        std::reverse(all->begin(), all->end());
        if (all->size() > limit) all->resize(limit);
        return all;
    }
};

/// Each of these leaves a part of the query out.
struct drops_the_lot : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& asked) override {
        journal_query query = asked;
        query.lot = {};
        return right_store::entries(wallet, query);
    }
};
struct drops_the_about : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& asked) override {
        journal_query query = asked;
        query.about = {};
        return right_store::entries(wallet, query);
    }
};
struct drops_the_order : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& asked) override {
        journal_query query = asked;
        query.newest_first = false;
        return right_store::entries(wallet, query);
    }
};
struct takes_after_for_from : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& asked) override {
        journal_query query = asked;
        if (query.after) query.after = coffer::entry_id{query.after.value() - 1};
        return right_store::entries(wallet, query);
    }
};
struct never_has_more : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) override {
        auto page = right_store::entries(wallet, query);
        page->more = false;
        return page;
    }
};
/// Cuts at the limit before it looks at the conditions.
struct limits_too_early : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& asked) override {
        journal_query query = asked;
        const coffer::lot_id lot = query.lot;
        query.lot = {};
        auto page = right_store::entries(wallet, query);
        std::erase_if(page->entries,
                      [&](const entry& e) { return lot && !coffer::concerns(e, lot); });
        return page;
    }
};

/// Gives the id of a dropped notice to the next one.
struct gives_ids_twice : right_store {
    result<std::vector<notice>> notices(std::size_t limit) override {
        auto all = right_store::notices(limit);
        std::uint64_t id = 0;
        for (notice& n : *all) {
            real_[++id] = n.id;
            n.id = id;
        }
        return all;
    }
    result<void> acknowledge(std::uint64_t id) override {
        return right_store::acknowledge(real_.count(id) != 0 ? real_[id] : 0);
    }
    std::map<std::uint64_t, std::uint64_t> real_;
};

/// Journals the entries one by one.
struct commits_in_two_steps : right_store {
    commit_outcome commit(const commit_batch& batch) override {
        if (batch.entries.size() != 2) return right_store::commit(batch);
        account half = batch.after;
        half.last = batch.entries[0].id;
        const commit_outcome first = right_store::commit({.wallet = batch.wallet,
                                                          .expected = batch.expected,
                                                          .after = half,
                                                          .entries = batch.entries.first(1)});
        if (first != commit_outcome::committed) return first;
        std::this_thread::sleep_for(std::chrono::microseconds{200});  // long enough to be seen
        return right_store::commit({.wallet = batch.wallet,
                                    .expected = half.last,
                                    .after = batch.after,
                                    .entries = batch.entries.subspan(1),
                                    .notices = batch.notices,
                                    .reopened = batch.reopened});
    }
};

/// Leaves an entry's rarer fields out.
struct forgets_a_field : right_store {
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) override {
        auto page = right_store::entries(wallet, query);
        for (entry& e : page->entries) e.contested = {};
        return page;
    }
};

/// Gives the account of one commit before.
struct loads_an_old_account : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        auto opened = right_store::open(wanted, into);
        if (into.state.last.value() > 2'000) into.state.totals.available = {};
        return opened;
    }
};

/// Answers with the caller's own text, for entries that change nothing.
struct keeps_no_copy_of_texts : right_store {
    commit_outcome commit(const commit_batch& batch) override {
        const commit_outcome outcome = right_store::commit(batch);
        std::lock_guard lock{lock_};
        for (const entry& e : batch.entries) {
            if (outcome != commit_outcome::committed || e.kind != coffer::entry_kind::noted)
                continue;
            kept_[{std::string{batch.wallet.text()}, e.id}] = e.member;
        }
        return outcome;
    }
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) override {
        auto page = right_store::entries(wallet, query);
        std::lock_guard lock{lock_};
        for (entry& e : page->entries) {
            auto known = kept_.find({std::string{wallet.text()}, e.id});
            if (known != kept_.end()) e.member = known->second;
        }
        return page;
    }
    std::mutex lock_;
    std::map<std::pair<std::string, coffer::entry_id>, std::string_view> kept_;
};

/// Each of these leaves out a part of what a page tells.
struct tells_no_known_chain : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        auto opened = right_store::open(wanted, into);
        if (into.known.size() > 1) into.known.resize(1);
        return opened;
    }
};
/// What speaks of an entry, but not what speaks of that.
void cut_chain(std::vector<entry>& chain) {
    std::erase_if(chain, [first = chain.empty() ? coffer::entry_id{} : chain[0].id](
                             const entry& e) { return e.id != first && e.about != first; });
}
struct cuts_the_known_chain : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        auto opened = right_store::open(wanted, into);
        cut_chain(into.known);
        return opened;
    }
};
struct cuts_the_told_chain : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        auto opened = right_store::open(wanted, into);
        cut_chain(into.told);
        return opened;
    }
};
struct tells_no_other_request : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        auto opened = right_store::open(wanted, into);
        if (wanted.told) into.told.clear();
        return opened;
    }
};
struct tells_no_other_entry : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        auto opened = right_store::open(wanted, into);
        if (wanted.told_entry) into.told.clear();
        return opened;
    }
};
/// Tells of the other request only where the operation's own is new.
struct tells_one_or_the_other : right_store {
    result<void> open(const page_request& wanted, page& into) override {
        auto opened = right_store::open(wanted, into);
        if (!into.known.empty()) into.told.clear();
        return opened;
    }
};

template <class Store>
auto checked() {
    return check_store_conformance(
        []() -> std::unique_ptr<right_store> { return std::make_unique<Store>(); });
}

/// Fails in that check, which says what it expected and what it found.
template <class Store>
void fails_in(std::string_view name) {
    const auto report = checked<Store>();
    INFO(report.to_text());
    CHECK_FALSE(report.passed());
    const auto* check = report.find(name);
    REQUIRE(check);
    CHECK_FALSE(check->passed);
    CHECK_FALSE(check->expected.empty());
    CHECK_FALSE(check->found.empty());
    CHECK(report.to_text().find(name) != std::string::npos);
}

}  // namespace

TEMPLATE_TEST_CASE("a store in memory keeps the contract of stores", "", coffer::memory_store,
                   coffer_test::whole_page_store) {
    const auto report = check_store_conformance([] { return TestType{}; });
    INFO(report.to_text());
    CHECK(report.passed());
    CHECK(report.checks.size() >= 37);
    CHECK(checked<right_store>().passed());
}

TEST_CASE("the suite makes the same checks each time, under names of their own") {
    const auto once = checked<right_store>();
    const auto again = checked<forgets_the_version>();
    std::set<std::string> names;
    REQUIRE(once.checks.size() == again.checks.size());
    for (std::size_t i = 0; i < once.checks.size(); ++i) {
        CHECK(once.checks[i].name == again.checks[i].name);
        CHECK(names.insert(once.checks[i].name).second);
    }
    CHECK_FALSE(coffer::testing::conformance_report{}.passed());
}

TEST_CASE("a store that forgets the version is found out") {
    fails_in<forgets_the_version>("commit: another newest entry is a conflict");
    fails_in<forgets_the_version>("commit: a conflict leaves nothing");
    fails_in<forgets_the_version>("race: of commits on one version, exactly one wins");
}
TEST_CASE("a store that keeps the account of a duplicate is found out") {
    fails_in<keeps_the_account_of_a_duplicate>("commit: a duplicate leaves nothing");
}
TEST_CASE("a store that publishes the notices of a conflict is found out") {
    fails_in<publishes_too_early>("commit: a conflict leaves nothing");
}
TEST_CASE("a store that forgets requests is found out") {
    fails_in<forgets_requests>("commit: a known request is a duplicate");
    fails_in<forgets_requests>("find: a request stays known, however long the journal");
}
TEST_CASE("a store that mixes the makers of requests is found out") {
    fails_in<mixes_scopes>("find: what a caller, a settle and a release ask for is told apart");
}
TEST_CASE("a store that loses text or fields is found out") {
    fails_in<cuts_texts_at_zero>("entries: each field comes back as it was committed");
    fails_in<forgets_a_field>("entries: each field comes back as it was committed");
    fails_in<loads_an_old_account>("load: an account with many lots comes back");
}
TEST_CASE("a store that keeps no copy of texts is found out") {
    fails_in<keeps_no_copy_of_texts>("commit: the texts of the entries are copied");
}
TEST_CASE("a store that lists due wallets late or in the wrong order is found out") {
    fails_in<lists_due_wallets_late>("due: a wallet is listed from its instant on");
    fails_in<lists_due_wallets_backwards>("due: the soonest come first, up to the limit");
}
TEST_CASE("a store that leaves out a part of a query is found out") {
    fails_in<drops_the_lot>("entries: lot selects what made or touched it");
    fails_in<drops_the_about>("entries: about selects what speaks of an entry");
    fails_in<drops_the_order>("entries: newest first turns the order round");
    fails_in<takes_after_for_from>("entries: after and before bound the numbers");
    fails_in<never_has_more>("entries: the limit cuts the answer, and more says so");
    fails_in<limits_too_early>("entries: all conditions hold together");
}
TEST_CASE("a store that gives ids of notices twice is found out") {
    fails_in<gives_ids_twice>("notices: ids are never given twice");
}
TEST_CASE("a store that commits in steps is found out") {
    fails_in<commits_in_two_steps>("commit: a duplicate leaves nothing");
    fails_in<commits_in_two_steps>("race: an account is never ahead of its journal");
}
TEST_CASE("a store that leaves out what speaks of a request is found out") {
    fails_in<tells_no_known_chain>("open: a known request brings all that speaks of it");
    fails_in<cuts_the_known_chain>("open: a known request brings all that speaks of it");
}
TEST_CASE("a store that leaves out what else was asked for is found out") {
    fails_in<tells_no_other_request>("open: another request brings all that speaks of it");
    fails_in<cuts_the_told_chain>("open: another request brings all that speaks of it");
    fails_in<tells_one_or_the_other>("open: another request brings all that speaks of it");
    fails_in<tells_no_other_entry>("open: another entry brings all that speaks of it");
    fails_in<cuts_the_told_chain>("open: another entry brings all that speaks of it");
    fails_in<tells_one_or_the_other>("open: another entry brings all that speaks of it");
}

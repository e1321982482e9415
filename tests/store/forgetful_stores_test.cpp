// A store whose file loses one field is caught by the conformance kit, whichever field it is.
#include "support/catch.hpp"

#include <coffer/store/memory.hpp>
#include <coffer/testing/store_conformance.hpp>
#include <coffer/testing/store_journal_checks.hpp>
#include <coffer/testing/store_life.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

using coffer::account;
using coffer::entry;

/// What a file forgets of each entry and each account that is read from it again.
struct lost_field {
    std::string name;
    std::function<void(entry&)> of_entry;
    std::function<void(account&)> of_account;
};

/// A memory store that reads as if from a file once it was opened again.
class forgetful_store {
public:
    explicit forgetful_store(const lost_field& lost) : lost_{&lost} {}

    void reopen() { reopened_ = true; }

    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        coffer::page_request all = wanted;
        all.whole = true;
        all.place = {};
        auto opened = inner_->open(all, into);
        into.place = {};
        if (!opened || !reopened_) return opened;
        if (lost_->of_account) lost_->of_account(into.state);
        for (entry& e : into.known) forget(e);
        for (entry& e : into.told) forget(e);
        return opened;
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        auto read = inner_->entries(wallet, query);
        if (!read || !reopened_) return read;
        for (entry& e : read->entries) forget(e);
        return read;
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        return inner_->commit(batch);
    }
    auto due(coffer::instant until, std::size_t limit) { return inner_->due(until, limit); }
    auto notices(std::size_t limit) { return inner_->notices(limit); }
    auto acknowledge(std::uint64_t id) { return inner_->acknowledge(id); }

private:
    void forget(entry& e) {
        if (lost_->of_entry) lost_->of_entry(e);
    }

    const lost_field* lost_;
    std::unique_ptr<coffer::memory_store> inner_ = std::make_unique<coffer::memory_store>();
    bool reopened_ = false;
};

/// Changes all lots, or all of another list, of an account.
template <class List, class Change>
void change_each(List& list, Change&& change) {
    for (std::size_t i = 0; i < list.size(); ++i) change(list.edit(i));
}

std::vector<lost_field> fields() {
    const auto of_lots = [](auto change) {
        return [change](account& a) {
            if (!a.rest->lots.empty()) change_each(a.rest.edit().lots, change);
        };
    };
    const auto of_claims = [](auto change) {
        return [change](account& a) {
            if (a.rest->claims.empty()) return;
            for (coffer::claim& c : a.rest.edit().claims) change(c);
        };
    };
    const auto of_holds = [](auto change) {
        return [change](account& a) {
            if (!a.rest->holds.empty()) change_each(a.rest.edit().holds, change);
        };
    };
    return {
        {"content", [](entry& e) { e.content = 0; }, {}},
        {"member", [](entry& e) { e.member = {}; }, {}},
        {"resource", [](entry& e) { e.resource = {}; }, {}},
        {"tags", [](entry& e) { e.usage.tags = {}; }, {}},
        {"action", [](entry& e) { e.usage.action = {}; }, {}},
        {"debt", [](entry& e) { e.debt = {}; }, {}},
        {"terms.paid", [](entry& e) { e.terms.paid = {}; }, {}},
        {"terms.priority", [](entry& e) { e.terms.priority = coffer::no_priority; }, {}},
        {"terms.kept_until", [](entry& e) { e.terms.kept_until = coffer::never; }, {}},
        {"plan", [](entry& e) { e.plan = {}; }, {}},
        {"signature", [](entry& e) { e.signature = {}; }, {}},
        {"tolerance", [](entry& e) { e.tolerance = {}; }, {}},
        {"contested", [](entry& e) { e.contested = {}; }, {}},
        {"uncollected", [](entry& e) { e.uncollected = {}; }, {}},
        {"owed", [](entry& e) { e.owed = {}; }, {}},
        {"event", [](entry& e) { e.event = {}; }, {}},
        {"about", [](entry& e) { e.about = {}; }, {}},
        {"input_tokens", [](entry& e) { e.usage.input_tokens = 0; }, {}},
        {"cache_write_tokens", [](entry& e) { e.usage.cache_write_tokens = 0; }, {}},
        {"part.before",
         [](entry& e) {
             for (coffer::part& p : e.parts) p.before = {};
         },
         {}},
        {"before", [](entry& e) { e.before = {}; }, {}},
        {"order", [](entry& e) { e.order = 0; }, {}},
        {"settings", [](entry& e) { e.settings = {}; }, {}},
        {"revokes", [](entry& e) { e.revokes = false; }, {}},
        {"counts", [](entry& e) { e.counts = false; }, {}},
        {"account: order", {}, [](account& a) { a.order = 0; }},
        {"account: used", {}, [](account& a) { a.used = {}; }},
        {"account: plan", {}, [](account& a) { a.rest.edit().plan = {}; }},
        {"account: pending", {}, [](account& a) { a.rest.edit().pending.clear(); }},
        {"account: debts", {}, [](account& a) { a.rest.edit().debts.clear(); }},
        {"account: settings", {}, [](account& a) { a.rest.edit().settings = {}; }},
        {"account: counters", {}, [](account& a) { a.counters.clear(); }},
        {"lot: paid", {}, of_lots([](coffer::lot& l) { l.terms.paid = {}; })},
        {"lot: kept_until", {}, of_lots([](coffer::lot& l) {
             l.terms.kept_until = coffer::never;
         })},
        {"lot: refunded", {}, of_lots([](coffer::lot& l) { l.refunded = {}; })},
        {"lot: voided", {}, of_lots([](coffer::lot& l) { l.voided = {}; })},
        {"hold: tolerance", {}, of_holds([](coffer::hold& h) { h.tolerance = {}; })},
        {"hold: member", {}, of_holds([](coffer::hold& h) { h.member = {}; })},
        {"claim: uncollected", {}, of_claims([](coffer::claim& c) { c.uncollected = {}; })},
        {"claim: contested", {}, of_claims([](coffer::claim& c) { c.contested = {}; })},
        {"claim: repaid", {}, of_claims([](coffer::claim& c) { c.repaid.clear(); })},
    };
}

}  // namespace

TEST_CASE("a store that forgets any one field when it is opened again does not pass") {
    const auto reopen = [](forgetful_store& store) { store.reopen(); };
    const coffer::testing::conformance_options quick{.lots = 20, .threads = 1, .rounds = 1};

    const lost_field nothing{"nothing", {}, {}};
    const auto sound = coffer::testing::check_store_conformance(
        [&] { return forgetful_store{nothing}; }, reopen, quick);
    INFO(sound.to_text());
    REQUIRE(sound.passed());

    for (const lost_field& lost : fields()) {
        const auto report = coffer::testing::check_store_conformance(
            [&] { return forgetful_store{lost}; }, reopen, quick);
        INFO("forgets " << lost.name);
        CHECK_FALSE(report.passed());
        const auto* lives = report.find("reopen: whole lives go on as if nothing had been closed");
        REQUIRE(lives != nullptr);
        CHECK_FALSE(lives->passed);
    }
}

/// A store in memory that writes commits in groups: right, and slow. Wrong ones derive from it and
/// hide what they do in another way.
#pragma once

#include <coffer/store/memory.hpp>
#include <coffer/store/store.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer_test {

/// Remembers all that was done, and does it again up to a group that is dropped.
class grouped_store {
public:
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        std::lock_guard lock{lock_};
        coffer::page_request all = wanted;
        all.place = {};
        all.whole = true;
        auto opened = inner_->open(all, into);
        into.place = {};
        into.texts = both(into.texts, inner_);
        return opened;
    }
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id& wallet,
                                                 const coffer::journal_query& query) {
        std::lock_guard lock{lock_};
        auto page = inner_->entries(wallet, query);
        if (page) page->texts = both(page->texts, inner_);
        return page;
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        std::lock_guard lock{lock_};
        coffer::commit_batch whole = batch;
        whole.place = {};
        whole.before = nullptr;
        const coffer::commit_outcome outcome = inner_->commit(whole);
        if (outcome != coffer::commit_outcome::committed) return outcome;
        auto kept = std::make_shared<const kept_batch>(batch);
        done_.push_back([kept](coffer::memory_store& store) { kept->commit_to(store); });
        return outcome;
    }
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant until, std::size_t limit) {
        std::lock_guard lock{lock_};
        return inner_->due(until, limit);
    }
    coffer::result<std::vector<coffer::notice>> notices(std::size_t limit) {
        std::lock_guard lock{lock_};
        return inner_->notices(limit);
    }
    coffer::result<void> acknowledge(std::uint64_t id) {
        std::lock_guard lock{lock_};
        done_.push_back([id](coffer::memory_store& store) { (void)store.acknowledge(id); });
        return inner_->acknowledge(id);
    }

    coffer::result<void> begin_group() {
        lock_.lock();
        begun_at_ = done_.size();
        return {};
    }
    coffer::commit_outcome end_group() {
        coffer::commit_outcome outcome = coffer::commit_outcome::committed;
        if (failing_ends_ > 0) {
            --failing_ends_;
            take_back();
            outcome = coffer::commit_outcome::full;
        }
        lock_.unlock();
        return outcome;
    }
    void drop_group() {
        take_back();
        lock_.unlock();
    }
    /// So many groups from now on are not written, for lack of room.
    void fail_ends(int count) { failing_ends_ = count; }

protected:
    void take_back() {
        done_.resize(begun_at_);
        inner_ = std::make_shared<coffer::memory_store>();
        for (const auto& each : done_) each(*inner_);
    }
    std::recursive_mutex lock_;
    std::size_t begun_at_ = 0;

private:
    /// A commit with texts of its own.
    class kept_batch {
    public:
        explicit kept_batch(const coffer::commit_batch& b)
            : wallet_{b.wallet},
              expected_{b.expected},
              after_{b.after},
              reopened_{b.reopened},
              entries_(b.entries.begin(), b.entries.end()),
              notices_(b.notices.begin(), b.notices.end()) {
            for (coffer::entry& e : entries_) {
                for (std::string_view* text :
                     {&e.request, &e.usage.action, &e.usage.tags, &e.member, &e.resource, &e.zone,
                      &e.plan, &e.prices}) {
                    *text = texts_.emplace_back(*text);
                }
                e.signature = coffer::signature{texts_.emplace_back(e.signature.bytes())};
            }
        }
        void commit_to(coffer::memory_store& store) const {
            store.commit({.wallet = wallet_,
                          .expected = expected_,
                          .after = after_,
                          .entries = entries_,
                          .notices = notices_,
                          .reopened = reopened_});
        }

    private:
        coffer::wallet_id wallet_;
        coffer::entry_id expected_;
        coffer::account after_;
        coffer::entry_id reopened_;
        std::vector<coffer::entry> entries_;
        std::vector<coffer::notice> notices_;
        std::deque<std::string> texts_;
    };

    static std::shared_ptr<const void> both(std::shared_ptr<const void> texts,
                                            std::shared_ptr<const void> store) {
        using pair = std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>;
        return std::make_shared<const pair>(std::move(texts), std::move(store));
    }

    std::shared_ptr<coffer::memory_store> inner_ = std::make_shared<coffer::memory_store>();
    std::deque<std::function<void(coffer::memory_store&)>> done_;
    int failing_ends_ = 0;
};
static_assert(coffer::check_store<grouped_store>() && coffer::grouping_store<grouped_store>);

}  // namespace coffer_test

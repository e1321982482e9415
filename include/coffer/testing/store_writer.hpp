/// One writer's view of a wallet: entries made by hand, and what a store has to answer about them
/// by the definition of its calls. Include `testing/store_conformance.hpp`.
#pragma once

#include <coffer/base/detail/assert.hpp>
#include <coffer/ledger/ledger.hpp>
#include <coffer/store/store.hpp>
#include <coffer/testing/conformance_report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {
namespace detail {

inline instant second(std::int64_t n) noexcept { return instant{std::chrono::seconds{n}}; }
inline credits whole_credits(std::int64_t n) noexcept {
    return credits::from_micros(n * 1'000'000);
}

template <class Store>
class store_writer {
public:
    store_writer(Store& store, const wallet_id& id) : store_{&store}, id_{id} {}

    const wallet_id& id() const noexcept { return id_; }
    const account& now() const noexcept { return now_; }
    const std::vector<entry>& journal() const noexcept { return journal_; }
    const std::vector<entry>& fresh() const noexcept { return fresh_; }
    std::vector<entry>& fresh() noexcept { return fresh_; }

    /// What is added from now on happens then, or at the latest instant that the wallet has seen.
    void at(instant when) noexcept { at_ = when; }

    /// Adds a lot of ten credits.
    entry& grant(std::string_view request = {}, instant expires = never) {
        entry e = begin(entry_kind::granted);
        e.amount = whole_credits(10);
        e.terms = {.bucket = bucket_id::of("package"), .expires = expires};
        e.terms.effective = e.at;
        e.order = now_.order;
        e.after.available = credits::from_micros(e.after.available.micros() + e.amount.micros());
        return add(e, request);
    }
    /// Takes all of the lots that burn first, as many as that.
    entry& charge(std::size_t lots, std::string_view request = {}) {
        entry e = begin(entry_kind::charged);
        for (std::size_t i = 0; i < lots && i < now_.burning.size(); ++i) {
            const spendable& s = now_.burning[i];
            e.parts.push_back({.lot = s.lot, .amount = s.available, .bucket = s.bucket});
            e.amount = credits::from_micros(e.amount.micros() + s.available.micros());
        }
        e.after.available = credits::from_micros(e.after.available.micros() - e.amount.micros());
        return add(e, request);
    }
    /// An entry of which the store alone knows; it changes nothing but the number of the newest.
    entry& note(entry e, std::string_view request = {}) {
        e.id = entry_id{now_.last.value() + 1};
        now_.last = e.id;
        return keep(e, request);
    }

    /// Commits what was added since; it joins the journal if that succeeds.
    commit_outcome commit(const std::vector<notice>& notices = {}) {
        auto count = static_cast<std::uint32_t>(fresh_.size());
        commit_outcome outcome = commit_on(entry_id{now_.last.value() - count}, notices);
        if (outcome == commit_outcome::committed) keep_as_committed();
        fresh_.clear();
        return outcome;
    }
    /// Takes what was added for committed: a copy of this writer did it.
    void keep_as_committed() {
        journal_.insert(journal_.end(), fresh_.begin(), fresh_.end());
        fresh_.clear();
    }
    commit_outcome commit_on(entry_id expected, const std::vector<notice>& notices = {}) {
        return store_->commit({.wallet = id_,
                               .expected = expected,
                               .after = now_,
                               .entries = fresh_,
                               .notices = notices,
                               .reopened = std::exchange(reopened_, {})});
    }
    /// The next commit takes over the request of that entry.
    void reopen(entry_id former) noexcept { reopened_ = former; }
    /// Goes on in a store that was opened again.
    void move_to(Store& store) noexcept { store_ = &store; }
    /// Forgets what was added and goes on from what the store holds. False if it cannot be read.
    bool reload() {
        fresh_.clear();
        auto loaded = load(*store_, id_);
        if (loaded) now_ = *loaded;
        return loaded.has_value();
    }

    /// A text that lives as long as the writer.
    std::string_view text(std::string_view value) {
        return *texts_.emplace_back(std::make_shared<const std::string>(value));
    }

    /// The answer to a query by its definition.
    std::vector<entry> expected(const journal_query& q, bool& more) const {
        std::vector<entry> found;
        for (const entry& e : journal_) {
            if (e.id <= q.after || (q.before && e.id >= q.before)) continue;
            if (q.about && e.about != q.about) continue;
            bool touches = makes_lot(e) && e.id.value() == q.lot.value();
            for (const part& p : e.parts) touches = touches || p.lot == q.lot;
            if (q.lot && !touches) continue;
            found.push_back(e);
        }
        if (q.newest_first) std::reverse(found.begin(), found.end());
        more = found.size() > q.limit;
        if (more) found.resize(q.limit);
        return found;
    }

private:
    entry begin(entry_kind kind) const {
        entry e{.id = entry_id{now_.last.value() + 1}, .kind = kind};
        e.at = e.event = std::max(now_.time, at_);
        e.after = now_.totals;
        return e;
    }
    entry& add(const entry& e, std::string_view request) {
        entry& kept = keep(e, request);
        [[maybe_unused]] bool fits = bool{apply(now_, kept)};
        COFFER_ASSERT(fits);
        return kept;
    }
    entry& keep(const entry& e, std::string_view request) {
        entry& kept = fresh_.emplace_back(e);
        if (!request.empty()) {
            kept.request = text(request);
            kept.requested_by = request_id::scope::caller;
        }
        return kept;
    }

    Store* store_;
    wallet_id id_;
    account now_;
    std::vector<entry> fresh_;
    entry_id reopened_{};
    instant at_ = second(1);
    std::vector<entry> journal_;
    std::vector<std::shared_ptr<const std::string>> texts_;  // copies of a writer share them
};

/// Entries with random fields, all of which a store has to keep.
class random_entries {
public:
    explicit random_entries(std::uint64_t seed) : random_{seed} {}

    /// The texts stand in `into`.
    template <class Writer>
    entry next(Writer& into) {
        constexpr auto kinds = static_cast<std::size_t>(entry_kind::alert_dropped);
        entry e{.kind = static_cast<entry_kind>(1 + below(kinds))};
        e.counts = flip();
        e.revokes = flip();
        if (flip()) e.refusal = flip() ? errc::insufficient_credits : errc::access_denied;
        e.at = time();
        e.event = flip() ? e.at : time();
        e.amount = amount();
        if (flip()) e.debt = amount();
        if (flip()) e.uncollected = amount();
        e.after = {amount(), amount(), amount()};
        if (flip()) e.about = entry_id{number32()};
        for (std::size_t n = below(5); n > 0; --n) e.parts.push_back(some_part());
        fill_usage(e.usage, into);
        e.member = into.text(bytes(255));
        e.resource = into.text(bytes(255));
        e.content = random_();
        if (makes_lot(e) || e.kind == entry_kind::period_began) e.terms = some_terms();
        if (flip()) e.before = lot_id{number32()};
        e.order = random_();
        if (flip()) e.rolled_after = entry_id{number32()};
        e.since_anchor = number32();
        e.from = time();
        e.until = time();
        if (flip()) e.tolerance = amount();
        if (flip()) e.owed = price();
        if (flip()) e.contested = price();
        e.zone = into.text(bytes(47));
        e.plan = into.text(bytes(63));
        if (flip()) {
            e.alerts = {.any = true, .armed = random_(), .floor = amount()};
            e.alerts.raised = into.text(bytes(1'000));
        }
        if (flip()) {
            const signature_text by{bytes(max_actor_size), bytes(max_reason_size)};
            e.signature = signature{into.text(by.view().bytes())};
        }
        return e;
    }

    bool flip() { return (random_() & 1) != 0; }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
    /// Any bytes, often none, often as many as there may be.
    std::string bytes(std::size_t most) {
        std::string made(flip() ? below(most + 1) : flip() ? most : 0, '\0');
        for (char& letter : made) letter = static_cast<char>(random_());
        return made;
    }

private:
    std::int64_t number() {
        switch (below(4)) {
            case 0: return std::numeric_limits<std::int64_t>::max();
            case 1: return std::numeric_limits<std::int64_t>::min();
            case 2: return static_cast<std::int64_t>(below(9)) - 4;
            default: return static_cast<std::int64_t>(random_());
        }
    }
    std::uint32_t number32() { return flip() ? static_cast<std::uint32_t>(random_()) : ~0u; }
    credits amount() { return credits::from_micros(number()); }
    instant time() { return instant{std::chrono::microseconds{number()}}; }
    money price() {
        return money::from_minor(number(), flip() ? currency{"JPY"} : currency{"USD"});
    }
    bucket_id bucket() { return bucket_id::of(flip() ? "package" : "budget"); }
    part some_part() {
        return {.lot = lot_id{number32()},
                .before = flip() ? lot_id{} : lot_id{number32()},
                .amount = amount(),
                .bucket = bucket()};
    }
    lot_terms some_terms() {
        lot_terms t{.bucket = bucket(),
                    .source = static_cast<lot_source>(below(7)),
                    .origin = static_cast<lot_origin>(below(4)),
                    .ends_with_period = flip(),
                    .ordinal = static_cast<std::uint16_t>(random_()),
                    .cycle = number32(),
                    .from = lot_id{number32()},
                    .priority = static_cast<std::int32_t>(random_()),
                    .effective = time(),
                    .expires = time(),
                    .kept_until = time(),
                    .paid = price()};
        if (t.is_allowance()) t.lapses = time();
        if (t.origin >= lot_origin::rolled) t.paid_for = amount();
        return t;
    }
    template <class Writer>
    void fill_usage(usage& u, Writer& into) {
        u.action = into.text(bytes(63));
        u.tags = into.text(bytes(95));
        if (flip()) u.quantity = quantity::from_micros(number());
        if (flip()) {
            u.input_tokens = number();
            u.output_tokens = number();
            u.reasoning_tokens = number();
            u.cached_tokens = number();
            u.cache_write_tokens = number();
        }
        if (flip()) {
            u.cache_write_1h_tokens = number();
            u.audio_input_tokens = number();
            u.audio_output_tokens = number();
            u.image_input_tokens = number();
            u.image_output_tokens = number();
            u.citation_tokens = number();
        }
    }

    std::mt19937_64 random_;
};

}  // namespace detail
}  // namespace testing
}  // namespace v0
}  // namespace coffer

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

/// What an entry of that kind may say of limits, at random.
template <class Random>
std::string random_limits(entry_kind kind, Random& random) {
    const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto time = [&] { return instant{std::chrono::microseconds{below(1'000'000'000)}}; };
    if (kind == entry_kind::limit_dropped)
        return coffer::detail::pack_place(below(2 * max_limits + 1));
    if (kind == entry_kind::refused) {
        return coffer::detail::pack(
            coffer::detail::limit_refusal{"member:a", credits::from_micros(below(9)), never});
    }
    if (kind == entry_kind::limit_set) {
        coffer::detail::limit_placed placed{.place = below(max_limits), .terms = {}};
        placed.terms.member = std::string_view{"a/b"};
        placed.terms.per = static_cast<window>(below(5));
        placed.terms.amount = credits::from_micros(below(1'000'000'000));
        placed.terms.warn = below(2) == 0;
        if (below(2) == 0) placed.terms.tag = std::string_view{"*"};
        return coffer::detail::pack(placed);
    }
    const bool counts = kind == entry_kind::charged || kind == entry_kind::held ||
                        kind == entry_kind::settled || kind == entry_kind::refunded;
    if (!counts) return {};
    coffer::detail::counter_changes changes;
    const auto most = static_cast<std::uint32_t>(below(8) == 0 ? max_counters_of_spend : 4);
    for (auto* ids : {&changes.changed, &changes.dropped}) {
        std::uint32_t id = 0;
        for (std::uint32_t n = below(most + 1); n > 0; --n) {
            id += 1 + below(1'000);
            ids->push_back(counter_id{id});
        }
    }
    for (std::uint32_t n = below(most + 1); n > 0; --n) {
        changes.first = 1 + below(1'000'000);
        changes.begun.push_back({1 + below(9), instant::min(), time(), "design/ada"});
    }
    return coffer::detail::pack(changes);
}

/// What an entry of that kind may say of an order, at random.
template <class Random>
std::string random_order(entry_kind kind, Random& random) {
    if (!coffer::detail::speaks_of_order(kind)) return {};
    const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto time = [&] { return instant{std::chrono::microseconds{below(1'000'000'000)}}; };
    const std::string text(below(2) == 0 ? max_reference_size : below(9), 'r');
    order_said said{.month_from = time(), .month_until = time(), .reference = text};
    purchase_order& o = said.order;
    o.id = order_id{1 + below(1'000)};
    if (below(2) == 0) {
        o.origin = order_origin::automatic;
        o.number = 1 + below(~0U);
    }
    const std::string name(below(2) == 0 ? offer_name::max_size : below(9), 'n');
    o.what = {.name = std::string_view{name},
              .into = bucket_id::of("package"),
              .amount = credits::from_micros(1 + below(1'000'000'000)),
              .price = money::from_minor(below(1'000), below(2) == 0 ? "EUR" : "JPY")};
    if (below(2) == 0) {
        o.what.bonus_into = bucket_id::of("bonus");
        o.what.bonus = credits::max();
    }
    o.placed = time();
    if (below(2) == 0) o.until = o.placed + std::chrono::seconds{1 + below(9)};
    return coffer::detail::pack(said);
}

/// What an entry of that kind may say of choices, at random; some have to say it.
template <class Random>
std::string random_settings(entry_kind kind, Random& random) {
    const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto flip = [&] { return below(2) == 0; };
    if (kind == entry_kind::alert_set) {
        return std::string{flip() ? coffer::detail::own_mark : std::string_view{}};
    }
    choice_set c{.says_alerts = flip(), .says_limits = flip(), .says_budget = flip()};
    c.says_recharge = flip();
    for (std::uint32_t n = c.says_alerts ? below(4) : 0; n > 0; --n) {
        alert_terms t{.level = credits::from_micros(below(1'000'000)), .own = true};
        t.name = std::string_view{n == 1 ? "low" : "mine"};
        t.once_per_period = flip();
        if (flip()) t.of.push_back(bucket_id::of("package"));
        c.alerts.push_back(t);
    }
    for (std::uint32_t n = c.says_limits ? below(4) : 0; n > 0; --n) {
        limit_terms t{.per = static_cast<window>(below(5)), .warn = flip()};
        t.member = std::string_view{flip() ? "*" : "design/ada"};
        t.amount = credits::from_micros(below(1'000'000));
        c.limits.push_back(t);
    }
    if (c.says_budget && flip()) c.budget = limit_terms{.amount = credits::from_micros(below(9))};
    if (c.says_recharge) {
        c.recharge.on = flip();
        c.recharge.offer = std::string_view{flip() ? "pack" : ""};
        if (flip()) c.recharge.threshold = credits::from_micros(below(9));
        if (flip()) c.recharge.monthly_limit = money::from_minor(below(9), "USD");
    }
    if (kind == entry_kind::configured) return coffer::detail::pack(c);
    if (kind != entry_kind::rules_adopted) return {};
    coffer::detail::adopted_rules rules{.revision = below(9), .rules = random()};
    if (flip()) rules.left = c;
    return coffer::detail::pack(rules);
}

/// Entries with random fields, all of which a store has to keep.
class random_entries {
public:
    explicit random_entries(std::uint64_t seed) : random_{seed} {}

    /// The texts stand in `into`.
    template <class Writer>
    entry next(Writer& into) {
        entry e{.kind = kind()};
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
        if (has_lot_terms(e)) e.terms = some_terms();
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
            e.alerts.recharges = flip();
            if (e.alerts.recharges) e.alerts.check = time();
        }
        e.purchase = into.text(random_order(e.kind, random_));
        if (flip()) e.limits = into.text(random_limits(e.kind, random_));
        if (flip()) {
            e.allowance = {
                .any = true, .by_other_plan = flip(), .waits = flip(), .by_add_on = flip()};
            e.allowance.allowance = amount();
            e.allowance.owed = amount();
            e.allowance.price = price();
        }
        e.prices = into.text(bytes(143));
        e.settings = into.text(random_settings(e.kind, random_));
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
    entry_kind kind() {
        for (;;) {
            const auto some = static_cast<entry_kind>(below(256));
            if (to_string(some) != "unknown") return some;
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
                    .origin = static_cast<lot_origin>(below(5)),
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

/// Accounts for tests of how they are written down.
#pragma once

#include <coffer/ledger/account.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace coffer_test {

using coffer::account;
using coffer::credits;
using coffer::instant;
using coffer::lot_id;

/// Random accounts that add up, in which every field is sometimes there, often at a limit.
class account_source {
public:
    explicit account_source(std::uint64_t seed) : random_{seed} {}

    account next() {
        account a;
        a.last = coffer::entry_id{1'000'000 + u32() / 2};
        a.time = time();
        a.next_due = time();
        a.period_from = time();
        a.used = any_amount();
        a.order = random_();
        if (flip()) fill(a);
        return a;
    }

    bool flip() { return (random_() & 1) != 0; }
    std::size_t index(std::size_t size) { return static_cast<std::size_t>(random_() % size); }

private:
    void watch(account& a) {
        coffer::account_details& d = a.rest.edit();
        auto& all = d.alerts;
        const std::size_t count = index(4) == 0 ? coffer::max_alerts : 1 + index(3);
        for (std::size_t i = 0; i < count; ++i) {
            std::string name = std::to_string(i);
            if (flip()) name.resize(63, 'x');
            coffer::alert_terms t{.name = std::string_view{name}, .level = any_amount()};
            t.is_share = flip();
            if (t.is_share) t.level = credits::from_micros(u32());
            t.once_per_period = flip();
            t.own = index(3) == 0;
            for (std::size_t n = index(4); n > 0; --n) {
                t.of.push_back(coffer::bucket_id::of(flip() ? "budget" : "package"));
            }
            all.push_back(t);
        }
        const std::uint64_t marks = (std::uint64_t{1} << 63) | ((std::uint64_t{1} << count) - 1);
        d.armed = random_() & marks;
        d.raised = random_() & marks;
        a.floor = any_amount();
    }
    /// Limits with counters, in which nothing is held yet.
    void limit(account& a) {
        coffer::account_details& d = a.rest.edit();
        const std::uint32_t count = index(9) == 0 ? 100 : 1 + static_cast<std::uint32_t>(index(4));
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::string path = "team/" + std::to_string(i);
            coffer::limit_terms t{.per = static_cast<coffer::window>(index(5))};
            (i % 2 == 0 ? t.member : t.resource) = std::string_view{path};
            if (i % 3 == 0) t.action = std::string_view{"*"};
            if (i % 4 == 0) t.tag = std::string_view{"*"};
            t.amount = credits::from_micros(u32());
            t.warn = flip();
            d.limits_made += 1 + static_cast<std::uint32_t>(index(3));
            const bool own = index(5) == 0;
            if (own && i == 1) t.resource = {};  // a budget
            d.limits.edit().push_back({d.limits_made, t, own});
            if (own) a.floor = credits::max();
            if (t.per == coffer::window::draw) continue;
            for (std::size_t n = index(4); n > 0; --n) {
                const bool action = t.action == "*";
                const bool tag = t.tag == "*";
                std::string value = action ? "chat" : "";
                if (tag) value += action ? "\nblue" : "blue";
                d.counters_made += 1 + static_cast<std::uint32_t>(index(9));
                a.counters.push_back({.id = coffer::counter_id{d.counters_made},
                                      .limit = d.limits_made,
                                      .from = flip() ? instant::min() : instant{},
                                      .until = flip() ? coffer::never : instant{} + one_hour,
                                      .spent = credits::from_micros(u32()),
                                      .value = value});
            }
        }
        d.counters_made += static_cast<std::uint32_t>(index(3));
    }
    /// Lets a hold be counted in some counters, and in one that is gone.
    void count_in(account& a, coffer::hold& h) {
        for (std::size_t i = 0; i < a.counters.size(); ++i) {
            if (index(3) != 0) continue;
            coffer::limit_counter& c = a.counters.edit(i);
            c.held = (c.held + h.amount).or_throw();
            h.counted.push_back(c.id);
        }
        if (a.rest->counters_made > 0 && a.counters.empty()) {
            h.counted.push_back(coffer::counter_id{a.rest->counters_made});
        }
    }
    void fill(account& a) {
        coffer::account_details& d = a.rest.edit();
        d.started = flip();
        d.anchor = time();
        if (flip()) d.zone = std::string_view{text(47)};
        if (flip()) d.plan = std::string_view{text(63)};
        const std::size_t most = index(20) == 0 ? 300 : 6;
        for (std::uint32_t n = static_cast<std::uint32_t>(index(most)), id = 0; n > 0; --n) {
            id += 1 + static_cast<std::uint32_t>(index(flip() ? 3 : 3'000));
            d.lots.push_back(some_lot(lot_id{id}));
        }
        for (std::size_t n = index(4); n > 0; --n) d.cycles.push_back(some_cycle());
        for (std::size_t n = index(3); n > 0; --n) {
            d.debts.push_back({.charge = coffer::entry_id{u32()},
                               .open = some_amount(a.totals.debt),
                               .action = std::string_view{text(63)},
                               .lot = lot_id{u32()}});
        }
        if (flip()) watch(a);
        if (index(3) == 0) limit(a);
        if (flip()) subscribe(a);
        if (flip()) order(a);
        if (flip()) choose(d);
        if (d.lots.empty()) return;
        std::vector<lot_id> burning;
        for (const coffer::lot& l : d.lots) burning.push_back(l.id);
        std::shuffle(burning.begin(), burning.end(), random_);
        burning.resize(index(burning.size() + 1));
        for (lot_id id : burning) {
            a.burning.push_back({.available = some_amount(a.totals.available),
                                 .expires = time(),
                                 .lot = id,
                                 .bucket = bucket()});
        }
        pile_up(a);
        for (std::size_t n = index(3); n > 0; --n) d.pending.push_back(known(d));
        for (std::uint32_t n = static_cast<std::uint32_t>(index(3)); n > 0; --n) {
            coffer::hold h = some_hold(a, 10 - n);
            count_in(a, h);
            d.holds.push_back(h);
        }
        for (std::size_t n = index(3); n > 0; --n) d.claims.push_back(some_claim(d));
    }

    /// Remembers something of purchases, and opens some.
    void order(account& a) {
        coffer::account_details& d = a.rest.edit();
        coffer::order_book& b = d.purchases.edit();
        const auto few = [&](std::size_t n) { return static_cast<std::uint32_t>(index(n)); };
        b.automatic = few(9);
        b.placed = b.automatic + 200 + few(9);
        b.failures = few(4);
        if (flip()) b.back_off = time();
        b.month_from = time();
        b.month_until = std::max(b.month_from, time());
        b.month_count = few(b.automatic + 1);
        if (flip()) b.month_spent.push_back(coffer::money::from_minor(u32(), "EUR"));
        if (flip()) b.month_spent.push_back(coffer::money::from_minor(u32(), "USD"));
        b.watched = flip();
        if (b.watched && flip()) b.check = time();
        if (b.watched && a.floor == credits::min()) a.floor = any_amount();
        const std::uint32_t count = index(20) == 0 ? coffer::max_open_orders : few(4);
        for (std::uint32_t i = 1; i <= count; ++i) {
            coffer::purchase_order o{.id = coffer::order_id{2 * i}, .placed = instant{}};
            o.what = {.name = std::string_view{text(63)},
                      .into = coffer::bucket_id::of("package"),
                      .amount = flip() ? credits::max() : micro(),
                      .price = coffer::money::from_minor(u32(), "EUR")};
            if (flip()) {
                o.what.bonus_into = coffer::bucket_id::of("bonus");
                o.what.bonus = micro();
            }
            if (flip()) o.until = instant{} + one_hour;
            if (i == 1 && b.automatic > 0 && flip()) {
                o.origin = coffer::order_origin::automatic;
                o.number = b.automatic;
            }
            d.orders.push_back(o);
        }
    }

    /// Remembers something that a customer chose.
    void choose(coffer::account_details& d) {
        coffer::settings_state& s = d.settings.edit();
        if (flip()) s.revision = u32();
        if (flip()) s.rules = random_();
        coffer::choice_set& c = s.chosen;
        c.says_alerts = flip();
        if (c.says_alerts && flip()) {
            coffer::alert_terms t{.level = any_amount(), .own = true};
            t.name = std::string_view{"mine"};
            if (flip()) t.of.push_back(coffer::bucket_id::of("budget"));
            c.alerts.push_back(t);
        }
        c.says_limits = flip();
        if (c.says_limits && flip()) {
            c.limits.push_back({.per = coffer::window::day, .amount = micro(), .warn = flip()});
            c.limits.back().tag = std::string_view{"*"};
        }
        c.says_budget = flip();
        if (c.says_budget && flip()) c.budget = coffer::limit_terms{.amount = micro()};
        c.says_recharge = flip();
        if (!c.says_recharge) return;
        c.recharge.on = flip();
        if (flip()) c.recharge.offer = std::string_view{"large"};
        if (flip()) c.recharge.threshold = any_amount();
        if (flip()) c.recharge.monthly_limit = coffer::money::from_minor(7, "JPY");
    }

    /// Remembers something of a subscription.
    void subscribe(account& a) {
        coffer::subscription_state& s = a.rest.edit().subscription.edit();
        s.paused = flip();
        s.past_due = flip();
        s.ended = flip();
        s.locked = s.ended && flip();
        if (s.ended) s.ended_at = time();
        if (s.past_due && flip()) s.grace_until = time();
        if (flip()) s.trial_until = time();
        s.trial_goes_on = s.on_trial() && flip();
        if (s.trial_goes_on && flip()) s.trial_then = std::string_view{text(63)};
        s.changes = flip();
        if (s.changes) s.next = std::string_view{"another plan"};
        const coffer::bucket_id some = bucket();
        if (some && flip()) {
            s.courses.push_back(
                {.bucket = some, .plan = std::string_view{text(63)}, .stays = flip()});
        }
        if (some && flip()) s.raises.push_back({.bucket = some, .owed = micro()});
        if (some && flip()) s.raises = {{.bucket = some, .granted = micro(), .count = 3}};
        if (some && flip()) s.add_ons.push_back({.bucket = some, .allowance = micro()});
        if (!s.add_ons.empty() && flip()) {
            s.add_ons.front().changes = true;
            s.add_ons.front().next = micro();
            s.add_ons.front().next_price = coffer::money::from_minor(5, "USD");
        }
        if (s.refuses_spends()) a.floor = credits::max();
    }
    static credits micro() { return credits::from_micros(1); }

    /// Lets some lots that stand side by side be a pile.
    void pile_up(account& a) {
        coffer::account_details& d = a.rest.edit();
        for (std::size_t n = index(3); n > 0; --n) {
            d.carries.push_back({.bucket = bucket(), .after = coffer::entry_id{u32()}});
        }
        if (d.carries.empty() || a.burning.empty() || flip()) return;
        coffer::carried& pile = d.carries.front();
        std::size_t at = index(a.burning.size());
        pile.bucket = a.burning[at].bucket;
        pile.first = a.burning[at].lot;
        for (; at < a.burning.size() && a.burning[at].bucket == pile.bucket; ++at) {
            const coffer::lot& record = *coffer::find_record(a, a.burning[at].lot);
            const auto sum = pile.granted + record.granted;
            if (!sum) break;
            pile.granted = *sum;
            ++pile.count;
        }
        if (pile.count == 0) pile.first = {};
    }

    coffer::lot some_lot(lot_id id) {
        coffer::lot l{.id = id};
        l.terms.bucket = bucket();
        l.terms.source = static_cast<coffer::lot_source>(index(7));
        l.terms.origin = static_cast<coffer::lot_origin>(index(5));
        l.terms.ends_with_period = flip();
        if (flip()) l.terms.ordinal = static_cast<std::uint16_t>(random_());
        if (flip()) l.terms.cycle = u32();
        if (flip()) l.terms.from = lot_id{u32()};
        if (flip()) l.terms.priority = static_cast<std::int32_t>(random_());
        l.terms.effective = time();
        l.terms.expires = time();
        if (flip()) l.terms.kept_until = time();
        if (flip()) l.terms.paid = price();
        if (flip()) l.terms.paid_for = any_amount();
        if (l.terms.is_allowance()) l.terms.lapses = time();
        l.made = time();
        l.granted = any_amount();
        l.available = any_amount();
        if (flip()) {
            for (credits* c : {&l.held, &l.spent, &l.expired, &l.voided, &l.rolled}) {
                *c = any_amount();
            }
        }
        if (flip()) l.refunded = price();
        l.active = flip();
        l.revoked = flip();
        l.closed = flip();
        l.touched = flip();
        return l;
    }
    coffer::hold some_hold(account& a, std::uint32_t id) {
        coffer::hold h{.id = coffer::hold_id{id},
                       .until = time(),
                       .tolerance = any_amount(),
                       .action = std::string_view{text(63)},
                       .tags = std::string_view{text(95)},
                       .member = std::string_view{text(95)},
                       .resource = std::string_view{text(95)}};
        if (flip()) h.prices = std::string_view{text(143)};
        for (std::size_t n = a.burning.empty() ? 0 : index(4); n > 0; --n) {
            const credits amount = some_amount(a.totals.held);
            coffer::spendable& from = a.burning.edit(index(a.burning.size()));
            from.held = (from.held + amount).or_throw();
            h.amount = (h.amount + amount).or_throw();
            h.parts.push_back(some_part(from.lot, amount));
        }
        return h;
    }
    coffer::claim some_claim(const coffer::account_details& d) {
        coffer::claim c{.lot = known(d),
                        .taken = any_amount(),
                        .uncollected = any_amount(),
                        .dropped = any_amount(),
                        .dispute = static_cast<coffer::dispute_state>(index(4)),
                        .lost = price(),
                        .opened = coffer::entry_id{u32()},
                        .contested = price(),
                        .whole = flip(),
                        .disputed = any_amount(),
                        .disputed_dropped = any_amount(),
                        .returned = any_amount()};
        for (std::size_t n = index(4); n > 0; --n) {
            c.repaid.push_back(some_part(lot_id{u32()}, any_amount()));
        }
        return c;
    }
    coffer::part some_part(lot_id lot, credits amount) {
        return {.lot = lot, .before = lot_id{u32()}, .amount = amount, .bucket = bucket()};
    }
    coffer::cycle some_cycle() {
        return {.bucket = bucket(),
                .index = u32(),
                .since_anchor = u32(),
                .from = time(),
                .until = time(),
                .allowance = any_amount()};
    }

    lot_id known(const coffer::account_details& d) { return d.lots[index(d.lots.size())].id; }
    coffer::bucket_id bucket() {
        constexpr const char* names[] = {"", "budget", "package", "bonus"};
        return coffer::bucket_id::of(names[index(std::size(names))]);
    }
    std::int64_t number() {
        switch (index(6)) {
            case 0: return std::numeric_limits<std::int64_t>::max();
            case 1: return std::numeric_limits<std::int64_t>::min();
            case 2: return static_cast<std::int64_t>(index(300)) - 150;
            case 3: return std::int64_t{1} << index(63);
            default: return static_cast<std::int64_t>(random_());
        }
    }
    std::uint32_t u32() { return flip() ? static_cast<std::uint32_t>(random_()) : ~0u; }
    credits any_amount() { return credits::from_micros(number()); }
    /// Not negative, and added to a sum.
    credits some_amount(credits& sum) {
        const auto a =
            credits::from_micros(static_cast<std::int64_t>(random_() >> (16 + index(40))));
        sum = (sum + a).or_throw();
        return a;
    }
    instant time() { return instant{std::chrono::microseconds{number()}}; }
    coffer::money price() {
        constexpr coffer::currency units[] = {coffer::currency{}, "USD", "JPY"};
        return coffer::money::from_minor(number(), units[index(std::size(units))]);
    }
    std::string_view text(std::size_t most) {
        text_.clear();
        for (std::size_t n = flip() ? most : index(most + 1); n > 0; --n) {
            text_ += static_cast<char>(random_());
        }
        return text_;
    }

    static constexpr std::chrono::hours one_hour{1};

    std::mt19937_64 random_;
    std::string text_;
};

}  // namespace coffer_test

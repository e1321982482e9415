/// Invoices of what went beyond the credits, for plans with `overdraft::bill_later`: one for each
/// period of the account, read from the journal. A wallet answers them.
#pragma once

#include <coffer/ledger/turn.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/report/history.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A line of an invoice: what one spend took beyond the credits, or what of it was refunded later.
struct invoice_line {
    entry_id spend{};  ///< The charge or settle.
    instant at{};      ///< When it happened; of a refund, when that did.
    std::string action{};
    std::string member{};
    std::string resource{};
    coffer::credits amount{};
    money price{};  ///< None where the plan has no price for it.

    friend bool operator==(const invoice_line&, const invoice_line&) = default;
};

/// What one period of the account is to pay beyond its credits.
struct invoice {
    std::uint32_t number = 0;  ///< Of the account's period, from 0.
    instant from{};
    instant until{};
    bool closed = false;  ///< The period has ended: nothing of this changes any more.
    std::vector<invoice_line> lines{};
    std::vector<invoice_line> refunds{};  ///< Of what earlier invoices, or this one, had billed.
    coffer::credits amount{};             ///< The lines less the refunds; it may be negative.
    money total{};                        ///< None where nothing has a price.
    /// In other currencies, where a plan with another one began or an older line was refunded.
    std::vector<money> other_totals{};

    friend bool operator==(const invoice&, const invoice&) = default;
};

namespace detail {

/// Puts invoices together from the entries of a journal, the oldest first.
class invoice_reader {
public:
    /// Errors: `amount_overflow`.
    result<void> read(const entry& e) {
        const bool spends = is_spend(e.kind);
        if (spends && e.debt.is_positive()) owing_.push_back(line_of(e, e.id, e.debt, {}));
        if (e.kind == entry_kind::period_began && e.counts) begin(e);
        result<void> read;
        if (e.kind == entry_kind::billed) {
            read = bill(e.about, e.usage.action, e.amount, e.owed);
        } else if (e.kind == entry_kind::refunded && e.revokes) {
            running_.refunds.push_back(line_of(e, e.about, e.uncollected, e.owed));
            read = add(credits::from_micros(-e.uncollected.micros()),
                       money::from_minor(-e.owed.minor_units(), e.owed.in()));
        }
        if (e.after.debt.is_zero()) owing_.clear();
        return read;
    }
    /// Writes a line. Errors: as above.
    result<void> bill(entry_id spend, std::string_view action, credits amount, const money& price) {
        const auto known = std::lower_bound(
            owing_.begin(), owing_.end(), spend,
            [](const invoice_line& l, entry_id wanted) { return l.spend < wanted; });
        invoice_line line{.spend = spend, .action = std::string{action}};
        if (known != owing_.end() && known->spend == spend) line = *known;
        line.amount = amount;
        line.price = price;
        running_.lines.push_back(std::move(line));
        return add(amount, price);
    }

    /// Those of periods that have ended, and the running one; what came before the first period is
    /// part of that.
    std::vector<invoice> take() {
        if (has_begun_) closed_.push_back(std::move(running_));
        return std::move(closed_);
    }

private:
    static invoice_line line_of(const entry& e, entry_id spend, credits amount,
                                const money& price) {
        return {.spend = spend,
                .at = e.event,
                .action = std::string{e.usage.action},
                .member = std::string{e.member},
                .resource = std::string{e.resource},
                .amount = amount,
                .price = price};
    }
    void begin(const entry& e) {
        invoice next = has_begun_ ? invoice{} : std::move(running_);
        if (has_begun_) {
            running_.closed = true;
            running_.until = std::min(running_.until, e.at);  // a start may cut it short
            next.number = running_.number + 1;
            closed_.push_back(std::move(running_));
        }
        next.from = e.from;
        next.until = e.until;
        running_ = std::move(next);
        has_begun_ = true;
    }
    result<void> add(credits amount, const money& price) {
        const checked<credits> sum = running_.amount + amount;
        if (!sum) return sum.error();
        running_.amount = *sum;
        if (price.is_none()) return {};
        if (running_.total.is_none()) running_.total = money::from_minor(0, price.in());
        money* total = &running_.total;
        if (total->in() != price.in()) {
            const auto same = [&](const money& m) { return m.in() == price.in(); };
            auto& others = running_.other_totals;
            auto known = std::find_if(others.begin(), others.end(), same);
            if (known == others.end()) {
                known = others.insert(known, money::from_minor(0, price.in()));
            }
            total = &*known;
        }
        const checked<money> more = *total + price;
        if (!more) return more.error();
        *total = *more;
        return {};
    }

    std::vector<invoice> closed_;
    invoice running_;
    bool has_begun_ = false;
    std::vector<invoice_line> owing_;  // spends of which something may be owed, by their entries
};

/// All invoices as of now, the running period's last, as it would be if that ended now.
/// Errors: `too_many` where so much is due that it has to be swept first.
inline result<std::vector<invoice>> invoices_of(const engine& by, attempt& s,
                                                const compiled_plan& plan,
                                                const wallet_id& wallet) {
    invoice_reader reader;
    const auto each = [&](const entry& e) { return reader.read(e); };
    result<void> done;
    const journal_query all{.before = entry_id{s.opened.last.value() + 1}};
    auto read = for_each_page(by.store(), wallet, all, [&](const journal_page& page) {
        for (const entry& e : page.entries) {
            if (done) done = each(e);
        }
        return done.has_value();
    });
    if (!read) return read.error();
    if (!s.entries.empty() && s.entries[0].id.value() != s.opened.last.value() + 1) {
        return errc::too_many;
    }
    for (const entry& e : s.entries) {
        if (done) done = each(e);
    }
    if (!done) return done.error();
    if (plan.overdraft.bills) {
        bill_sum sum{plan.overdraft};
        for (const debt& d : s.state.rest->debts) {
            if (d.lot) continue;
            const result<money> worth = sum.next(d.open);
            if (!worth) return worth.error();
            done = reader.bill(d.charge, d.action.view(), d.open, *worth);
            if (!done) return done.error();
        }
    }
    return reader.take();
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// Reads a wallet's journal: everything in the report that is not a refusal comes from here.
#pragma once

#include "report.hpp"

#include <coffer/ledger/ledger.hpp>

#include <algorithm>
#include <utility>

/// Adds a journal to a report, and replays it into an empty account on the way.
class journal_reader {
public:
    explicit journal_reader(report& into) : report_{into} {}

    template <class Wallet>
    coffer::result<void> read(const Wallet& wallet) {
        for (bool more = true; more;) {
            auto page = wallet.entries({.after = replayed_.last});
            if (!page) return page.error();
            auto replayed = coffer::replay(page->entries, std::move(replayed_));
            if (!replayed) return replayed.error();
            replayed_ = *std::move(replayed);
            for (const coffer::entry& e : page->entries) add(e);
            more = page->more;
        }
        return {};
    }

    const coffer::account& replayed() const { return replayed_; }

private:
    void add(const coffer::entry& e) {
        ++report_.entries;
        switch (e.kind) {
            case coffer::entry_kind::period_began:
                if (e.counts) report_.periods.push_back({.from = e.from, .until = e.until});
                break;
            case coffer::entry_kind::forfeited:
                increase(report_.periods.back().forfeited, e.amount);
                break;
            case coffer::entry_kind::settled: add_charge(e); break;
            default: break;
        }
    }

    void add_charge(const coffer::entry& e) {
        ++report_.settled;
        report_.input_tokens += e.usage.input_tokens;
        report_.output_tokens += e.usage.output_tokens;
        increase(report_.charged, e.amount);
        period_report& period = report_.periods.back();
        increase(period.charged, e.amount);
        for (const coffer::part& part : e.parts) {
            const bool allowance = part.bucket == "allowance";
            increase(allowance ? period.from_allowance : period.from_package, part.amount);
        }
        keep_largest({e.at, e.usage.input_tokens, e.usage.output_tokens, e.amount});
    }

    void keep_largest(const charge_report& charge) {
        constexpr std::size_t most = 5;
        auto& largest = report_.largest;
        const auto at = std::upper_bound(
            largest.begin(), largest.end(), charge,
            [](const charge_report& a, const charge_report& b) { return a.cost > b.cost; });
        largest.insert(at, charge);
        if (largest.size() > most) largest.pop_back();
    }

    static void increase(coffer::credits& sum, coffer::credits by) { sum = (sum + by).or_throw(); }

    report& report_;
    coffer::account replayed_;
};

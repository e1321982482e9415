/// What a conformance suite found: named checks, each with what was expected and what was there.
/// Needs no test framework; a test of any framework asks `passed()` and prints `to_text()`.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/store/store.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {

/// One rule of a contract, and whether it was kept.
struct conformance_check {
    std::string name{};
    bool passed = true;
    std::string expected{};  ///< Of the first thing that was wrong; else empty.
    std::string found{};

    /// Notes the first thing that is wrong. Returns whether it holds.
    bool expect(bool holds, std::string_view what, std::string_view instead) {
        if (holds || !passed) return holds;
        passed = false;
        expected = what;
        found = instead;
        return false;
    }
};

struct conformance_report {
    std::vector<conformance_check> checks{};

    bool passed() const noexcept {
        return !checks.empty() && std::all_of(checks.begin(), checks.end(),
                                              [](const auto& check) { return check.passed; });
    }
    /// The check of that name; null if there is none.
    const conformance_check* find(std::string_view name) const noexcept {
        for (const conformance_check& check : checks) {
            if (check.name == name) return &check;
        }
        return nullptr;
    }
    /// One line for each check that failed, and one for all.
    std::string to_text() const {
        std::string text;
        std::size_t failed = 0;
        for (const conformance_check& check : checks) {
            if (check.passed) continue;
            ++failed;
            text += check.name + "\n    expected: " + check.expected +
                    "\n    found: " + check.found + "\n";
        }
        return text + std::to_string(checks.size()) + " checks, " + std::to_string(failed) +
               " failed\n";
    }
};

namespace detail {

/// Finds the first field in which two records differ.
class field_finder {
public:
    template <class T>
    field_finder& compare(std::string_view name, const T& a, const T& b) {
        if (name_.empty() && !(a == b)) name_ = name;
        return *this;
    }
    std::string_view name() const noexcept { return name_; }

private:
    std::string_view name_;
};

/// The field in which two entries differ; empty if they are the same.
inline std::string_view difference(const entry& a, const entry& b) {
    if (a == b) return {};
    field_finder fields;
    fields.compare("id", a.id, b.id)
        .compare("kind", a.kind, b.kind)
        .compare("counts", a.counts, b.counts)
        .compare("revokes", a.revokes, b.revokes)
        .compare("refusal", a.refusal, b.refusal)
        .compare("requested_by", a.requested_by, b.requested_by)
        .compare("at", a.at, b.at)
        .compare("event", a.event, b.event)
        .compare("amount", a.amount, b.amount)
        .compare("debt", a.debt, b.debt)
        .compare("uncollected", a.uncollected, b.uncollected)
        .compare("after", a.after, b.after)
        .compare("about", a.about, b.about)
        .compare("parts", a.parts, b.parts)
        .compare("usage", a.usage, b.usage)
        .compare("member", a.member, b.member)
        .compare("resource", a.resource, b.resource)
        .compare("request", a.request, b.request)
        .compare("content", a.content, b.content)
        .compare("terms", a.terms, b.terms)
        .compare("before", a.before, b.before)
        .compare("order", a.order, b.order)
        .compare("rolled_after", a.rolled_after, b.rolled_after)
        .compare("since_anchor", a.since_anchor, b.since_anchor)
        .compare("from", a.from, b.from)
        .compare("until", a.until, b.until)
        .compare("tolerance", a.tolerance, b.tolerance)
        .compare("owed", a.owed, b.owed)
        .compare("contested", a.contested, b.contested)
        .compare("zone", a.zone, b.zone)
        .compare("plan", a.plan, b.plan)
        .compare("alerts", a.alerts, b.alerts)
        .compare("limits", a.limits, b.limits)
        .compare("allowance", a.allowance, b.allowance)
        .compare("prices", a.prices, b.prices)
        .compare("purchase", a.purchase, b.purchase)
        .compare("settings", a.settings, b.settings);
    return fields.name().empty() ? "a field without a name here" : fields.name();
}

/// The field in which two accounts differ; empty if they are the same.
inline std::string_view difference(const account& a, const account& b) {
    if (a == b) return {};
    field_finder fields;
    fields.compare("last", a.last, b.last)
        .compare("time", a.time, b.time)
        .compare("next_due", a.next_due, b.next_due)
        .compare("period_from", a.period_from, b.period_from)
        .compare("totals", a.totals, b.totals)
        .compare("used", a.used, b.used)
        .compare("order", a.order, b.order)
        .compare("burning", a.burning, b.burning)
        .compare("lots", a.rest->lots, b.rest->lots)
        .compare("pending", a.rest->pending, b.rest->pending)
        .compare("holds", a.rest->holds, b.rest->holds)
        .compare("debts", a.rest->debts, b.rest->debts)
        .compare("claims", a.rest->claims, b.rest->claims)
        .compare("cycles", a.rest->cycles, b.rest->cycles)
        .compare("carries", a.rest->carries, b.rest->carries)
        .compare("alerts", a.rest->alerts, b.rest->alerts)
        .compare("armed", a.rest->armed, b.rest->armed)
        .compare("raised", a.rest->raised, b.rest->raised)
        .compare("floor", a.floor, b.floor)
        .compare("limits", *a.rest->limits, *b.rest->limits)
        .compare("counters", a.counters, b.counters)
        .compare("subscription", *a.rest->subscription, *b.rest->subscription)
        .compare("orders", a.rest->orders, b.rest->orders)
        .compare("purchases", *a.rest->purchases, *b.rest->purchases)
        .compare("settings", *a.rest->settings, *b.rest->settings);
    return fields.name().empty() ? "its details" : fields.name();
}

/// What two journals differ in first; empty if they are the same.
inline std::string difference(const std::vector<entry>& found, const std::vector<entry>& wanted) {
    for (std::size_t i = 0; i < found.size() && i < wanted.size(); ++i) {
        if (std::string_view field = difference(found[i], wanted[i]); !field.empty()) {
            return "entry " + std::to_string(found[i].id.value()) + " in place of " +
                   std::to_string(wanted[i].id.value()) + ", other in '" + std::string{field} + "'";
        }
    }
    if (found.size() == wanted.size()) return {};
    return std::to_string(found.size()) + " entries in place of " + std::to_string(wanted.size());
}

}  // namespace detail
}  // namespace testing
}  // namespace v0
}  // namespace coffer

/// Spending limits: what each counts, in which window, and what they refuse or warn of.
#include "wallet.hpp"

#include <algorithm>

namespace model {

static char const* name_of(label key) {
    switch (key) {
        case label::member: return "member";
        case label::action: return "action";
        case label::resource: return "resource";
        case label::tag: break;
    }
    return "tag";
}

static std::vector<std::string> values_of(label key, labels const& of) {
    auto one = [](std::optional<std::string> const& value) {
        return value ? std::vector<std::string>{*value} : std::vector<std::string>{};
    };
    switch (key) {
        case label::member: return one(of.member);
        case label::action: return one(of.action);
        case label::resource: return one(of.resource);
        case label::tag: break;
    }
    return of.tags;
}

/// Under which values the limit counts a spend: of "*" each by itself, else its path or none.
std::vector<std::string> wallet::counted_by(limit_rule const& limit, labels const& of) const {
    std::vector<std::string> values;
    for (std::string const& value : values_of(limit.key, of)) {
        bool known = std::find(values.begin(), values.end(), value) != values.end();
        if (!known) values.push_back(value);
    }
    if (limit.is_of_each()) return values;
    if (limit.key == label::action && of.action) {
        if (!of.category.empty()) values.push_back(of.category);
    }
    for (std::string const& value : values) {
        if (lies_below(value, limit.path)) return {limit.path};
    }
    return {};
}

/// The account's period in which an event lies; what was before all of them is one.
stretch wallet::period_of(instant event) const {
    stretch found{INT64_MIN, INT64_MAX};
    for (auto begin = period_begins_.rbegin(); begin != period_begins_.rend(); ++begin) {
        if (*begin <= event) return {*begin, found.end};
        found.end = std::min(found.end, *begin);
    }
    return found;
}

stretch wallet::window_of(window per, instant event) const {
    switch (per) {
        case window::day: return day_of(event, *rules_->in);
        case window::week: return week_of(event, *rules_->in);
        case window::period: return period_of(event);
        case window::draw:
        case window::ever: break;
    }
    return {INT64_MIN, INT64_MAX};
}

/// Spent less refunded and held under a value, in the window of the event.
wide wallet::counted(limit_rule const& limit, std::string const& value, instant event,
                     hold_record const* but) const {
    if (limit.per == window::draw) return 0;
    stretch within = window_of(limit.per, event);
    auto counts = [&](labels const& of, instant at) {
        auto values = counted_by(limit, of);
        bool is_named = std::find(values.begin(), values.end(), value) != values.end();
        return is_named && at >= within.begin && at < within.end;
    };
    wide sum = 0;
    for (charge_record const& charge : charges_) {
        if (counts(charge.of, charge.event)) sum += charge.cost - charge.refunded;
    }
    for (std::size_t i : open_holds_) {
        hold_record const& hold = holds_[i];
        if (&hold != but && counts(hold.of, hold.event)) sum += hold.reserved;
    }
    return sum;
}

/// Refuses what a hard limit does not allow; returns what the others warn of if it goes ahead.
std::vector<std::string> wallet::check_limits(labels const& of, wide cost, instant event,
                                              hold_record const* settled) const {
    std::vector<std::string> warnings;
    for (limit_rule const& limit : rules_->limits) {
        for (std::string const& value : counted_by(limit, of)) {
            if (counted(limit, value, event, settled) + cost <= limit.amount) continue;
            if (!limit.warns) throw refusal{errc::limit_exceeded};
            warnings.push_back(std::string("limit:") + name_of(limit.key) + ":" + value);
        }
    }
    return warnings;
}

/// Where the plan refuses what names no member, a hard limit on members does.
void wallet::check_named(labels const& of) const {
    if (!rules_->refuses_unnamed || of.member) return;
    for (limit_rule const& limit : rules_->limits) {
        if (limit.key == label::member && !limit.warns) throw refusal{errc::limit_exceeded};
    }
}

}  // namespace model

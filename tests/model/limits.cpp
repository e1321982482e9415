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

/// Whether labels are taken for paths: where a limit of the plan or of its customer looks at them,
/// and all of them where customers may have limits of their own.
void wallet::check_paths(reader& r, labels const& of) const {
    for (label key : {label::member, label::action, label::resource, label::tag}) {
        bool matters = rules_->choices.limits > 0;
        for (limit_in_force const& limit : limits_) matters |= limit.rule.paths.count(key) != 0;
        if (!matters) continue;
        for (std::string const& value : values_of(key, of)) {
            if (!is_path(value)) r.wrong.add(errc::invalid_argument);
        }
    }
}

/// The values of one label under which a limit counts: of "*" each by itself, else its path if it
/// matches.
static std::vector<std::string> counted_values(label key, std::string const& path,
                                               labels const& of) {
    std::vector<std::string> values;
    for (std::string const& value : values_of(key, of)) {
        bool known = std::find(values.begin(), values.end(), value) != values.end();
        if (!known) values.push_back(value);
    }
    if (path == "*") return values;
    if (key == label::action && of.action && !of.category.empty()) values.push_back(of.category);
    for (std::string const& value : values) {
        if (lies_below(value, path)) return {path};
    }
    return {};
}

/// What the limit counts a spend as, "member:ada,tag:batch"; nothing if it does not.
std::vector<std::string> wallet::counted_by(limit_rule const& limit, labels const& of) const {
    if (limit.paths.empty()) return {"budget"};
    std::vector<std::string> subjects{""};
    for (auto const& [key, path] : limit.paths) {
        std::vector<std::string> longer;
        for (std::string const& subject : subjects) {
            for (std::string const& value : counted_values(key, path, of)) {
                std::string const begin = subject.empty() ? "" : subject + ",";
                longer.push_back(begin + name_of(key) + ":" + value);
            }
        }
        subjects = longer;
    }
    return subjects;
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

/// Spent less refunded and held by that name, in the window of the event.
wide wallet::counted(limit_in_force const& limit, std::string const& subject, instant event,
                     hold_record const* but) const {
    if (limit.rule.per == window::draw) return 0;
    stretch within = window_of(limit.rule.per, event);
    auto counts = [&](labels const& of, instant at) {
        if (at < within.begin || at >= within.end) return false;
        auto subjects = counted_by(limit.rule, of);
        return std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
    };
    wide sum = 0;
    for (std::size_t i = limit.first_charge; i < charges_.size(); ++i) {
        charge_record const& charge = charges_[i];
        if (counts(charge.of, charge.event)) sum += charge.cost - charge.refunded;
    }
    for (std::size_t i : open_holds_) {
        hold_record const& hold = holds_[i];
        bool is_counted = i >= limit.first_hold && &hold != but;
        if (is_counted && counts(hold.of, hold.event)) sum += hold.reserved;
    }
    return sum;
}

/// Refuses what a hard limit does not allow; returns what the others warn of if it goes ahead.
std::vector<std::string> wallet::check_limits(labels const& of, wide cost, instant event,
                                              hold_record const* settled) const {
    std::vector<std::string> warnings;
    for (limit_in_force const& limit : limits_) {
        for (std::string const& subject : counted_by(limit.rule, of)) {
            if (counted(limit, subject, event, settled) + cost <= limit.rule.amount) continue;
            if (!limit.rule.warns) throw refusal{errc::limit_exceeded};
            warnings.push_back("limit:" + subject);
        }
    }
    return warnings;
}

/// Where the plan refuses what names no member, a hard limit on members does, if all else that it
/// looks at matches.
void wallet::check_named(labels const& of) const {
    if (!rules_->refuses_unnamed || of.member) return;
    for (limit_in_force const& limit : limits_) {
        limit_rule others = limit.rule;
        if (others.warns || others.paths.erase(label::member) == 0) continue;
        if (!counted_by(others, of).empty()) throw refusal{errc::limit_exceeded};
    }
}

}  // namespace model

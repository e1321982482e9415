/// Whether limits let a spend pass: which of them count it, in which window, and under which value.
/// It is decided in the step in which the lots are, and counted in the same entry.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/limit_record.hpp>
#include <coffer/ledger/limit_window.hpp>
#include <coffer/ledger/terms.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a spend is about, as limits see it.
struct spend_labels {
    std::string_view member{};
    std::string_view action{};
    std::string_view category{};  ///< Of the action, by the plan.
    std::string_view resource{};
    std::string_view tags{};
    // Limits ask these more than once.
    bool member_is_path = is_path(member);
    bool action_is_path = is_path(action);
    bool resource_is_path = is_path(resource);
};

/// A spend that limits are asked about.
struct limited_spend {
    spend_labels labels{};
    credits cost{};    ///< Its price.
    timespan reach{};  ///< How far back an event may lie.
    /// What it is that is settled. Then no limit refuses what comes to no more than was held.
    const hold* settled = nullptr;

    bool is_held() const noexcept { return settled && cost <= settled->amount; }
};

/// A limit that counts a spend under a value.
struct limit_match {
    std::size_t place = 0;     ///< Of the limit, in the account's list.
    std::string_view value{};  ///< What stands for each "*" of it, a line each.
    time_window in{};
    const limit_counter* counter = nullptr;  ///< Null where nothing was counted yet.
    int128 counted = 0;                      ///< Spent and held, without what is settled.
};

/// The limits that count a spend, in their order.
struct limit_matches {
    inline_vector<limit_match, 2> all{};
    std::vector<std::unique_ptr<const std::string>> joined{};  ///< Values of several lines.
};

template <class F>
void each_tag(std::string_view tags, F&& f) {
    while (!tags.empty()) {
        const std::size_t end = std::min(tags.find(','), tags.size());
        if (end > 0) f(tags.substr(0, end));
        tags.remove_prefix(std::min(end + 1, tags.size()));
    }
}

/// Whether a path of a limit, which is not "*", has one of its values in a spend.
inline bool names(const limit_key& key, std::string_view path, const spend_labels& of) noexcept {
    if (key.path == &limit_terms::member) return lies_in(of.member, path);
    if (key.path == &limit_terms::resource) return lies_in(of.resource, path);
    if (key.path == &limit_terms::action) {
        return lies_in(of.action, path) || lies_in(of.category, path);
    }
    bool any = false;
    each_tag(of.tags, [&](std::string_view tag) { any = any || lies_in(tag, path); });
    return any;
}

/// Calls `f(value)` for the values of a spend of which a limit counts each by itself.
template <class F>
void each_value_of(const limit_key& key, const spend_labels& of, F&& f) {
    const auto give = [&](std::string_view value, bool path) {
        if (path && value.size() <= limit_path::max_size) f(value);
    };
    if (key.path == &limit_terms::member) return give(of.member, of.member_is_path);
    if (key.path == &limit_terms::action) return give(of.action, of.action_is_path);
    if (key.path == &limit_terms::resource) return give(of.resource, of.resource_is_path);
    each_tag(of.tags, [&](std::string_view tag) {
        bool known = false;  // earlier in the list
        each_tag(of.tags.substr(0, static_cast<std::size_t>(tag.data() - of.tags.data())),
                 [&](std::string_view earlier) { known = known || earlier == tag; });
        if (!known) give(tag, is_path(tag));
    });
}

/// Whether a limit counts a spend under any value.
inline bool counts(const limit_terms& t, const spend_labels& of) noexcept {
    return std::all_of(std::begin(limit_keys), std::end(limit_keys), [&](const limit_key& key) {
        const std::string_view path = (t.*key.path).view();
        if (path.empty()) return true;
        if (path != each_value) return names(key, path, of);
        bool any = false;
        each_value_of(key, of, [&](std::string_view) { any = true; });
        return any;
    });
}

/// Calls `f(value)` for each value under which a limit counts a spend that it counts: one that is
/// empty for a limit without "*". Of a limit with several, a value lasts no longer than the call.
/// `begun`: what stands for the keys before `key`.
template <class F>
void each_counted_value(const limit_terms& t, const spend_labels& of, F&& f, std::size_t key = 0,
                        std::string_view begun = {}) {
    while (key < std::size(limit_keys) && (t.*limit_keys[key].path).view() != each_value) ++key;
    if (key == std::size(limit_keys)) return f(begun);
    each_value_of(limit_keys[key], of, [&](std::string_view value) {
        if (begun.empty()) return each_counted_value(t, of, f, key + 1, value);
        const std::string longer = std::string{begun} + '\n' + std::string{value};
        each_counted_value(t, of, f, key + 1, longer);
    });
}

/// What a limit is called where it refuses or warns: `member:design/bot-7,action:chat`.
inline std::string name_of(const limit_terms& t, std::string_view value) {
    std::string name;
    for (const limit_key& key : limit_keys) {
        std::string_view path = (t.*key.path).view();
        if (path.empty()) continue;
        if (path == each_value) {
            path = value.substr(0, value.find('\n'));
            value.remove_prefix(std::min(path.size() + 1, value.size()));
        }
        if (!name.empty()) name += ',';
        name.append(key.name).append(":").append(path);
    }
    return name.empty() ? label_of(t) : name;
}

/// What a counter has counted, without what is settled now.
inline int128 counted_in(const limit_counter& c, const hold* settled) noexcept {
    int128 sum = int128{c.spent.micros()} + c.held.micros();
    if (!settled) return sum;
    const counter_list& in = settled->counted;
    if (std::find(in.begin(), in.end(), c.id) != in.end()) sum -= settled->amount.micros();
    return sum;
}

/// Whether limits of a plan may have anything to say of a spend; then they are asked.
inline bool may_count(const plan_terms& plan, const spend_labels& of) noexcept {
    const bool unnamed = plan.refuses_unnamed && of.member.empty();
    return std::any_of(plan.limits.begin(), plan.limits.end(), [&](const limit_terms& t) {
        return (unnamed && !t.member.empty()) || counts(t, of);
    });
}

/// The limits that count a spend, in their order.
/// Errors: `too_many` for more than `max_counters_of_spend`; those of `window_of`.
inline result<limit_matches> matches_of(attempt& s, const plan_terms& plan,
                                        const limited_spend& spend) {
    limit_matches found;
    const limit_list& limits = *s.state.rest->limits;
    for (std::size_t place = 0; place < limits.size(); ++place) {
        const limit_terms& t = limits[place].terms;
        if (!counts(t, spend.labels)) continue;
        const result<time_window> in = window_of(s, plan, t.per);
        if (!in) return in.error();
        bool room = true;
        const bool joins = values_of(t) > 1;
        each_counted_value(t, spend.labels, [&](std::string_view value) {
            room = room && found.all.size() < max_counters_of_spend;
            if (!room) return;
            if (joins) {
                found.joined.push_back(std::make_unique<const std::string>(value));
                value = *found.joined.back();
            }
            limit_match m{.place = place, .value = value, .in = *in};
            if (t.per != window::draw) {
                m.counter = find_counter(s.state, limits[place].number, in->from, m.value);
            }
            if (m.counter) m.counted = counted_in(*m.counter, spend.settled);
            found.all.push_back(m);
        });
        if (!room) return errc::too_many;
    }
    return found;
}

/// A refusal by a limit. The attempt keeps its whole name.
inline error refused_by(attempt& s, const limit_refusal& by, const limited_spend& spend,
                        credits accepted) {
    s.limit_refused = s.keep(pack(by));
    return error{errc::limit_exceeded}
        .with_amounts(spend.cost, accepted)
        .about(by.name)
        .of_limit(by.level, by.until.time_since_epoch().count());
}

/// The first hard limit that a spend does not keep, with the most that all of them would accept.
inline result<void> check_limits(attempt& s, const limit_matches& matches,
                                 const limited_spend& spend) {
    const limit_list& limits = *s.state.rest->limits;
    const limit_match* first = nullptr;
    int128 most = int128{credits::max().micros()};
    for (const limit_match& m : matches.all) {
        const limit_terms& t = limits[m.place].terms;
        if (t.warn) continue;
        const int128 left = t.amount.micros() - m.counted;
        most = std::min(most, left);
        if (!first && spend.cost.micros() > left) first = &m;
    }
    if (!first) return {};
    if (spend.settled) most = std::max(most, int128{spend.settled->amount.micros()});
    const credits accepted =
        credits::from_micros(static_cast<std::int64_t>(std::max<int128>(most, 0)));
    const limit_terms& t = limits[first->place].terms;
    const std::string name = name_of(t, first->value);
    return refused_by(s, {name, t.amount, first->in.until}, spend, accepted);
}

/// Whether a spend that names no member is refused: a hard limit on members would count it if it
/// named the right one.
inline result<void> check_named(attempt& s, const plan_terms& plan, const limited_spend& spend) {
    if (!plan.refuses_unnamed || spend.settled || !spend.labels.member.empty()) return {};
    for (const limit_in_force& l : *s.state.rest->limits) {
        if (l.terms.warn || l.terms.member.empty()) continue;
        limit_terms others = l.terms;
        others.member = {};
        if (!counts(others, spend.labels)) continue;
        const std::string name = "member:" + std::string{l.terms.member.view()};
        return refused_by(s, {name, l.terms.amount, never}, spend, {});
    }
    return {};
}

/// What the limits that warn raise about a spend, a line each.
inline std::string warnings_of(const account& a, const limit_matches& matches,
                               const limited_spend& spend) {
    std::string all;
    if (spend.is_held()) return all;
    for (const limit_match& m : matches.all) {
        const limit_terms& t = (*a.rest->limits)[m.place].terms;
        if (!t.warn || m.counted + spend.cost.micros() <= t.amount.micros()) continue;
        if (!all.empty()) all += '\n';
        all.append(limit_alert).append(name_of(t, m.value));
    }
    return all;
}

/// The counters of windows that no event can reach any more, the oldest first.
inline counter_list stale_counters(const attempt& s, const plan_terms& plan, timespan reach,
                                   const limit_matches& matches) {
    counter_list stale;
    const window_reach reached{s, plan, reach};
    for (const limit_counter& c : s.state.counters) {
        if (stale.size() == max_counters_of_spend) break;
        if (!c.held.is_zero() || !reached.is_over(c)) continue;
        const auto is_counted = [&](const limit_match& m) { return m.counter == &c; };
        if (std::none_of(matches.all.begin(), matches.all.end(), is_counted)) {
            stale.push_back(c.id);
        }
    }
    return stale;
}

/// What a spend changes of the counters. The texts are those of the matches.
/// Errors: `too_many` where a counter is missing and there is no room for it, but for a settle,
/// which that limit then does not count; `amount_overflow`.
inline result<counter_changes> changes_of(const attempt& s, const plan_terms& plan,
                                          const limit_matches& matches,
                                          const limited_spend& spend) {
    counter_changes c{.first = s.state.rest->counters_made + 1};
    const limit_list& limits = *s.state.rest->limits;
    for (const limit_match& m : matches.all) {
        const limit_in_force& l = limits[m.place];
        if (l.terms.per == window::draw) continue;
        const int128 sum = m.counted + spend.cost.micros();
        if (sum > credits::max().micros()) return errc::amount_overflow;
        if (m.counter) {
            c.changed.push_back(m.counter->id);
            continue;
        }
        if (spend.cost.is_zero()) continue;  // nothing is to be counted
        const auto same = [&](const fresh_counter& f) {
            return f.limit == l.number && f.value == m.value;
        };
        if (std::any_of(c.begun.begin(), c.begun.end(), same)) continue;
        c.begun.push_back({l.number, m.in.from, m.in.until, m.value});
    }
    std::sort(c.changed.begin(), c.changed.end());
    c.changed.shrink_to(std::unique(c.changed.begin(), c.changed.end()));
    if (c.begun.empty()) return c;
    c.dropped = stale_counters(s, plan, spend.reach, matches);
    const std::size_t room = max_counters - (s.state.counters.size() - c.dropped.size());
    const std::uint32_t numbers =
        std::numeric_limits<std::uint32_t>::max() - s.state.rest->counters_made;
    if (c.begun.size() <= room && numbers > 2 * max_counters_of_spend) return c;
    if (!spend.settled) return errc::too_many;
    c.begun.clear();
    c.dropped.clear();
    return c;
}

/// Whether what a limit looks at is a path, where it is said.
inline bool sees_paths(const limit_terms& t, const spend_labels& of) noexcept {
    const auto sound = [](const limit_path& looked_at, std::string_view said, bool path) {
        return path || looked_at.empty() || said.empty();
    };
    bool all = sound(t.member, of.member, of.member_is_path) &&
               sound(t.action, of.action, of.action_is_path) &&
               sound(t.resource, of.resource, of.resource_is_path);
    if (t.tag.empty()) return all;
    each_tag(of.tags, [&](std::string_view tag) { all = all && is_path(tag); });
    return all;
}

/// The same for all limits that hold.
inline bool sees_paths(const account& a, const spend_labels& of) noexcept {
    const limit_list& limits = *a.rest->limits;
    return std::all_of(limits.begin(), limits.end(),
                       [&](const limit_in_force& l) { return sees_paths(l.terms, of); });
}

/// As below, where limits hold.
template <class Decide>
result<void> decide_counted(attempt& s, const plan_terms& plan, const limited_spend& spend,
                            entry& e, Decide&& decide) {
    // A plan's own limits were asked before; those of a higher revision hold all the same.
    const bool asked = spend.settled || !is_beyond(s.state, plan.revision);
    if (!asked && !sees_paths(s.state, spend.labels)) return errc::invalid_argument;
    const result<limit_matches> matches = matches_of(s, plan, spend);
    if (!matches && s.lacks) return matches.error();
    const result<void> decided = decide(e);
    if (!decided && decided.error().code() < errc::too_many) return decided;
    if (!matches) return matches.error();
    const result<counter_changes> changes = changes_of(s, plan, *matches, spend);
    if (!changes && (decided || changes.error().code() < decided.error().code())) {
        return changes.error();
    }
    if (!decided && decided.error().code() < errc::limit_exceeded) return decided;
    if (auto named = check_named(s, plan, spend); !named) return named;
    if (!spend.is_held()) {
        if (auto within = check_limits(s, *matches, spend); !within) {
            error why = within.error();
            if (!decided && decided.error().acceptable() < why.acceptable()) {
                why.with_amounts(why.required(), decided.error().acceptable());
            }
            return why;
        }
    }
    if (!decided) return decided;
    if (e.amount.is_positive()) e.limits = s.keep_bytes(pack(*changes));
    if (std::string raised = warnings_of(s.state, *matches, spend); !raised.empty()) {
        e.alerts = raising(s.state, s.keep(std::move(raised)));
    }
    return {};
}

/// Decides a spend by `decide(entry&)` within the limits that hold, and counts it. `seen()`: how
/// they see it. Requires: the account follows the plan.
/// Errors: the gravest of those of the decision and of the limits: `limit_exceeded`, about the
/// limit, with the most that would be accepted; `too_many`; `amount_overflow`.
template <class Seen, class Decide>
result<void> decide_within_limits(attempt& s, const plan_terms& plan, Seen&& seen, entry& e,
                                  Decide&& decide) {
    if (!is_limited(s.state)) return decide(e);
    return decide_counted(s, plan, seen(), e, decide);
}

/// What a refund takes back from the counters of its spend; those that are gone need it no more.
inline std::string give_back_counted(const account& a, const entry& spent) {
    counter_changes c;
    for (counter_id id : counted_by(spent)) {
        if (find_counter(a, id)) c.changed.push_back(id);
    }
    std::sort(c.changed.begin(), c.changed.end());
    return pack(c);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

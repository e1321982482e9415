/// The verb by which a customer chooses: configure.
#pragma once

#include <coffer/ledger/choice.hpp>
#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/perform/subscription.hpp>
#include <coffer/policy/choices.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Goes back to what the plan has where nothing is chosen.
struct as_planned_t {
    explicit constexpr as_planned_t() noexcept = default;
};
inline constexpr as_planned_t as_planned{};

/// Chooses to have none.
struct without_t {
    explicit constexpr without_t() noexcept = default;
};
inline constexpr without_t without{};

namespace detail {

/// What a member of a choice says.
enum class choice_said : std::uint8_t { no, as_planned, chosen };

}  // namespace detail

/// A list that may be chosen, and takes the place of the one that was; left out it stays.
template <class T>
class chosen_list {
public:
    chosen_list() noexcept = default;
    chosen_list(as_planned_t) noexcept : said_{detail::choice_said::as_planned} {}
    chosen_list(without_t) noexcept : said_{detail::choice_said::chosen} {}
    chosen_list(std::initializer_list<T> list) : list_(list), said_{detail::choice_said::chosen} {}
    chosen_list(std::vector<T> list) noexcept
        : list_{std::move(list)}, said_{detail::choice_said::chosen} {}

    detail::choice_said said() const noexcept { return said_; }
    const std::vector<T>& list() const noexcept { return list_; }

private:
    std::vector<T> list_;
    detail::choice_said said_ = detail::choice_said::no;
};

/// A value that may be chosen, and takes the place of the one that was; left out it stays.
template <class T>
class chosen {
public:
    chosen() noexcept = default;
    chosen(as_planned_t) noexcept : said_{detail::choice_said::as_planned} {}
    chosen(without_t) noexcept : said_{detail::choice_said::chosen} {}
    chosen(T value) : value_{std::move(value)}, said_{detail::choice_said::chosen} {}

    detail::choice_said said() const noexcept { return said_; }
    const std::optional<T>& value() const noexcept { return value_; }

private:
    std::optional<T> value_{};
    detail::choice_said said_ = detail::choice_said::no;
};

/// What a customer chooses; what is left out stays as it is.
struct configure_request {
    chosen_list<alert> alerts{};
    chosen_list<limit> limits{};
    chosen<coffer::budget> budget{};
    chosen<recharge_setting> recharge{};  ///< `without` switches it off.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

namespace detail {

/// Whether alerts that are chosen make sense. Errors: `unknown_bucket`, `invalid_argument`.
inline result<void> check_alerts_of(const compiled_plan& plan, const configure_request& r) {
    const std::vector<alert>& all = r.alerts.list();
    for (const alert& a : all) {
        for (const std::string& b : a.of) {
            if (!plan.find(b)) return error{errc::unknown_bucket}.about(b);
        }
    }
    for (const alert& a : all) {
        const auto same = [&](const alert& other) { return other.name == a.name; };
        if (std::count_if(all.begin(), all.end(), same) != 1 || !is_alert(terms_of(a))) {
            return error{errc::invalid_argument}.about(a.name).in(
                "alerts", "have a name each, of 1 to 63 bytes, and a level");
        }
    }
    return {};
}

/// Whether what else is chosen makes sense. Errors: `invalid_argument`.
inline result<void> check_rest_of(const configure_request& r) {
    for (const limit& l : r.limits.list()) {
        if (is_limit(terms_of(l))) continue;
        return error{errc::invalid_argument}.in("limits", "look at a path, and are not below zero");
    }
    if (r.budget.value() && !is_budget(terms_of(*r.budget.value()))) {
        return error{errc::invalid_argument}.in("budget", "is not below zero");
    }
    if (const auto& recharge = r.recharge.value()) {
        const bool sound = recharge->offer.size() <= offer_name::max_size &&
                           !(recharge->threshold && recharge->threshold->is_negative()) &&
                           !(recharge->monthly_limit && (recharge->monthly_limit->is_negative() ||
                                                         recharge->monthly_limit->is_none()));
        if (!sound) {
            return error{errc::invalid_argument}.in(
                "recharge", "has an offer of at most 63 bytes, and nothing below zero");
        }
    }
    const bool says_nothing =
        r.alerts.said() == choice_said::no && r.limits.said() == choice_said::no &&
        r.budget.said() == choice_said::no && r.recharge.said() == choice_said::no;
    return says_nothing ? result<void>{error{errc::invalid_argument}.because("nothing is chosen")}
                        : result<void>{};
}

/// What was chosen, with what a request says of it. Requires: that makes sense.
inline choice_set with_choices(choice_set all, const configure_request& r) {
    const auto says = [](choice_said said, bool before) {
        return said == choice_said::no ? before : said == choice_said::chosen;
    };
    if (r.alerts.said() != choice_said::no) {
        all.alerts.clear();
        for (const alert& a : r.alerts.list()) {
            all.alerts.push_back(terms_of(a));
            all.alerts.back().own = true;
        }
    }
    if (r.limits.said() != choice_said::no) {
        all.limits.clear();
        for (const limit& l : r.limits.list()) all.limits.push_back(terms_of(l));
    }
    if (r.budget.said() != choice_said::no) {
        all.budget.reset();
        if (r.budget.value()) all.budget = terms_of(*r.budget.value());
    }
    if (r.recharge.said() != choice_said::no) {
        all.recharge = {};
        if (r.recharge.value()) {
            all.recharge = terms_of(*r.recharge.value());
        } else if (r.recharge.said() == choice_said::chosen) {
            all.recharge.on = false;
        }
    }
    all.says_alerts = says(r.alerts.said(), all.says_alerts);
    all.says_limits = says(r.limits.said(), all.says_limits);
    all.says_budget = says(r.budget.said(), all.says_budget);
    all.says_recharge = says(r.recharge.said(), all.says_recharge);
    return all;
}

/// Whether the plan allows what a request chooses. Errors: `choice_refused` about what it does not.
inline result<void> check_allowed(const plan_terms& plan, const configure_request& r) {
    const choice_rules& rules = plan.choices;
    const auto refused = [](std::string_view what) {
        return result<void>{error{errc::choice_refused}.about(what)};
    };
    const auto chooses = [](choice_said said) { return said == choice_said::chosen; };
    if (chooses(r.alerts.said()) && rules.alerts == 0) return refused("alerts");
    if (chooses(r.limits.said()) && rules.limits == 0) return refused("limits");
    if (chooses(r.budget.said()) && !rules.budget) return refused("budget");
    if (chooses(r.recharge.said()) && !rules.recharge) return refused("recharge");
    std::string first;
    const choice_set asked = with_choices({}, r);
    const choice_set left = allowed_by(plan, asked, [&](const std::string& name) {
        if (first.empty()) first = name;
    });
    return left == asked ? result<void>{} : refused(first);
}

inline void add_to(content& said, const limit_terms& t) {
    for (const limit_key& key : limit_keys) said.add((t.*key.path).view());
    said.add(static_cast<std::uint64_t>(t.per)).add(t.amount).add(std::uint64_t{t.warn});
}

inline std::uint64_t content_of(const configure_request& r) {
    content said{"configure"};
    const auto begin = [&](choice_said how, std::size_t count) {
        said.add(static_cast<std::uint64_t>(how)).add(std::uint64_t{count});
    };
    begin(r.alerts.said(), r.alerts.list().size());
    for (const alert& a : r.alerts.list()) {
        said.add(a.name).add(a.at.value()).add(std::uint64_t{a.at.is_share()});
        said.add(std::uint64_t{a.once_per_period}).add(std::uint64_t{a.of.size()});
        for (const std::string& bucket : a.of) said.add(bucket);
    }
    begin(r.limits.said(), r.limits.list().size());
    for (const limit& l : r.limits.list()) add_to(said, terms_of(l));
    begin(r.budget.said(), r.budget.value() ? 1 : 0);
    if (r.budget.value()) add_to(said, terms_of(*r.budget.value()));
    begin(r.recharge.said(), r.recharge.value() ? 1 : 0);
    if (const auto& recharge = r.recharge.value()) {
        said.add(std::uint64_t{recharge->on}).add(recharge->offer);
        said.add(recharge->threshold).add(recharge->monthly_limit);
    }
    return said.value();
}

inline result<receipt> configure(engine& by, const target& wallet, const configure_request& r) {
    const auto check = [&](const compiled_plan& plan, instant) -> result<void> {
        return gravest(check_alerts_of(plan, r), check_rest_of(r));
    };
    const auto decide = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        if (auto sound = check(plan, s.event); !sound) return sound;
        if (auto allowed = check_allowed(plan, r); !allowed) return allowed;
        const choice_set& before = s.state.rest->settings->chosen;
        const choice_set after = with_choices(before, r);
        if (after == before) return note_nothing(s);
        const std::string_view packed = s.keep(pack(after));
        const bool anew = is_beyond(s.state, plan.revision);
        auto chosen = s.add_primary(
            [&](entry& e) { return decide_choice(s.state, packed, anew, s.when(), e); });
        if (!chosen) return chosen;
        if (auto buys = recharge_for(s, plan); buys && !is_recharge(*buys)) {
            return error{errc::choice_refused}
                .about("recharge")
                .because("the pack is not sold, or not in the money of the monthly limit");
        }
        return adopt_lists(s, plan, s.now);
    };
    return by.perform(
        wallet,
        {.id = r.request, .by = {verb::configure, r, wallet}, .content = content_of(r), .at = r.at},
        {check, decide});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

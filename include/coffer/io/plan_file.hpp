/// Reads a plan from JSON. Include it where plans stand in files or in a database; what a plan file
/// says is described in docs/runtime-plans.md.
///
///     const auto pro = coffer::load_plan("plans/pro.json");
///     if (!pro) return pro.error().text();   // plan.buckets[0].rollover.hop: there is no such key
///     book.add("pro", *pro);
///
/// Amounts, quantities, rates and money are texts, so that they are exact. A key that is not
/// defined is an error. Needs nlohmann-json: link `coffer::json`.
#pragma once

#include <coffer/base/detail/file.hpp>
#include <coffer/io/detail/access_reader.hpp>
#include <coffer/io/detail/cost_reader.hpp>
#include <coffer/io/json_reader.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/plan/any.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace coffer {
inline namespace v0 {

namespace detail {

/// Reads the parts of a plan.
class plan_file_reader : public cost_reader {
public:
    any_plan plan(const json_place& at) {
        any_plan_parts parts{.cost = cost_table{},
                             .buckets = {},
                             .overdraft = overdraft::deny{},
                             .access = access::anyone{}};
        if (!object(at, {"zone", "buckets", "costs", "spend_order", "overdraft", "debt_at_reset",
                         "alerts", "recharge", "limits", "unnamed", "refusals", "late", "clawback",
                         "subscription", "catalogue", "choices", "revision", "access", "unit"})) {
            return parts;
        }
        if (const auto p = at["zone"]) parts.zone = zone(p);
        if (const auto p = at["buckets"]) {
            for (const json_place& each : elements(p)) parts.buckets.push_back(bucket(each));
        }
        if (const auto p = at["costs"]) parts.cost = costs(p);
        if (const auto p = at["spend_order"]) parts.order = spend_order(p);
        if (const auto p = at["overdraft"]) parts.overdraft = overdraft_of(p);
        if (const auto p = at["debt_at_reset"]) {
            parts.debt_at_reset = choice<any_debt_at_reset>(
                p, {{"keep", debt_at_reset::keep{}}, {"drop", debt_at_reset::drop{}}});
        }
        if (const auto p = at["refusals"]) {
            parts.refusals = choice<any_refusals>(
                p, {{"retry", refusals::retry{}}, {"sticky", refusals::sticky{}}});
        }
        if (const auto p = at["late"]) parts.late.back = duration(p);
        if (const auto p = at["clawback"]) {
            parts.clawback = choice<any_clawback>(p, {{"refuse", clawback::refuse{}},
                                                      {"clamp", clawback::clamp{}},
                                                      {"negative", clawback::negative{}}});
        }
        if (const auto p = at["alerts"]) parts.alerts = alerts_of(p, parts.buckets);
        if (const auto p = at["recharge"]) parts.recharge = recharge_of(p, parts.buckets);
        if (const auto p = at["limits"]) parts.limits = limits_of(p);
        if (const auto p = at["unnamed"]) {
            parts.unnamed =
                choice<any_unnamed>(p, {{"pass", unnamed::pass{}}, {"refuse", unnamed::refuse{}}});
        }
        if (const auto p = at["subscription"]) parts.subscription = subscription_of(p);
        if (const auto p = at["catalogue"]) parts.catalogue = catalogue(p);
        if (const auto p = at["choices"]) parts.choices = choices_of(p, parts.buckets);
        if (const auto p = at["revision"]) {
            parts.revision = static_cast<std::uint32_t>(count(p, 0, 1'000'000'000));
        }
        if (const auto p = at["access"]) parts.access = access_reader{*this}.read(p);
        if (const auto p = at["unit"]) parts.unit = name(p, 63);
        return parts;
    }

protected:
    bool knows_buckets_ = true;  // those that an alert looks at are the plan's

    any_bucket bucket(const json_place& at) {
        any_bucket b{.name = {},
                     .refill = refill::none{},
                     .rollover = rollover::none{},
                     .expiry = expiry::never{},
                     .refund = refund::none{}};
        if (!object(at, {"name", "refill", "rollover", "expiry", "refund", "restore", "only"})) {
            return b;
        }
        b.name = name(need(at, "name"), name_registry::max_size);
        if (const auto p = at["refill"]) b.refill = refill_of(p);
        if (const auto p = at["rollover"]) b.rollover = rollover_of(p);
        if (const auto p = at["expiry"]) b.expiry = expiry_of(p);
        if (const auto p = at["refund"]) b.refund = refund_of(p);
        if (const auto p = at["restore"]) b.restore = restore_of_bucket(p);
        if (const auto p = at["only"]) b.only = only_names(p);
        return b;
    }

    coffer::alerts alerts_of(const json_place& at, const std::vector<any_bucket>& buckets) {
        std::vector<alert> all;
        for (const json_place& each : elements(at)) {
            all.push_back(alert_of(each, buckets));
            const auto same = [&](const alert& a) { return a.name == all.back().name; };
            if (std::count_if(all.begin(), all.end(), same) > 1) {
                fail_value(each, "each alert needs a name of its own");
            }
        }
        if (all.size() > max_alerts) fail_value(at, "a plan has at most 62 alerts");
        return coffer::alerts{std::move(all)};
    }
    alert alert_of(const json_place& at, const std::vector<any_bucket>& buckets) {
        alert a;
        json_place level = at;
        if (!at.is_text()) {
            if (!object(at, {"name", "at", "once_per_period", "of"})) return a;
            level = need(at, "at");
            if (const auto p = at["name"]) a.name = name(p, alert_name::max_size);
            if (const auto p = at["once_per_period"]) a.once_per_period = flag(p);
            if (const auto p = at["of"]) a.of = bucket_names(p, buckets);
        }
        a.at = alert_level_of(level);
        if (a.name.empty()) a.name = text(level);
        if (good() && !is_alert(terms_of(a))) {
            fail_value(at, "is no alert: its name or level is wrong");
        }
        return a;
    }
    std::vector<std::string> bucket_names(const json_place& at,
                                          const std::vector<any_bucket>& buckets) {
        std::vector<std::string> names;
        for (const json_place& each : elements(at)) {
            names.emplace_back(text(each));
            const auto is_it = [&](const any_bucket& b) { return b.name == names.back(); };
            if (knows_buckets_ && std::none_of(buckets.begin(), buckets.end(), is_it)) {
                fail(each, "is no bucket of the plan");
            }
        }
        return names;
    }
    /// "100", be it negative, or "25%" of the allowances, with at most four decimals.
    alert_level alert_level_of(const json_place& at) {
        const std::string_view written = text(at);
        if (!written.ends_with('%')) {
            const auto amount = credits::parse(written);
            return at.is_text() && amount ? *amount : credit(at);
        }
        const auto hundredths = credits::parse(written.substr(0, written.size() - 1));
        if (hundredths && hundredths->micros() % 100 == 0) {
            return alert_level::share(credits::from_micros(hundredths->micros() / 100));
        }
        fail_value(
            at, detail::quoted(written) + " is no percentage",
            hundredths == errc::amount_overflow ? errc::amount_overflow : errc::invalid_argument);
        return {};
    }

    coffer::recharge recharge_of(const json_place& at, const std::vector<any_bucket>& buckets) {
        coffer::recharge r;
        if (!object(at, {"threshold", "offer", "packs", "amount", "bucket", "price", "per_credit",
                         "monthly_limit", "max_per_month", "multiple_of", "of"})) {
            return r;
        }
        r.below = credit(need(at, "threshold"));
        if (const auto p = at["offer"]) {
            r.offer = name(p, max_offer_size);
            for (std::string_view key :
                 {"amount", "bucket", "price", "per_credit", "multiple_of"}) {
                if (const auto other = at[key])
                    fail(other, "belongs to a recharge without 'offer'");
            }
            if (const auto whole = at["packs"]) r.packs = flag(whole);
        } else {
            if (const auto whole = at["packs"]) fail(whole, "belongs to an 'offer'");
            bought_by_recharge(at, buckets, r);
        }
        if (const auto p = at["monthly_limit"]) r.monthly = not_negative(p, payment(p));
        if (const auto p = at["max_per_month"]) {
            r.times = static_cast<std::uint32_t>(count(p, 0, 1'000'000));
        }
        if (const auto p = at["of"]) r.of = bucket_names(p, buckets);
        if (good() && r.offer.empty() && !is_recharge(*terms_of(r))) {
            fail(at,
                 "buys a positive amount at a price, all in one currency; a target needs "
                 "'multiple_of' or 'per_credit'");
        }
        return r;
    }
    /// What it buys that names no offer.
    void bought_by_recharge(const json_place& at, const std::vector<any_bucket>& buckets,
                            coffer::recharge& r) {
        const json_place amount = need(at, "amount");
        if (amount.is_text()) {
            r.amount = credit(amount);
        } else if (object(amount, {"to"})) {
            r.to = credit(need(amount, "to"));
        }
        const json_place bucket = need(at, "bucket");
        r.into = name(bucket, name_registry::max_size);
        const auto is_it = [&](const any_bucket& b) { return b.name == r.into; };
        if (std::none_of(buckets.begin(), buckets.end(), is_it)) {
            fail(bucket, "is no bucket of the plan");
        }
        const json_place price = need(at, "price");
        const json_place per_credit = at["per_credit"];
        (per_credit && flag(per_credit) ? r.each : r.price) = not_negative(price, payment(price));
        if (const auto p = at["multiple_of"]) {
            r.pack = credit(p);
            if (good() && !r.pack.is_positive()) fail(p, "is zero");
        }
    }

    coffer::limits limits_of(const json_place& at) {
        std::vector<limit> all;
        for (const json_place& each : elements(at)) all.push_back(limit_of(each));
        if (all.size() > max_limits) fail_value(at, "a plan has at most 100 limits");
        return coffer::limits{std::move(all)};
    }
    limit limit_of(const json_place& at) {
        limit l;
        if (!object(at, {"member", "action", "resource", "tag", "per", "amount", "warn"})) return l;
        if (const auto p = at["member"]) l.member = path(p);
        if (const auto p = at["action"]) l.action = path(p);
        if (const auto p = at["resource"]) l.resource = path(p);
        if (const auto p = at["tag"]) l.tag = path(p);
        l.per = window_of(need(at, "per"));
        l.amount = credit(need(at, "amount"));
        if (const auto p = at["warn"]) l.warn = flag(p);
        const bool on_nothing =
            l.member.empty() && l.action.empty() && l.resource.empty() && l.tag.empty();
        if (good() && on_nothing) {
            fail_value(at, "has at least one of member, action, resource, tag");
        }
        return l;
    }
    window window_of(const json_place& at) {
        return choice<window>(at, {{"draw", window::draw},
                                   {"day", window::day},
                                   {"week", window::week},
                                   {"period", window::period},
                                   {"ever", window::ever}});
    }

    subscription_rules subscription_of(const json_place& at) {
        subscription_rules rules;
        if (!object(at, {"upgrades", "grace", "purchases"})) return rules;
        if (const auto p = at["upgrades"]) {
            rules.upgrades = choice<upgrade>(p, {{"difference", upgrade::difference},
                                                 {"prorate", upgrade::prorate},
                                                 {"full", upgrade::full},
                                                 {"later", upgrade::later}});
        }
        if (const auto p = at["grace"]) rules.grace = duration(p);
        if (const auto p = at["purchases"]) {
            rules.purchases = choice<after_end>(
                p, {{"usable", after_end::usable}, {"locked", after_end::locked}});
        }
        return rules;
    }

    coffer::choices choices_of(const json_place& at, const std::vector<any_bucket>& buckets) {
        coffer::choices c;
        if (!object(at, {"alerts", "limits", "budget", "recharge", "defaults"})) return c;
        if (const auto p = at["alerts"]) {
            c.alerts = static_cast<std::size_t>(count(p, 0, max_alerts));
        }
        if (const auto p = at["limits"]) {
            c.limits = static_cast<std::size_t>(count(p, 0, max_limits - 1));
        }
        if (const auto p = at["budget"]) c.budget = flag(p);
        if (const auto p = at["recharge"]) c.recharge = recharge_choices_of(p);
        if (const auto p = at["defaults"]) c.defaults = default_choices_of(p, buckets);
        return c;
    }
    recharge_choices recharge_choices_of(const json_place& at) {
        recharge_choices r{.allowed = true};
        if (!object(at, {"offers", "most_threshold", "most_monthly_limit"})) return r;
        if (const auto p = at["offers"]) {
            for (const json_place& each : elements(p)) {
                r.offers.emplace_back(name(each, offer_name::max_size));
            }
        }
        if (const auto p = at["most_threshold"]) r.most_threshold = credit(p);
        if (const auto p = at["most_monthly_limit"]) {
            r.most_monthly_limit = not_negative(p, payment(p));
        }
        return r;
    }
    default_choices default_choices_of(const json_place& at,
                                       const std::vector<any_bucket>& buckets) {
        default_choices d;
        if (!object(at, {"alerts", "limits", "budget", "recharge"})) return d;
        if (const auto p = at["alerts"]) d.alerts = alerts_of(p, buckets);
        if (const auto p = at["limits"]) d.limits = limits_of(p);
        if (const auto p = at["budget"]) d.budget = budget_of(p);
        if (const auto p = at["recharge"]) d.recharge = recharge_setting_of(p);
        return d;
    }
    budget budget_of(const json_place& at) {
        budget b;
        if (!object(at, {"amount", "per", "warn"})) return b;
        b.amount = credit(need(at, "amount"));
        if (const auto p = at["per"]) b.per = window_of(p);
        if (const auto p = at["warn"]) b.warn = flag(p);
        return b;
    }
    recharge_setting recharge_setting_of(const json_place& at) {
        recharge_setting r;
        if (!object(at, {"on", "offer", "threshold", "monthly_limit"})) return r;
        if (const auto p = at["on"]) r.on = flag(p);
        if (const auto p = at["offer"]) r.offer = name(p, offer_name::max_size);
        if (const auto p = at["threshold"]) r.threshold = credit(p);
        if (const auto p = at["monthly_limit"]) r.monthly_limit = not_negative(p, payment(p));
        return r;
    }

    /// "design/ada", or "*" for each value by itself.
    std::string path(const json_place& at) {
        const std::string_view found = name(at, limit_path::max_size);
        if (good() && !is_path(found)) {
            fail_value(at, detail::quoted(found) +
                               " is no path: it has no empty segment and no control "
                               "characters");
        }
        return std::string{found};
    }

    any_refill refill_of(const json_place& at) {
        if (at.is_text()) return choice<any_refill>(at, {{"none", refill::none{}}});
        refill::every periods;
        if (!object(at, {"every", "amount", "paid"})) return periods;
        const json_place every = need(at, "every");
        periods.length = positive(every, duration(every));
        periods.amount = credit(need(at, "amount"));
        if (const auto p = at["paid"]) periods.price = not_negative(p, payment(p));
        return periods;
    }

    any_rollover rollover_of(const json_place& at) {
        if (at.is_text()) {
            return choice<any_rollover>(at, {{"none", rollover::none{}}, {"all", rollover::all{}}});
        }
        any_rollover kept = rollover::none{};
        if (!object(at, {"all", "cap", "fraction", "cap_percent", "hops", "keeps", "trim"}) ||
            !one_of(at, {"all", "cap", "fraction", "cap_percent"})) {
            return kept;
        }
        if (const auto p = at["all"]) {
            if (!flag(p)) fail(p, "is not true");
            kept = rollover::all{};
        } else if (const auto limit = at["cap"]) {
            kept = rollover::capped{.limit = credit(limit)};
        } else if (const auto part = at["fraction"]) {
            const share f = fraction(part);
            if (f.numerator > f.denominator) fail(part, "is more than 1");
            kept = rollover::fraction{f.numerator, f.denominator};
        } else {
            const share f = percent(at["cap_percent"]);
            kept = rollover::capped_share{f.numerator, f.denominator};
        }
        if (const auto p = at["hops"]) {
            kept.terms.hops =
                static_cast<std::uint16_t>(count(p, 0, rollover_terms::any_number - 1));
        }
        if (const auto p = at["keeps"]) kept.terms.keeps = positive(p, duration(p));
        if (const auto p = at["trim"]) {
            kept.terms.trim = choice<trim>(p, {{"oldest", trim::oldest}, {"newest", trim::newest}});
        }
        return kept;
    }

    any_expiry expiry_of(const json_place& at) {
        if (at.is_text()) {
            return choice<any_expiry>(
                at, {{"never", expiry::never{}}, {"period_end", expiry::at_period_end{}}});
        }
        expiry::after later;
        if (!object(at, {"after"})) return later;
        const json_place after = need(at, "after");
        later.length = positive(after, duration(after));
        return later;
    }

    any_refund refund_of(const json_place& at) {
        if (at.is_text()) {
            return choice<any_refund>(at, {{"none", refund::none{}}, {"full", refund::full{}}});
        }
        refund::within window;
        if (!object(at, {"within", "basis", "first_purchase_only"})) return window;
        window.window = duration(need(at, "within"));
        if (const auto p = at["basis"]) {
            window.of = choice<refund::basis>(
                p, {{"unspent", refund::basis::unspent}, {"full", refund::basis::full}});
        }
        if (const auto p = at["first_purchase_only"]) window.first_purchase_only = flag(p);
        return window;
    }

    any_restore restore_of_bucket(const json_place& at) {
        if (at.is_text()) return choice<any_restore>(at, {{"forfeit", restore::forfeit{}}});
        restore::regrant anew;
        if (!object(at, {"regrant"})) return anew;
        anew.length = duration(need(at, "regrant"));
        return anew;
    }

    any_only only_names(const json_place& at) {
        std::vector<std::string> names;
        for (const json_place& each : elements(at)) {
            names.emplace_back(name(each, max_category_size));
        }
        if (names.empty()) fail(at, "names no action; leave it out for a bucket without limits");
        return names;
    }

    any_spend_order spend_order(const json_place& at) {
        std::vector<order_key> keys;
        for (const json_place& each : elements(at)) {
            const auto key = choice<order_key>(each, {{"bucket", order_key::bucket},
                                                      {"priority", order_key::priority},
                                                      {"expiry", order_key::expiry},
                                                      {"paid_last", order_key::paid_last},
                                                      {"cost_basis", order_key::cost_basis},
                                                      {"effective", order_key::effective},
                                                      {"newest", order_key::newest},
                                                      {"id", order_key::id}});
            if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
                fail(each, "the key stands twice");
            }
            keys.push_back(key);
        }
        return order_by(keys);
    }
    template <std::size_t Count = coffer::spend_order::by::max_keys>
    static any_spend_order order_by(const std::vector<order_key>& keys) {
        if constexpr (Count > 0) {
            if (keys.size() < Count) return order_by<Count - 1>(keys);
        }
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return coffer::spend_order::by{keys[I]...};
        }
        (std::make_index_sequence<Count>{});
    }

    any_overdraft overdraft_of(const json_place& at) {
        if (at.is_text()) {
            return choice<any_overdraft>(at, {{"deny", overdraft::deny{}},
                                              {"take_available", overdraft::take_available{}},
                                              {"bill_later", overdraft::bill_later{}}});
        }
        if (const auto p = at["bill_later"]) return bill_later_of(at, p);
        overdraft::limit limit;
        if (!object(at, {"limit", "partial"})) return limit;
        limit.amount = credit(need(at, "limit"));
        if (const auto p = at["partial"]) limit.partial = flag(p);
        return limit;
    }

    any_overdraft bill_later_of(const json_place& at, const json_place& said) {
        overdraft::bill_later later;
        if (!object(at, {"bill_later"}) || !object(said, {"limit", "price", "per"})) return later;
        if (const auto p = said["limit"]) later.limit = credit(p);
        if (const auto p = said["price"]) later.price = not_negative(p, payment(p));
        if (const auto p = said["per"]) {
            later.per = credit(p);
            if (good() && !later.per.is_positive()) fail(p, "is not positive");
            if (good() && !said["price"]) fail(p, "belongs to a 'price'");
        }
        return later;
    }
};

}  // namespace detail

/// The plan that a JSON object describes, such as `{&scenario["plan"], "plan"}`.
/// Errors: `invalid_argument`; `amount_overflow` for what does not fit 64 bits; `unknown_zone`;
/// those of `any_plan::check`.
inline result<any_plan, plan_error> read_plan(const json_place& at) {
    if (!at) return plan_error{errc::invalid_argument, at.path, "there is no plan"};
    detail::plan_file_reader reader;
    any_plan plan = reader.plan(at);
    if (!reader.good()) return reader.error();
    if (auto checked = plan.check(at.path); !checked) return checked.error();
    return plan;
}

/// The plan that a JSON text describes; errors call it `plan`.
/// Errors: as above, and those of `read_json`.
inline result<any_plan, plan_error> read_plan(std::string_view json) {
    const result<nlohmann::json, plan_error> document = read_json(json, "plan");
    if (!document) return document.error();
    return read_plan(json_place{&*document, "plan"});
}

/// What a set or a book sells, by a JSON list; errors call it `catalogue`.
/// Errors: as above.
inline result<catalogue, plan_error> read_catalogue(const json_place& at) {
    if (!at) return plan_error{errc::invalid_argument, at.path, "there is no catalogue"};
    detail::plan_file_reader reader;
    catalogue shop = reader.catalogue(at);
    if (!reader.good()) return reader.error();
    if (auto checked = check_catalogue(shop, at.path); !checked) return checked.error();
    return shop;
}
inline result<catalogue, plan_error> read_catalogue(std::string_view json) {
    const result<nlohmann::json, plan_error> document = read_json(json, "catalogue");
    if (!document) return document.error();
    return read_catalogue(json_place{&*document, "catalogue"});
}

/// The plan in a file. Errors: as above; `unavailable` for a file that cannot be read.
inline result<any_plan, plan_error> load_plan(const std::string& path) {
    const auto text = detail::read_file(path, max_json_size + 1);
    if (text) return read_plan(*text);
    return plan_error{errc::unavailable, path, "cannot be read: " + text.error().message()};
}

}  // namespace v0
}  // namespace coffer

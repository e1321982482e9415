/// The most that the allowances and orders of a subscription may come to, by a count of its own
/// over what the journal says happened. Include it beside the fixture of subscriptions.
#pragma once

#include "wallet/subscription/fixture.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace coffer_test {

/// What a period of a bucket brings by a plan of `on_sale`.
inline coffer::credits planned(std::string_view plan, std::string_view bucket) {
    static const std::map<std::pair<std::string_view, std::string_view>, coffer::credits> table{
        {{"free", "budget"}, 10_cr},   {{"pro", "budget"}, 100_cr},    {{"team", "budget"}, 300_cr},
        {{"mixed", "budget"}, 150_cr}, {{"weekly", "budget"}, 100_cr}, {{"pro", "voice"}, 50_cr},
        {{"team", "voice"}, 50_cr},    {{"mixed", "voice"}, 20_cr},    {{"weekly", "voice"}, 50_cr},
        {{"weekly", "bonus"}, 7_cr}};
    const auto found = table.find({plan, bucket});
    return found == table.end() ? coffer::credits{} : found->second;
}

/// How the upgrades of a life are made.
enum class raises_by {
    difference,  ///< Each brings exactly what is new.
    any,         ///< The difference, a part of it, or nothing now.
    full,        ///< Each but an add-on brings the new allowance, less what earlier ones brought.
};

/// Follows a journal and says the first thing by which it grants more than it may: more than once a
/// period, in two periods at once, beyond the highest allowance that held, without the payment that
/// it waits for, or an order twice.
class allowance_bound {
public:
    explicit allowance_bound(raises_by how) : how_{how} {}

    std::string follow(const coffer::entry& e) {
        using coffer::entry_kind;
        of_add_on_ = last_kind_ == entry_kind::add_on_set;
        last_kind_ = e.kind;
        switch (e.kind) {
            case entry_kind::started: start(e); return {};
            case entry_kind::plan_assigned: assign(e); return {};
            case entry_kind::add_on_set: set_add_on(e); return {};
            case entry_kind::change_revoked: revoke(); return {};
            case entry_kind::paused: paused_ = true; return {};
            case entry_kind::unpaused: paused_ = false; return {};
            case entry_kind::past_due: past_due_ = true; return {};
            case entry_kind::paid: pay(); return {};
            case entry_kind::ended: end(); return {};
            case entry_kind::period_began: return begin(e);
            case entry_kind::allowance_raised: return raise(e);
            case entry_kind::refilled: return refill(e);
            case entry_kind::ordered: orders_[e.id.value()] = e.amount; return {};
            case entry_kind::purchased: return purchase(e);
            default: return makes_lot(e) ? "credits that nothing brings" : "";
        }
    }

    /// Periods that brought their highest allowance to the last millionth.
    int whole_periods() const { return whole_; }
    int upgrades() const { return upgrades_; }
    int late_refills() const { return late_refills_; }
    int purchases() const { return static_cast<int>(granted_orders_.size()); }

private:
    struct running {
        std::uint32_t index = 0;
        coffer::instant until = coffer::instant::min();
        coffer::credits opened{};   ///< What it brought when it began.
        coffer::credits raised{};   ///< What upgrades brought since.
        coffer::credits by_plan{};  ///< Of that, by those of the plan.
        coffer::credits highest{};  ///< The highest allowance that held in it.
        coffer::credits owed{};
        coffer::credits late{};  ///< What came once it was paid.
    };
    struct recurring {
        coffer::credits now{};
        coffer::credits next{};
        bool changes = false;
    };

    coffer::credits by(std::string_view plan, std::string_view bucket) {
        return *(planned(plan, bucket) + add_ons_[std::string{bucket}].now);
    }

    void start(const coffer::entry& e) {
        if (!e.plan.empty()) plan_ = e.plan;
        if (!e.plan.empty()) courses_.clear();
        for (auto& [bucket, p] : periods_) {
            p.until = std::min(p.until, e.at);
            p.owed = {};
        }
        const bool by_trial = trial_until_ <= e.at;  // a trial's end pays nothing
        if (!by_trial) paused_ = past_due_ = false;
        ended_ = false;
        trial_until_ = e.until == coffer::instant{} ? coffer::never : e.until;
    }
    void assign(const coffer::entry& e) {
        std::map<std::string, std::string> courses;
        for (const coffer::part& p : e.parts) {
            const std::string bucket{p.bucket.name()};
            courses[bucket] = courses_.count(bucket) ? courses_[bucket] : plan_;
        }
        courses_ = courses;
        plan_ = e.plan;
    }
    void set_add_on(const coffer::entry& e) {
        recurring& r = add_ons_[std::string{e.parts[0].bucket.name()}];
        r.changes = e.allowance.waits;
        (r.changes ? r.next : r.now) = e.allowance.allowance;
    }
    void revoke() {
        for (auto& [bucket, r] : add_ons_) r.changes = false;
    }
    void pay() {
        past_due_ = false;
        if (!paused_) return;
        for (auto& [bucket, p] : periods_) p.owed = {};
    }
    void end() {
        ended_ = true;
        paused_ = past_due_ = false;
        trial_until_ = coffer::never;
        add_ons_.clear();
        for (auto& [bucket, p] : periods_) p.owed = {};
    }

    std::string begin(const coffer::entry& e) {
        const std::string bucket{e.terms.bucket.name()};
        if (bucket.empty()) return e.amount.is_zero() ? "" : "an allowance of no bucket";
        running& last = periods_[bucket];
        if (e.until == coffer::never) return close(e, last);
        if (e.from < last.until) return "two periods of " + bucket + " at once";
        if (last.index >= e.terms.cycle && last.until != coffer::instant::min()) {
            return "a period of " + bucket + " that was before";
        }
        if (recurring& r = add_ons_[bucket]; r.changes) {
            r.now = r.next;
            r.changes = false;
        }
        if (last.opened.is_positive() && *(last.opened + last.raised) == last.highest) ++whole_;
        courses_.erase(bucket);
        if (e.allowance.by_other_plan) courses_[bucket] = e.plan;
        const coffer::credits most = by(e.allowance.by_other_plan ? e.plan : plan_, bucket);
        last = {.index = e.terms.cycle, .until = e.until, .opened = e.amount};
        last.owed = e.allowance.owed;
        last.highest = e.allowance.any ? e.allowance.allowance : e.amount;
        const bool skipped = paused_ || ended_ || past_due_;
        if (skipped && !of_add_on_ && e.amount.is_positive()) return "a refill that was not due";
        if ((paused_ || ended_ || !past_due_) && last.owed.is_positive()) return "a refill owed";
        const coffer::credits all = *(e.amount + last.owed);
        if (all > most || last.highest > most) return "more than the plan has for " + bucket;
        if (e.at == e.from && !skipped && all != most) return "less than the plan has";
        return {};
    }

    /// No period follows. One that is ended early may be followed after a start alone.
    std::string close(const coffer::entry& e, running& last) {
        last.index = e.terms.cycle;
        last.owed = {};
        return e.amount.is_zero() && e.allowance.owed.is_zero() ? "" : "an allowance of no period";
    }

    std::string raise(const coffer::entry& e) {
        const std::string bucket{e.terms.bucket.name()};
        running& p = periods_[bucket];
        const coffer::credits wanted = e.allowance.allowance;
        if (p.index != e.terms.cycle || e.at >= p.until) return "an upgrade of no running period";
        const bool known = wanted == by(plan_, bucket) ||
                           (courses_.count(bucket) && wanted == by(courses_[bucket], bucket));
        if (!known) return "an upgrade of " + bucket + " to what no plan has";
        if (wanted <= p.highest) return "an upgrade to what was granted before";
        const bool whole = how_ == raises_by::full && !e.allowance.by_add_on;
        const coffer::credits brought = *(add_ons_[bucket].now + p.by_plan);
        const coffer::credits before = whole ? brought : p.highest;
        const coffer::credits most = std::max(*(wanted - before), coffer::credits{});
        if (e.amount > most) return "an upgrade of " + bucket + " that brings too much";
        if (how_ != raises_by::any && e.amount != most) return "an upgrade that brings too little";
        p.highest = wanted;
        p.raised = *(p.raised + e.amount);
        if (!e.allowance.by_add_on) p.by_plan = *(p.by_plan + e.amount);
        ++upgrades_;
        return within(p);
    }

    std::string refill(const coffer::entry& e) {
        running& p = periods_[std::string{e.terms.bucket.name()}];
        if (p.index != e.terms.cycle || e.amount != p.owed || past_due_ || paused_ || ended_) {
            return "a refill that was not owed";
        }
        p.late = e.amount;
        p.owed = {};
        ++late_refills_;
        return within(p);
    }

    std::string within(const running& p) const {
        const coffer::credits refilled = *(p.opened + p.late);
        const bool sound = how_ == raises_by::full ? std::max(refilled, p.raised) <= p.highest
                                                   : *(refilled + p.raised) <= p.highest;
        return sound ? "" : "more than the highest allowance of the period";
    }

    std::string purchase(const coffer::entry& e) {
        const auto order = orders_.find(e.about.value());
        if (order == orders_.end() || order->second != e.amount) return "a purchase of no order";
        if (granted_orders_[e.about.value()]++ != 0) return "an order that is granted twice";
        return {};
    }

    raises_by how_;
    std::string plan_{};
    bool paused_ = false;
    bool past_due_ = false;
    coffer::instant trial_until_ = coffer::never;
    coffer::entry_kind last_kind_ = coffer::entry_kind::noted;
    bool of_add_on_ = false;  // what begins, begins by it, and is paid
    bool ended_ = false;
    std::map<std::string, running> periods_{};
    std::map<std::string, std::string> courses_{};
    std::map<std::string, recurring> add_ons_{};
    std::map<std::uint32_t, coffer::credits> orders_{};
    std::map<std::uint32_t, int> granted_orders_{};
    int whole_ = 0;
    int upgrades_ = 0;
    int late_refills_ = 0;
};

}  // namespace coffer_test

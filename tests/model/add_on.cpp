/// Recurring grants beside the plan's, and what a trial ends in.
#include "wallet.hpp"

#include <algorithm>

namespace model {

/// What a refill costs: the plan's price and the add-on's. A trial grants at no price.
std::optional<money> wallet::price_of_period(std::size_t bucket) const {
    if (subscription_.trial_until) return {};
    auto const& rule = rules_->buckets[bucket].refill;
    std::optional<money> price = rule ? rule->paid : std::nullopt;
    std::optional<money> const& added = allowances_[bucket].added.price;
    if (!added) return price;
    return money{added->minor + (price ? price->minor : 0), added->currency};
}

/// The plan's prices and that which the add-on had are in the currency of its new one.
bool wallet::is_in_one_currency(std::size_t bucket, std::optional<money> const& price) const {
    if (!price) return true;
    for (std::size_t i = 0; i < rules_->buckets.size(); ++i) {
        auto const& rule = rules_->buckets[i].refill;
        if (rule && rule->paid && rule->paid->currency != price->currency) return false;
    }
    std::optional<money> const& old = allowances_[bucket].added.price;
    return !old || old->currency == price->currency;
}

/// An add-on beside a plan that does not refill its bucket goes by the periods of the account.
void wallet::begin_periods_of_account(std::size_t bucket) {
    std::optional<running>& own = running_[bucket];
    if (own && !own->is_over()) return;
    running next = *running_[account()];
    next.label = own ? own->label + 1 : next.index;
    own = next;
    note_turn(bucket);
    allowances_[bucket] = {};
}

/// In full an add-on brings its own allowance once a period: what it had not brought yet.
wide wallet::granted_by_enlarging(std::size_t bucket, wide wanted, std::string const& how) const {
    allowance_state const& allowance = allowances_[bucket];
    wide more = std::max<wide>(0, allowance.current + wanted - allowance.highest);
    if (how != "prorate") return more;
    running const& period =
        *running_[running_[bucket] && !running_[bucket]->is_over() ? bucket : account()];
    return floor_of_product(more, period.end - now_, period.end - period.begin);
}

static std::optional<money> cost_of_enlarging(add_on_state const& from, add_on_state const& to,
                                              std::string const& how, instant now,
                                              running const& period) {
    if (!to.price && !from.price) return {};
    money due = to.price ? *to.price : money{0, from.price->currency};
    if (how == "full") return due;
    if (from.price) due.minor = std::max<wide>(0, due.minor - from.price->minor);
    if (how == "prorate") {
        due.minor = ceiling_of_product(due.minor, period.end - now, period.end - period.begin);
    }
    return due;
}

/// Brings more at once: the period's first lot where its bucket had none, else as an upgrade.
void wallet::enlarge(std::size_t bucket, add_on_state const& wanted, std::string const& how) {
    wide grants = granted_by_enlarging(bucket, wanted.amount, how);
    bool begins = !running_[bucket] || running_[bucket]->is_over();
    begin_periods_of_account(bucket);
    allowance_state& allowance = allowances_[bucket];
    auto paid = cost_of_enlarging(allowance.added, wanted, how, now_, *running_[bucket]);
    allowance.added = wanted;
    if (!begins) {
        upgrade(bucket, grants, paid);
        return;
    }
    allowance.opening = grants;
    allowance.highest = allowance.whole();
    if (grants > 0) refill(bucket, paid);
}

outcome wallet::add_on(reader& r) {
    auto when = r.text("when").value_or("now");
    auto how = r.text("how").value_or("difference");
    if (when != "now" && when != "period_end") r.bad("when", "unknown value");
    if (how != "difference" && how != "prorate" && how != "full" && how != "later") {
        r.bad("how", "unknown value");
    }
    std::string const& name = r.need_text("bucket");
    add_on_state wanted{r.need_amount("allowance"), r.paid("price")};
    auto const& buckets = rules_->buckets;
    auto found = std::find_if(buckets.begin(), buckets.end(),
                              [&](bucket_rules const& b) { return b.name == name; });
    auto bucket = static_cast<std::size_t>(found - buckets.begin());
    if (found == buckets.end()) {
        r.wrong.add(errc::unknown_bucket);
    } else if (!is_in_one_currency(bucket, wanted.price)) {
        r.wrong.add(errc::invalid_argument);
    }
    check_subscribed(r);
    if (wanted.price && wanted.price->minor < 0) r.wrong.add(errc::invalid_argument);
    r.wrong.refuse_if_any();
    if (wanted.amount == 0) wanted.price.reset();

    allowance_state& allowance = allowances_[bucket];
    add_on_state const& has = allowance.added;
    auto minor = [](add_on_state const& of) { return of.price ? of.price->minor : -1; };
    bool is_same =
        wanted.amount == has.amount && (wanted.amount == 0 || minor(wanted) == minor(has));
    bool grows = wanted.amount > has.amount && when == "now" && how != "later";
    if (grows) check_total(r, granted_by_enlarging(bucket, wanted.amount, how));
    r.wrong.refuse_if_any();
    if (is_same) {
        allowance.adding.reset();
    } else if (grows) {
        allowance.adding.reset();
        enlarge(bucket, wanted, how);
    } else {
        begin_periods_of_account(bucket);
        allowances_[bucket].adding = wanted;
    }
    return {};
}

/// All periods that run end with a trial. In a plan the subscription begins anew, with what waits,
/// and stays paused or past due; in nothing its allowances end. The plain months of an account
/// whose plan refills nothing go on, as after any end.
void wallet::end_trial() {
    bool goes_on_then = subscription_.trial_goes_on;
    subscription_.trial_until.reset();
    close_debt();
    if (!goes_on_then) {
        subscription_ = {};
        subscription_.has_ended = true;
    }
    if (goes_on_then) {
        std::vector<std::size_t> begins = refilled();
        end_and_begin_anew(now_);
        for (std::size_t i : begins) begin_allowance(i);
        return;
    }
    for (std::size_t i = 0; i < rules_->buckets.size(); ++i) {
        if (running_[i] && !running_[i]->is_over()) close_period(i);
    }
}

}  // namespace model

/// What a subscription grants and whether it does: changes of allowances, pauses, unpaid periods.
#include "wallet.hpp"

#include <algorithm>

namespace model {

static void choose(reader const& r, char const* key, std::string const& value,
                   std::vector<std::string> const& known) {
    if (std::find(known.begin(), known.end(), value) == known.end()) r.bad(key, "unknown value");
}

void wallet::check_subscribed(reader& r) const {
    if (!running_[account()] || subscription_.has_ended) r.wrong.add(errc::invalid_argument);
}

void wallet::check_not_paused() const {
    if (subscription_.is_paused) throw refusal{errc::wallet_paused};
}

void wallet::check_total(reader& r, wide more) const {
    for (std::size_t i : alive_) more += lots_[i].available + lots_[i].held;
    if (more > largest) r.wrong.add(errc::amount_overflow);
}

/// What an upgrade grants at once.
static wide granted_by_upgrade(allowance_state const& allowance, wide wanted,
                               std::string const& how, instant now, running const& period) {
    if (how == "full") return std::max<wide>(0, wanted - allowance.upgraded);
    wide more = std::max<wide>(0, wanted + allowance.added.amount - allowance.highest);
    if (how == "difference") return more;
    return floor_of_product(more, period.end - now, period.end - period.begin);
}

void wallet::change_allowance(std::size_t bucket, wide wanted, bool at_once,
                              std::string const& how) {
    allowance_state& allowance = allowances_[bucket];
    allowance.pending.reset();
    if (wanted == allowance.current) return;
    if (!at_once || wanted < allowance.current) {
        allowance.pending = wanted;
        return;
    }
    wide grants = granted_by_upgrade(allowance, wanted, how, now_, *running_[bucket]);
    allowance.current = wanted;
    allowance.upgraded += grants;
    upgrade(bucket, grants, {});
}

/// The period's allowance is larger now, and brings so much of that at once.
void wallet::upgrade(std::size_t bucket, wide grants, std::optional<money> const& paid) {
    allowance_state& allowance = allowances_[bucket];
    allowance.highest = std::max(allowance.highest, allowance.whole());
    if (grants == 0) return;
    std::string name = rules_->buckets[bucket].name + "#" +
                       std::to_string(running_[bucket]->label) + "+" +
                       std::to_string(++allowance.upgrades);
    add_allowance(bucket, grants, name, paid);
}

outcome wallet::change_plan(reader& r) {
    auto when = r.text("when").value_or("now");
    auto how = r.text("how").value_or("difference");
    choose(r, "when", when, {"now", "period_end"});
    choose(r, "how", how, {"difference", "prorate", "full"});
    std::map<std::string, wide> wanted = r.need_amounts("allowance");
    std::map<std::size_t, wide> by_bucket;
    for (auto const& [name, amount] : wanted) {
        std::string const& sought = name;  // a binding is not to be captured
        auto bucket = std::find_if(rules_->buckets.begin(), rules_->buckets.end(),
                                   [&](bucket_rules const& b) { return b.name == sought; });
        if (bucket == rules_->buckets.end()) {
            r.wrong.add(errc::unknown_bucket);
            continue;
        }
        if (!bucket->refill) r.wrong.add(errc::invalid_argument);
        by_bucket[static_cast<std::size_t>(bucket - rules_->buckets.begin())] = amount;
    }
    check_subscribed(r);
    r.wrong.refuse_if_any();
    wide grants = 0;
    for (auto const& [bucket, amount] : by_bucket) {
        allowance_state const& allowance = allowances_[bucket];
        if (when == "period_end" || amount <= allowance.current) continue;
        grants += granted_by_upgrade(allowance, amount, how, now_, *running_[bucket]);
    }
    check_total(r, grants);
    r.wrong.refuse_if_any();
    for (auto const& [bucket, amount] : by_bucket) {
        change_allowance(bucket, amount, when == "now", how);
    }
    return {};
}

outcome wallet::cancel_change(reader& r) {
    r.wrong.refuse_if_any();
    for (allowance_state& allowance : allowances_) {
        allowance.pending.reset();
        if (!subscription_.has_ended) allowance.adding.reset();
    }
    return {};
}

outcome wallet::pause(reader& r) {
    check_subscribed(r);
    r.wrong.refuse_if_any();
    subscription_.is_paused = true;
    return {};
}

outcome wallet::unpause(reader& r) {
    check_subscribed(r);
    r.wrong.refuse_if_any();
    subscription_.is_paused = false;
    return {};
}

outcome wallet::past_due(reader& r) {
    check_subscribed(r);
    r.wrong.refuse_if_any();
    subscription_.is_past_due = true;
    return {};
}

outcome wallet::paid(reader& r) {
    check_subscribed(r);
    r.wrong.refuse_if_any();
    subscription_.is_past_due = false;
    pay_owed();
    return {};
}

/// The period that runs gets the allowance with which it began; a pause skips that, too.
void wallet::pay_owed() {
    for (std::size_t i = 0; i < allowances_.size(); ++i) {
        bool owed = std::exchange(allowances_[i].is_owed, false);
        if (owed && !subscription_.is_paused) refill(i, allowances_[i].price);
    }
}

outcome wallet::end(reader& r) {
    if (!running_[account()]) r.wrong.add(errc::invalid_argument);
    r.wrong.refuse_if_any();
    subscription_ = {};
    subscription_.has_ended = true;
    for (allowance_state& allowance : allowances_) {
        allowance.pending.reset();
        allowance.adding = add_on_state{};
        allowance.is_owed = false;
    }
    return {};
}

}  // namespace model

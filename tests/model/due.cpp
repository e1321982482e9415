/// What falls due by itself: time-outs, expiries, period ends, refills, repayment.
#include "wallet.hpp"

#include <algorithm>
#include <stdexcept>

namespace model {

wallet::wallet(plan const& rules)
    : rules_(&rules),
      prices_(rules.costs),
      running_(rules.buckets.size() + 1),
      allowances_(rules.buckets.size()) {
    for (std::size_t i = 0; i < rules.buckets.size(); ++i) {
        if (rules.buckets[i].refill) allowances_[i].current = rules.buckets[i].refill->amount;
    }
    bring_into_force();
}

std::size_t wallet::account() const {
    return rules_->first_refilling().value_or(rules_->buckets.size());
}

std::optional<instant> wallet::next_due(instant until) const {
    std::optional<instant> next;
    auto consider = [&](instant at) {
        if (at <= until && (!next || at < *next)) next = at;
    };
    for (std::size_t hold : open_holds_) consider(holds_[hold].until);
    for (std::size_t i : alive_) {
        lot_record const& lot = lots_[i];
        if (lot.expires) consider(*lot.expires);
        if (lot.effective > now_) consider(lot.effective);
    }
    for (auto const& periods : running_) {
        if (periods) consider(periods->end);
    }
    if (subscription_.trial_until) consider(*subscription_.trial_until);
    if (auto check = next_recharge_check()) consider(*check);
    return next;
}

void wallet::advance(instant to) {
    while (auto due = next_due(to)) process(*due);
    now_ = std::max(now_, to);
}

void wallet::process(instant at) {
    now_ = std::max(now_, at);
    std::vector<std::size_t> still_open;
    for (std::size_t hold : open_holds_) {
        if (holds_[hold].until <= now_) {
            time_out(holds_[hold]);
        } else {
            still_open.push_back(hold);
        }
    }
    open_holds_ = still_open;
    expire_lots();
    if (subscription_.trial_until == now_) end_trial();
    end_periods();
    repay();
    remember();
    compare_alerts();
    if (is_recharge_due()) consider_recharge({});
}

void wallet::finish() {
    expire_lots();
    repay();
    remember();
    compare_alerts();
}

void wallet::finish_operation(std::optional<wide> const& lacked) {
    has_operated_ = true;
    consider_recharge(lacked);
}

void wallet::time_out(hold_record& hold) {
    hold.state = hold_state::timed_out;
    for (auto p = hold.parts.rbegin(); p != hold.parts.rend(); ++p) {
        lots_[p->lot].held -= p->amount;
        give_back(p->lot, p->amount, source::hold);
    }
}

void wallet::end_lot(lot_record& lot) {
    lot.expired += lot.available;
    lot.available = 0;
    lot.has_ended = true;
}

void wallet::expire_lots() {
    std::vector<std::size_t> still_alive;
    for (std::size_t i : alive_) {
        lot_record& lot = lots_[i];
        if (!lot.has_ended && lot.expires && *lot.expires <= now_) end_lot(lot);
        if (!lot.has_ended) still_alive.push_back(i);
    }
    alive_ = still_alive;
}

void wallet::end_periods() {
    while (true) {
        std::vector<std::size_t> ended;
        for (std::size_t i : turns_) {
            if (running_[i]->end <= now_) ended.push_back(i);
        }
        if (ended.empty()) return;
        for (std::size_t i : ended) {
            running& periods = *running_[i];
            if (i == account()) close_debt();
            if (!goes_on(i)) {
                close_period(i);
                continue;
            }
            ++periods.index;
            ++periods.label;
            periods.begin = periods.end;
            periods.counts_from = periods.end;
            periods.end = periods.periods.end(periods.index);
            if (i == account()) begin_account_period();
            if (i < rules_->buckets.size()) roll(i);
        }
        for (std::size_t i : ended) {
            if (i < rules_->buckets.size() && !running_[i]->is_over()) begin_allowance(i);
        }
    }
}

/// Opens a period and refills it, unless the subscription does not.
void wallet::begin_allowance(std::size_t bucket) {
    open_period(bucket);
    allowance_state& allowance = allowances_[bucket];
    allowance.is_over = subscription_.has_ended;
    if (subscription_.has_ended || subscription_.is_paused) return;
    allowance.is_owed = subscription_.is_past_due;
    if (!subscription_.is_past_due) refill(bucket, allowance.price);
}

/// Whether another period follows the one that runs: the account's, the plan's, the add-on's.
bool wallet::goes_on(std::size_t i) const {
    if (i == account() || rules_->buckets[i].refill) return true;
    allowance_state const& allowance = allowances_[i];
    return allowance.adding.value_or(allowance.added).amount > 0;
}

/// The last period of a bucket ends, and with it all that it has of allowances.
void wallet::close_period(std::size_t i) {
    running& periods = *running_[i];
    ++periods.label;
    periods.begin = now_;  // what is used still counts from where the last one began
    periods.end = INT64_MAX;
    if (i >= rules_->buckets.size()) return;
    for (std::size_t lot : alive_) {
        if (lots_[lot].bucket == i && lots_[lot].is_allowance) end_lot(lots_[lot]);
    }
    expire_lots();
    wide current = allowances_[i].current;
    allowances_[i] = {};
    allowances_[i].current = current;
    allowances_[i].is_over = true;
}

/// How much the bucket's rule carries over of what may still hop.
static wide carried(bucket_rules const& bucket, wide highest_allowance, wide sum) {
    rollover_rule const& rule = bucket.rollover;
    switch (rule.kind) {
        case rollover_rule::form::none: return 0;
        case rollover_rule::form::all: return sum;
        case rollover_rule::form::cap: return std::min(sum, rule.figure);
        case rollover_rule::form::fraction:
            return floor_of_product(sum, rule.figure, 1'000'000'000'000);
        case rollover_rule::form::cap_percent:
            return std::min<wide>(sum,
                                  floor_of_product(highest_allowance, rule.figure, 100'000'000));
    }
    return 0;
}

void wallet::roll(std::size_t bucket) {
    bucket_rules const& rules = rules_->buckets[bucket];
    auto may_hop = [&](lot_record const& lot) {
        return !rules.rollover.hops || lot.hops < *rules.rollover.hops;
    };
    std::vector<part> ending;
    wide sum = 0;
    for (std::size_t i : alive_) {
        if (lots_[i].bucket != bucket || !lots_[i].is_allowance) continue;
        ending.push_back({i, may_hop(lots_[i]) ? lots_[i].available : 0});
        sum += ending.back().amount;
    }
    std::sort(ending.begin(), ending.end(),
              [](part const& a, part const& b) { return a.lot < b.lot; });
    wide left = carried(rules, allowances_[bucket].highest, sum);
    if (rules.rollover.trims_oldest) std::reverse(ending.begin(), ending.end());
    for (part& p : ending) {
        p.amount = std::min(p.amount, left);
        left -= p.amount;
    }
    if (rules.rollover.trims_oldest) std::reverse(ending.begin(), ending.end());

    for (part const& p : ending) {
        lot_record& old = lots_[p.lot];
        old.available -= p.amount;
        old.rolled += p.amount;
        end_lot(old);
    }
    expire_lots();
    for (part const& p : ending) {
        if (p.amount == 0) continue;
        lot_record const& old = lots_[p.lot];
        lot_record next;
        next.first_name = old.first_name;
        next.hops = old.hops + 1;
        next.name = next.first_name + "~" + std::to_string(next.hops);
        next.bucket = bucket;
        next.is_allowance = true;
        next.is_derived = true;
        next.granted = p.amount;
        next.priority = old.priority;
        next.effective = now_;
        next.basis = old.basis;
        next.basis_credits = old.basis_credits;
        next.first_roll = old.first_roll.value_or(now_);
        if (rules.expiry.kind == expiry_rule::form::after) next.expires = old.expires;
        if (rules.rollover.keeps) {
            instant kept = add(*next.first_roll, *rules.rollover.keeps, *rules_->in);
            next.expires = std::min(kept, next.expires.value_or(kept));
        }
        add_lot(next);
    }
}

/// What waited for the period's end begins, and nothing has been granted in the new period.
void wallet::open_period(std::size_t bucket) {
    allowance_state& allowance = allowances_[bucket];
    allowance_state next;
    next.current = allowance.pending.value_or(allowance.current);
    next.added = allowance.adding.value_or(allowance.added);
    next.opening = next.highest = next.whole();
    allowance = next;
    allowance.price = price_of_period(bucket);
}

void wallet::refill(std::size_t bucket, std::optional<money> const& paid) {
    std::string name = rules_->buckets[bucket].name + "#" + std::to_string(running_[bucket]->label);
    add_allowance(bucket, allowances_[bucket].opening, name, paid);
}

void wallet::add_allowance(std::size_t bucket, wide amount, std::string const& name,
                           std::optional<money> const& paid) {
    bucket_rules const& rules = rules_->buckets[bucket];
    lot_record lot;
    lot.name = name;
    lot.bucket = bucket;
    lot.is_allowance = true;
    lot.granted = amount;
    lot.effective = now_;
    lot.basis = paid;
    lot.basis_credits = lot.granted;
    if (rules.expiry.kind == expiry_rule::form::after) {
        lot.expires = add(now_, rules.expiry.after, *rules_->in);
    }
    add_lot(lot);
}

std::size_t wallet::add_lot(lot_record lot) {
    lot.available = lot.granted;
    lot.granted_at = now_;
    if (lot.first_name.empty()) lot.first_name = lot.name;
    lot_names_.emplace(lot.name, lots_.size());
    alive_.push_back(lots_.size());
    lots_.push_back(std::move(lot));
    return lots_.size() - 1;
}

void wallet::begin_account_period() {
    period_begins_.push_back(running_[account()]->counts_from);
    has_new_period_ = true;
}

/// What happens to debt at the end of the account's period.
void wallet::close_debt() {
    bill();
    if (rules_->drops_debt) drop_debt();
}

void wallet::drop_debt() {
    for (debt_record& debt : debts_) {
        debt.dropped += debt.open;
        debt.open = 0;
    }
}

void wallet::repay() {
    for (debt_record& debt : debts_) {
        if (debt.open == 0) continue;
        wide most = std::min(debt.open, available_in(usable_by(debt.action)));
        for (part p : draw(most, usable_by(debt.action), &lot_record::spent)) {
            p.stamp = ++stamps_;
            debt.repaid.push_back(p);
        }
        debt.open -= most;
    }
}

running wallet::running_from(schedule const& periods) const {
    running r;
    r.periods = periods;
    r.index = periods.index_at(now_);
    r.label = r.index;
    r.begin = periods.begin(r.index);
    r.end = periods.end(r.index);
    r.counts_from = r.begin;
    return r;
}

/// An add-on beside a plan that does not refill its bucket goes by the account's periods.
duration wallet::length_of_periods(std::size_t i) const {
    bool own = i < rules_->buckets.size() && rules_->buckets[i].refill;
    if (own) return rules_->buckets[i].refill->every;
    return account() < rules_->buckets.size() ? rules_->buckets[account()].refill->every
                                              : duration{1, 0, 0};
}

void wallet::note_turn(std::size_t i) {
    if (std::find(turns_.begin(), turns_.end(), i) == turns_.end()) turns_.push_back(i);
}

/// Periods of a bucket, or of the account, from another anchor; what runs of it ends.
void wallet::begin_anew(std::size_t i, instant anchor) {
    bool again = running_[i].has_value();
    running next = running_from({anchor, length_of_periods(i), rules_->in});
    if (again) next.label = running_[i]->label + 1;
    running_[i] = next;
    note_turn(i);
    if (i == account()) begin_account_period();
    if (again && i < rules_->buckets.size()) roll(i);
}

/// What runs ends, and what is refilled begins, in the order of first periods.
void wallet::end_and_begin_anew(instant anchor) {
    std::vector<std::size_t> begins = refilled();
    if (account() == rules_->buckets.size()) begins.push_back(account());
    auto follows = [&](std::size_t i) {
        return std::find(begins.begin(), begins.end(), i) != begins.end();
    };
    for (std::size_t i : std::vector<std::size_t>(turns_)) {
        if (follows(i)) {
            begin_anew(i, anchor);
            std::erase(begins, i);
        } else if (!running_[i]->is_over()) {
            close_period(i);
        }
    }
    for (std::size_t i : begins) begin_anew(i, anchor);
}

/// What a start refills: first what the plan does, then where there are add-ons alone.
std::vector<std::size_t> wallet::refilled() const {
    std::vector<std::size_t> all;
    for (bool by_plan : {true, false}) {
        for (std::size_t i = 0; i < rules_->buckets.size(); ++i) {
            if (goes_on(i) && rules_->buckets[i].refill.has_value() == by_plan) all.push_back(i);
        }
    }
    return all;
}

outcome wallet::start(reader& r, instant event) {
    auto anchor = r.moment("anchor");
    auto paid = r.paid("paid");
    auto trial_until = r.moment("trial_until");
    auto then = r.text("then");
    if (then && *then != "same" && *then != "nothing") r.bad("then", "unknown value");
    if (anchor && *anchor > now_) r.wrong.add(errc::invalid_argument);
    if (trial_until.has_value() != then.has_value()) r.wrong.add(errc::invalid_argument);
    if (trial_until && *trial_until <= now_) r.wrong.add(errc::invalid_argument);
    r.wrong.refuse_if_any();

    bool again = running_[account()].has_value();
    if (again) close_debt();
    std::vector<std::size_t> begins = refilled();
    end_and_begin_anew(anchor.value_or(event));
    subscription_ = {};
    subscription_.trial_until = trial_until;
    subscription_.trial_goes_on = then == "same";
    for (std::size_t i : begins) {
        if (i == account()) {
            open_period(i);
            refill(i, paid ? paid : allowances_[i].price);
        } else {
            begin_allowance(i);
        }
    }
    return {};
}

std::optional<instant> wallet::expiry_of_grant(std::size_t bucket, instant effective) const {
    expiry_rule const& rule = rules_->buckets[bucket].expiry;
    if (rule.kind == expiry_rule::form::never) return {};
    if (rule.kind == expiry_rule::form::after) return add(effective, rule.after, *rules_->in);
    bool own = rules_->buckets[bucket].refill || (running_[bucket] && !running_[bucket]->is_over());
    running const& periods = own && running_[bucket] ? *running_[bucket] : *running_[account()];
    return periods.periods.end(periods.periods.index_at(std::max(effective, now_)));
}

wide wallet::available_of(lot_record const& lot) const {
    return lot.effective <= now_ ? lot.available : 0;
}

wide wallet::available() const {
    wide sum = 0;
    for (std::size_t i : alive_) sum += available_of(lots_[i]);
    return sum;
}

wide wallet::held() const {
    wide sum = 0;
    for (std::size_t hold : open_holds_) sum += holds_[hold].reserved;
    return sum;
}

wide wallet::debt() const {
    wide sum = 0;
    for (debt_record const& debt : debts_) sum += debt.open;
    return sum;
}

wide wallet::used() const {
    auto const& period = running_[account()];
    wide sum = 0;
    for (charge_record const& charge : charges_) {
        if (!period || (charge.event >= period->counts_from && charge.event < period->end)) {
            sum += charge.cost - charge.refunded;
        }
    }
    return sum;
}

void wallet::remember() {
    if (!history_.empty() && history_.back().first == now_) {
        history_.back().second = available();
    } else {
        history_.emplace_back(now_, available());
    }
}

wide wallet::available_at(instant at) const {
    if (at > now_) {
        wallet later = *this;
        later.advance(at);
        return later.available();
    }
    auto after =
        std::upper_bound(history_.begin(), history_.end(), at,
                         [](instant wanted, auto const& entry) { return wanted < entry.first; });
    return after == history_.begin() ? 0 : std::prev(after)->second;
}

void wallet::check() const {
    wide held_by_lots = 0;
    for (lot_record const& lot : lots_) {
        wide sum = lot.available + lot.held + lot.spent + lot.expired + lot.voided + lot.rolled;
        bool negative = lot.available < 0 || lot.held < 0 || lot.spent < 0 || lot.expired < 0 ||
                        lot.voided < 0 || lot.rolled < 0;
        if (negative || sum != lot.granted) throw std::logic_error("lot " + lot.name);
        if (lot.has_ended && lot.available != 0) throw std::logic_error("ended " + lot.name);
        held_by_lots += lot.held;
    }
    if (held_by_lots != held()) throw std::logic_error("held");
    for (debt_record const& debt : debts_) {
        if (debt.open > 0 && available_in(usable_by(debt.action)) > 0)
            throw std::logic_error("debt");
    }
    check_spends();
}

/// Each part of a spend is known from both sides (rule 14), and no claw-back takes too much.
void wallet::check_spends() const {
    std::vector<wide> spent(lots_.size());
    std::vector<wide> of_debt(debts_.size());
    for (std::size_t i = 0; i < debts_.size(); ++i) {
        of_debt[i] = debts_[i].open + debts_[i].dropped;
        for (part const& p : debts_[i].repaid) {
            spent[p.lot] += p.amount;
            of_debt[i] += p.amount;
        }
    }
    for (charge_record const& charge : charges_) {
        wide left = charge.cost - charge.refunded;
        if (charge.debt) left -= of_debt[*charge.debt];
        if (charge.billed) left -= charge.billed->amount - charge.billed->refunded;
        for (part const& p : charge.parts) {
            spent[p.lot] += p.amount;
            left -= p.amount;
        }
        if (left != 0) throw std::logic_error("charge");
    }
    for (std::size_t i = 0; i < lots_.size(); ++i) {
        lot_record const& lot = lots_[i];
        if (lot.spent != spent[i]) throw std::logic_error("spent of " + lot.name);
        wide voided = 0;
        wide claimed = 0;
        auto count = [&](claim const& c) {
            voided += c.voided;
            claimed += c.voided + c.uncollected;  // debt that was dropped took nothing
            if (c.debt) claimed += of_debt[*c.debt] - debts_[*c.debt].dropped;
        };
        for (claim const& c : lot.claims) count(c);
        if (lot.disputed) count(*lot.disputed);
        if (voided > lot.voided || claimed > lot.granted) {
            throw std::logic_error("claimed of " + lot.name);
        }
    }
}

}  // namespace model

/// Charges, holds, settles, releases, refunds of charges; burn order and what comes back.
#include "wallet.hpp"

#include <algorithm>

namespace model {

bucket_set wallet::usable_by(std::optional<std::string> const& action) const {
    std::string category = action ? category_of(*action) : std::string{};
    bucket_set usable;
    for (bucket_rules const& bucket : rules_->buckets) {
        bool allowed = !bucket.only;
        if (bucket.only && action) {
            for (std::string const& name : *bucket.only) {
                bool by_category = !category.empty() && lies_below(category, name);
                if (name == *action || by_category) allowed = true;
            }
        }
        usable.push_back(allowed);
    }
    return usable;
}

bool wallet::is_usable(lot_record const& lot, bucket_set const& usable) const {
    return !lot.has_ended && lot.effective <= now_ && lot.available > 0 && usable[lot.bucket];
}

/// An allowance lot ends with its period at the latest.
instant wallet::burn_expiry(lot_record const& lot) const {
    instant own = lot.expires.value_or(INT64_MAX);
    return lot.is_allowance ? std::min(own, running_[lot.bucket]->end) : own;
}

static int three_way(wide a, wide b) { return a < b ? -1 : a > b ? 1 : 0; }

static int compare_basis(lot_record const& a, lot_record const& b) {
    if (!a.basis || !b.basis) return int{a.basis.has_value()} - int{b.basis.has_value()};
    if (a.basis->currency != b.basis->currency) {
        return a.basis->currency < b.basis->currency ? -1 : 1;
    }
    big left = big(a.basis->minor) * b.basis_credits;
    big right = big(b.basis->minor) * a.basis_credits;
    return left < right ? -1 : left > right ? 1 : 0;
}

static int compare_priority(lot_record const& a, lot_record const& b) {
    if (!a.priority || !b.priority) {
        return int{!a.priority.has_value()} - int{!b.priority.has_value()};
    }
    return three_way(*a.priority, *b.priority);
}

/// Of two lots that differ in none of the plan's keys, the one created first burns first.
bool wallet::burns_before(lot_record const& a, lot_record const& b) const {
    for (spend_key key : rules_->spend_order) {
        int order = 0;
        switch (key) {
            case spend_key::bucket:
                order = three_way(static_cast<wide>(a.bucket), static_cast<wide>(b.bucket));
                break;
            case spend_key::priority: order = compare_priority(a, b); break;
            case spend_key::expiry: order = three_way(burn_expiry(a), burn_expiry(b)); break;
            case spend_key::paid_last:
                order = int{a.basis.has_value()} - int{b.basis.has_value()};
                break;
            case spend_key::cost_basis: order = compare_basis(a, b); break;
            case spend_key::effective: order = three_way(a.effective, b.effective); break;
            case spend_key::newest: order = three_way(b.effective, a.effective); break;
            case spend_key::id: return false;
        }
        if (order != 0) return order < 0;
    }
    return false;
}

std::vector<std::size_t> wallet::in_burn_order(bucket_set const& usable) const {
    std::vector<std::size_t> order;
    for (std::size_t i : alive_) {
        if (is_usable(lots_[i], usable)) order.push_back(i);
    }
    std::sort(order.begin(), order.end());
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return burns_before(lots_[a], lots_[b]);
    });
    return order;
}

wide wallet::available_in(bucket_set const& usable) const {
    wide sum = 0;
    for (std::size_t i : alive_) {
        if (is_usable(lots_[i], usable)) sum += lots_[i].available;
    }
    return sum;
}

std::vector<part> wallet::draw(wide amount, bucket_set const& usable, wide lot_record::*into) {
    std::vector<part> parts;
    if (amount == 0) return parts;
    for (std::size_t i : in_burn_order(usable)) {
        wide taken = std::min(amount, lots_[i].available);
        if (taken == 0) break;
        lots_[i].available -= taken;
        lots_[i].*into += taken;
        amount -= taken;
        parts.push_back({i, taken});
    }
    return parts;
}

wallet::spending wallet::quote(wide cost, bucket_set const& usable) const {
    wide funds = available_in(usable);
    if (cost <= funds) return {{}, 0, cost};
    overdraft_rule const& rule = rules_->overdraft;
    wide room = room_to_owe();
    if (cost - funds <= room) return {{}, cost - funds, cost};
    bool takes_less = rule.kind == overdraft_rule::form::take_available || rule.partial;
    if (!takes_less || funds + room == 0) {
        throw refusal{errc::insufficient_credits, lacked(cost, usable, true)};
    }
    return {{}, room, funds + room};
}

wallet::spending wallet::spend(wide cost, bucket_set const& usable) {
    spending done = quote(cost, usable);
    done.parts = draw(done.total - done.debt, usable, &lot_record::spent);
    return done;
}

std::optional<std::size_t> wallet::owe(wide amount, std::optional<std::string> const& action) {
    if (amount == 0) return {};
    debts_.push_back({action, amount, 0, {}});
    return debts_.size() - 1;
}

static labels read_labels(reader const& r) {
    labels of;
    of.action = r.text("action");
    of.member = r.text("member");
    of.resource = r.text("resource");
    if (!r.has("tags")) return of;
    for (auto const& tag : r.body()["tags"]) {
        if (!tag.is_string()) r.bad("tags", "not a list of texts");
        of.tags.push_back(tag.get<std::string>());
    }
    return of;
}

outcome wallet::charge(reader& r, instant event) {
    labels of = read_labels(r);
    check_paths(r, of);
    wide cost = price_of(r, of.action, r.measured());
    r.wrong.refuse_if_any();
    note_category(of);
    check_not_paused();
    check_named(of);
    auto warnings = check_limits(of, cost, event, nullptr);

    spending done = spend(cost, usable_by(of.action));
    warn(warnings);
    charges_.push_back({done.total, 0, event, done.parts, owe(done.debt, of.action), of, {}});
    if (auto id = r.text("id")) charge_ids_[*id] = charges_.size() - 1;
    return {done.total, done.parts, {}};
}

outcome wallet::hold(reader& r, instant event) {
    labels of = read_labels(r);
    check_paths(r, of);
    auto const& action = of.action;
    auto at_most = r.amount("at_most");
    measure m = r.measured();
    duration length = r.need_length("for");
    wide tolerance = r.amount("tolerance").value_or(0);
    wide cost = at_most.value_or(0);
    if (!at_most) {
        cost = price_of(r, action, m);
    } else {
        if (!action || m.stated() > 0) r.wrong.add(errc::invalid_argument);
        if (action && !prices_.find(*action)) r.wrong.add(errc::unknown_action);
    }
    r.wrong.refuse_if_any();
    note_category(of);
    check_not_paused();
    check_named(of);
    auto warnings = check_limits(of, cost, event, nullptr);

    bucket_set usable = usable_by(action);
    if (available_in(usable) < cost) {
        throw refusal{errc::insufficient_credits, lacked(cost, usable, false)};
    }
    warn(warnings);
    hold_record made;
    made.reserved = cost;
    made.tolerance = tolerance;
    made.until = add(now_, length, *rules_->in);
    made.event = event;
    made.of = of;
    if (action) made.kept = kept_price{*action, *prices_.find(*action)};
    made.parts = draw(cost, usable, &lot_record::held);
    holds_.push_back(made);
    open_holds_.push_back(holds_.size() - 1);
    if (auto id = r.text("id")) hold_ids_[*id].push_back(holds_.size() - 1);
    return {cost, made.parts, {}};
}

bool wallet::has_bought_nothing(std::string const& hold) const {
    auto found = hold_ids_.find(hold);
    if (found == hold_ids_.end()) return false;
    hold_state last = holds_[found->second.back()].state;
    return last == hold_state::released || last == hold_state::timed_out;
}

std::size_t wallet::times_opened(std::string const& hold) const {
    auto found = hold_ids_.find(hold);
    return found == hold_ids_.end() ? 0 : found->second.size();
}

hold_record* wallet::find_hold(reader& r) {
    auto found = hold_ids_.find(r.need_text("hold"));
    if (found != hold_ids_.end()) return &holds_[found->second.back()];
    r.wrong.add(errc::unknown_hold);
    return nullptr;
}

static void refuse_unless_open(hold_record const& hold) {
    if (hold.state == hold_state::timed_out) throw refusal{errc::hold_expired};
    if (hold.state != hold_state::open) throw refusal{errc::hold_closed};
}

outcome wallet::settle(reader& r, instant event) {
    hold_record* hold = find_hold(r);
    measure m = r.measured();
    if (m.stated() > 1) r.wrong.add(errc::invalid_argument);
    wide cost = hold != nullptr ? price_of_settle(r, *hold, m) : 0;
    r.wrong.refuse_if_any();
    refuse_unless_open(*hold);
    if (cost > hold->reserved + hold->tolerance) throw refusal{errc::settle_exceeds};

    labels of = hold->of;
    note_category(of);
    wide from_hold = std::min(cost, hold->reserved);
    spending excess;
    if (cost > from_hold) {
        auto warnings = check_limits(of, cost, event, hold);
        excess = spend(cost - from_hold, usable_by(of.action));
        warn(warnings);
    }

    std::vector<part> spent;
    std::vector<part> unused;
    wide left = from_hold;
    for (part const& p : hold->parts) {
        wide taken = std::min(left, p.amount);
        left -= taken;
        lots_[p.lot].held -= taken;
        lots_[p.lot].spent += taken;
        if (taken > 0) spent.push_back({p.lot, taken});
        if (taken < p.amount) unused.push_back({p.lot, p.amount - taken});
    }
    hold->state = hold_state::settled;
    std::reverse(unused.begin(), unused.end());
    for (part const& p : unused) {
        lots_[p.lot].held -= p.amount;
        give_back(p.lot, p.amount, source::hold);
    }
    std::erase(open_holds_, static_cast<std::size_t>(hold - holds_.data()));
    spent.insert(spent.end(), excess.parts.begin(), excess.parts.end());
    wide total = from_hold + excess.total;
    charges_.push_back({total, 0, event, spent, owe(excess.debt, of.action), of, {}});
    charge_ids_[r.need_text("hold")] = charges_.size() - 1;
    return {total, spent, {}};
}

outcome wallet::release(reader& r) {
    hold_record* hold = find_hold(r);
    r.wrong.refuse_if_any();
    refuse_unless_open(*hold);
    time_out(*hold);
    hold->state = hold_state::released;
    std::erase(open_holds_, static_cast<std::size_t>(hold - holds_.data()));
    return {};
}

outcome wallet::refund(reader& r) {
    auto found = charge_ids_.find(r.need_text("charge"));
    if (found == charge_ids_.end()) r.wrong.add(errc::unknown_charge);
    auto stated = r.amount("amount");
    r.wrong.refuse_if_any();
    charge_record& charge = charges_[found->second];
    wide left = stated.value_or(charge.cost - charge.refunded);
    if (left > charge.cost - charge.refunded) throw refusal{errc::refund_exceeds};
    charge.refunded += left;
    outcome done;
    regranted_.clear();
    if (charge.debt) {
        debt_record& debt = debts_[*charge.debt];
        wide lowered = std::min(left, debt.open);
        debt.open -= lowered;
        left -= lowered;
        left -= give_back_repaid(debt, left, source::refund);
        wide was_dropped = std::min(left, debt.dropped);
        debt.dropped -= was_dropped;
        left -= was_dropped;
    }
    left -= refund_billed(charge, left, done.owed);
    while (left > 0) {
        part& last = charge.parts.back();
        wide back = std::min(left, last.amount);
        std::size_t lot = last.lot;
        last.amount -= back;
        left -= back;
        if (last.amount == 0) charge.parts.pop_back();
        lots_[lot].spent -= back;
        give_back(lot, back, source::refund);
    }
    return done;
}

/// Returns what lots paid for a debt, last paid first, up to `most`.
wide wallet::give_back_repaid(debt_record& debt, wide most, source from) {
    wide returned = 0;
    while (returned < most && !debt.repaid.empty()) {
        part& last = debt.repaid.back();
        wide back = std::min(most - returned, last.amount);
        std::size_t lot = last.lot;
        last.amount -= back;
        returned += back;
        if (last.amount == 0) debt.repaid.pop_back();
        lots_[lot].spent -= back;
        give_back(lot, back, from);
    }
    return returned;
}

/// The caller has already taken the amount out of the lot's `held` or `spent`.
void wallet::give_back(std::size_t i, wide amount, source from) {
    amount -= lower_claims(i, amount, from);
    if (amount == 0) return;
    lot_record& lot = lots_[i];
    if (lot.is_all_revoked()) {
        lot.voided += amount;
        if (lot.disputed && lot.claimed < lot.granted) lot.disputed->voided += amount;
    } else if (!lot.has_ended) {
        lot.available += amount;
    } else if (from == source::refund && rules_->buckets[lot.bucket].regrant) {
        regrant(i, amount);
    } else {
        lot.expired += amount;
    }
}

/// What claw-backs of the lot still ask for is met first; returns how much that took.
wide wallet::lower_claims(std::size_t i, wide amount, source from) {
    lot_record& lot = lots_[i];
    std::vector<claim*> all;
    for (claim& c : lot.claims) all.push_back(&c);
    if (lot.disputed) all.push_back(&*lot.disputed);
    wide taken = 0;
    auto take = [&](claim& c, wide part_of_it) {
        taken += part_of_it;
        c.voided += part_of_it;
        lot.voided += part_of_it;
    };
    for (claim* c : all) {
        if (!c->debt) continue;
        wide lowered = std::min(amount - taken, debts_[*c->debt].open);
        debts_[*c->debt].open -= lowered;
        take(*c, lowered);
    }
    while (taken < amount) {
        claim* last = nullptr;
        for (claim* c : all) {
            if (!c->debt || debts_[*c->debt].repaid.empty()) continue;
            auto stamp = [&](claim const* of) { return debts_[*of->debt].repaid.back().stamp; };
            if (last == nullptr || stamp(c) > stamp(last)) last = c;
        }
        if (last == nullptr) break;
        wide step = std::min(amount - taken, debts_[*last->debt].repaid.back().amount);
        take(*last, step);
        give_back_repaid(debts_[*last->debt], step, from);
    }
    for (claim* c : all) {
        wide lowered = std::min(amount - taken, c->uncollected);
        c->uncollected -= lowered;
        take(*c, lowered);
    }
    return taken;
}

void wallet::regrant(std::size_t i, wide amount) {
    lot_record& old = lots_[i];
    old.rolled += amount;
    if (auto known = regranted_.find(i); known != regranted_.end()) {
        lots_[known->second].granted += amount;
        lots_[known->second].available += amount;
        return;
    }
    regranted_[i] = lots_.size();
    lot_record next;
    next.name = old.name + "!" + std::to_string(++old.regrants);
    next.bucket = old.bucket;
    next.is_derived = true;
    next.granted = amount;
    next.priority = old.priority;
    next.effective = now_;
    next.expires = add(now_, *rules_->buckets[old.bucket].regrant, *rules_->in);
    next.basis = old.basis;
    next.basis_credits = old.basis_credits;
    add_lot(next);
}

}  // namespace model

/// The state of one wallet and all that can happen to it.
#pragma once

#include "bill.hpp"
#include "plan.hpp"
#include "prices.hpp"
#include "reader.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace model {

struct part {
    std::size_t lot = 0;
    wide amount = 0;
    std::size_t stamp = 0;  // orders repayments across debts
};

struct debt_record {
    std::optional<std::string> action;  // repaid from buckets that it may use, by its category now
    wide open = 0;
    wide dropped = 0;
    std::vector<part> repaid;
};

/// One claw-back of a lot's credit: what was voided, what is owed, what stays uncollected.
struct claim {
    wide credits = 0;
    wide voided = 0;
    wide uncollected = 0;
    std::optional<std::size_t> debt;
};

enum class dispute_state { none, opened, won, lost };

struct lot_record {
    std::string name;
    std::size_t bucket = 0;
    bool is_allowance = false;
    bool is_derived = false;  // rolled or re-granted
    bool has_ended = false;

    wide granted = 0;
    wide available = 0;
    wide held = 0;
    wide spent = 0;
    wide expired = 0;
    wide voided = 0;
    wide rolled = 0;

    std::optional<std::int64_t> priority;
    instant effective = 0;
    std::optional<instant> expires;
    instant granted_at = 0;
    std::optional<money> basis;  // this much was paid for
    wide basis_credits = 0;      // so many credits

    std::string first_name;
    std::int64_t hops = 0;
    std::optional<instant> first_roll;
    std::int64_t regrants = 0;

    wide refunded = 0;  // minor units
    wide claimed = 0;   // credits that refunds and lost disputes asked for
    bool refunded_in_full = false;
    std::vector<claim> claims;
    std::optional<claim> disputed;
    dispute_state dispute = dispute_state::none;
    wide disputed_money = 0;
    bool lost_all = false;

    wide credits_in_dispute() const { return disputed ? disputed->credits : 0; }
    bool is_all_revoked() const { return granted > 0 && claimed + credits_in_dispute() >= granted; }
};

/// What a spend says of itself.
struct labels {
    std::optional<std::string> action;
    std::string category;  // of the action, under which limits counted it
    std::optional<std::string> member;
    std::optional<std::string> resource;
    std::vector<std::string> tags;
};

enum class hold_state { open, settled, released, timed_out };

struct hold_record {
    hold_state state = hold_state::open;
    wide reserved = 0;
    wide tolerance = 0;
    instant until = 0;
    instant event = 0;
    labels of;
    std::optional<kept_price> kept;
    std::vector<part> parts;
};

struct charge_record {
    wide cost = 0;
    wide refunded = 0;
    instant event = 0;
    std::vector<part> parts;
    std::optional<std::size_t> debt;
    labels of;
    std::optional<bill_line> billed;
};

/// A recurring grant beside the plan's; of no amount, none.
struct add_on_state {
    wide amount = 0;
    std::optional<money> price;  // of a period
};

/// What a bucket's subscription grants, and what it did in the period that runs.
struct allowance_state {
    wide current = 0;                    // the plan's
    add_on_state added;                  // the customer's
    std::optional<add_on_state> adding;  // from the next period on
    wide opening = 0;                    // the whole one when the period began
    std::optional<money> price;          // of that
    wide highest = 0;                    // the whole one, of this period
    wide upgraded = 0;                   // granted by upgrades of the plan's in this period
    std::int64_t upgrades = 0;           // that granted something
    std::optional<wide> pending;         // from the next period on
    bool is_owed = false;                // past due: this period's refill waits to be paid
    bool is_over = false;                // the subscription ended before this period

    wide whole() const { return current + added.amount; }
};

/// Whether the subscription refills.
struct subscription_state {
    bool is_paused = false;
    bool is_past_due = false;
    bool has_ended = false;
    std::optional<instant> trial_until;
    bool trial_goes_on = false;  // in the plan that the wallet has then; else in nothing
};

struct alert_state {
    bool is_armed = false;
    bool has_fired = false;  // in this period
};

/// An alert that holds, the plan's or the customer's.
struct alert_in_force {
    alert_rule rule;
    alert_state state;
};

/// A limit that holds. What was charged and held before it did does not count.
struct limit_in_force {
    limit_rule rule;
    std::size_t first_charge = 0;
    std::size_t first_hold = 0;
};

enum class intent_state { open, confirmed, failed };

struct intent_record {
    intent_state state = intent_state::open;
    wide amount = 0;
    money price;
    std::size_t bucket = 0;
    instant opened = 0;
};

/// The periods that run now for one bucket.
struct running {
    schedule periods;
    std::int64_t index = 0;  // counted from the schedule's anchor
    std::int64_t label = 0;  // counted over all starts
    instant begin = 0;
    instant end = 0;
    instant counts_from = 0;

    bool is_over() const { return end == INT64_MAX; }  // and none followed
};

struct outcome {
    std::optional<wide> cost;
    std::vector<part> took;
    std::optional<money> owed;
    std::string news = {};  // that is told once: who tells it again finds who did first
};

class wallet {
public:
    explicit wallet(plan const& rules);

    void advance(instant to);
    /// What the rules do after every step, at the same instant.
    void finish();
    /// What they do besides after an operation: accepted, refused, or refused for lack of credit.
    void finish_operation(std::optional<wide> const& lacked);

    outcome start(reader& r, instant event);
    outcome grant(reader& r);
    outcome charge(reader& r, instant event);
    outcome hold(reader& r, instant event);
    outcome settle(reader& r, instant event);
    outcome release(reader& r);
    outcome refund(reader& r);
    outcome refund_purchase(reader& r);
    outcome dispute(reader& r);
    outcome void_lot(reader& r);
    outcome expire_at(reader& r);
    outcome change_plan(reader& r);
    outcome add_on(reader& r);
    outcome cancel_change(reader& r);
    outcome confirm_recharge(reader& r);
    outcome fail_recharge(reader& r);
    outcome pause(reader& r);
    outcome unpause(reader& r);
    outcome past_due(reader& r);
    outcome paid(reader& r);
    outcome end(reader& r);
    outcome configure(reader& r);
    outcome reprice(price_list prices);

    /// What was raised, and the intents that were opened, since the last time they were taken.
    std::vector<std::string> take_alerts() { return std::exchange(alerts_raised_, {}); }
    std::vector<wide> take_intents() { return std::exchange(intents_opened_, {}); }

    /// Whether the hold that this request opened, the last of them, was released or ran out.
    bool has_bought_nothing(std::string const& hold) const;
    std::size_t times_opened(std::string const& hold) const;

    instant now() const { return now_; }
    wide available() const;
    wide held() const;
    wide debt() const;
    wide used() const;
    wide available_of(lot_record const& lot) const;
    std::deque<lot_record> const& lots() const { return lots_; }
    /// None before the first start, and after a trial that ended in nothing.
    running const* account_period() const {
        auto const& period = running_[account()];
        return period && !period->is_over() ? &*period : nullptr;
    }
    wide available_at(instant at) const;

    /// Rule 12; throws std::logic_error where the model itself is wrong.
    void check() const;

private:
    struct spending {
        std::vector<part> parts;
        wide debt = 0;
        wide total = 0;
    };
    struct shortfall {
        wide voided = 0;
        wide owed = 0;
    };
    enum class source { hold, refund };

    // due.cpp
    void check_spends() const;
    std::size_t account() const;
    std::optional<instant> next_due(instant until) const;
    void process(instant at);
    void time_out(hold_record& hold);
    void expire_lots();
    void end_periods();
    void roll(std::size_t bucket);
    void begin_account_period();
    void open_period(std::size_t bucket);
    void begin_allowance(std::size_t bucket);
    bool goes_on(std::size_t bucket) const;
    void close_period(std::size_t bucket);
    duration length_of_periods(std::size_t bucket) const;
    void begin_anew(std::size_t bucket, instant anchor);
    void end_and_begin_anew(instant anchor);
    void note_turn(std::size_t bucket);
    std::vector<std::size_t> refilled() const;
    void refill(std::size_t bucket, std::optional<money> const& paid);
    void add_allowance(std::size_t bucket, wide amount, std::string const& name,
                       std::optional<money> const& paid);
    void close_debt();
    void drop_debt();
    void repay();
    void remember();
    running running_from(schedule const& periods) const;
    std::optional<instant> expiry_of_grant(std::size_t bucket, instant effective) const;
    std::size_t add_lot(lot_record lot);
    void end_lot(lot_record& lot);

    // spend.cpp
    bool is_usable(lot_record const& lot, bucket_set const& usable) const;
    bool burns_before(lot_record const& a, lot_record const& b) const;
    instant burn_expiry(lot_record const& lot) const;
    std::vector<std::size_t> in_burn_order(bucket_set const& usable) const;
    wide available_in(bucket_set const& usable) const;
    bucket_set usable_by(std::optional<std::string> const& action) const;
    std::vector<part> draw(wide amount, bucket_set const& usable, wide lot_record::*into);
    spending quote(wide cost, bucket_set const& usable) const;
    spending spend(wide cost, bucket_set const& usable);
    std::optional<std::size_t> owe(wide amount, std::optional<std::string> const& action);
    void give_back(std::size_t lot, wide amount, source from);
    wide lower_claims(std::size_t lot, wide amount, source from);
    void regrant(std::size_t lot, wide amount);
    hold_record* find_hold(reader& r);
    wide give_back_repaid(debt_record& debt, wide most, source from);

    // prices.cpp
    std::string category_of(std::string const& action) const;
    void note_category(labels& of) const;
    wide price_of(reader& r, std::optional<std::string> const& action, measure const& m) const;
    wide price_of_settle(reader& r, hold_record const& hold, measure const& m) const;

    // bill.cpp
    wide room_to_owe() const;
    void bill();
    wide refund_billed(charge_record& charge, wide most, std::optional<money>& owed);

    // limits.cpp
    void check_paths(reader& r, labels const& of) const;
    std::vector<std::string> counted_by(limit_rule const& limit, labels const& of) const;
    stretch window_of(window per, instant event) const;
    stretch period_of(instant event) const;
    wide counted(limit_in_force const& limit, std::string const& subject, instant event,
                 hold_record const* but) const;
    std::vector<std::string> check_limits(labels const& of, wide cost, instant event,
                                          hold_record const* settled) const;
    void check_named(labels const& of) const;

    // alerts.cpp
    wide balance_of(bucket_set const& of) const;
    std::optional<wide> level_of(alert_rule const& rule) const;
    void compare_alerts();
    void warn(std::vector<std::string> const& warnings);

    // settings.cpp
    void check_allowed(reader& r, settings const& wanted) const;
    void check_recharge_allowed(reader& r, recharge_setting const& wanted) const;
    void bring_into_force();
    void bring_alerts_into_force();
    void bring_limits_into_force();
    std::optional<recharge_rule> recharge_by(std::optional<recharge_setting> const& by_default,
                                             std::optional<recharge_setting> const& own) const;
    std::optional<recharge_rule> recharge_to_bring() const;

    // change.cpp
    void change_allowance(std::size_t bucket, wide wanted, bool at_once, std::string const& how);
    void upgrade(std::size_t bucket, wide grants, std::optional<money> const& paid);
    void pay_owed();

    // add_on.cpp
    std::optional<money> price_of_period(std::size_t bucket) const;
    bool is_in_one_currency(std::size_t bucket, std::optional<money> const& price) const;
    void begin_periods_of_account(std::size_t bucket);
    void enlarge(std::size_t bucket, add_on_state const& wanted, std::string const& how);
    wide granted_by_enlarging(std::size_t bucket, wide wanted, std::string const& how) const;
    void end_trial();
    void check_subscribed(reader& r) const;
    void check_not_paused() const;
    void check_total(reader& r, wide more) const;

    // recharge.cpp
    std::optional<instant> next_recharge_check() const;
    bool is_recharge_due() const;
    wide amount_to_buy(wide balance) const;
    std::optional<wide> price_to_buy(wide amount) const;
    bool month_allows(wide price) const;
    void consider_recharge(std::optional<wide> const& lacked);
    std::optional<std::size_t> find_intent(reader& r) const;
    std::optional<wide> lacked(wide cost, bucket_set const& usable, bool may_overdraw) const;

    // purchase.cpp
    std::optional<std::size_t> find_lot(reader& r) const;
    shortfall shortfall_of(lot_record const& lot, wide credits) const;
    claim claw_back(std::size_t lot, wide credits);
    void check_refundable(lot_record const& lot) const;
    void open_dispute(std::size_t lot, wide total);
    void win_dispute(std::size_t lot);
    bool is_first_purchase(std::size_t lot) const;

    plan const* rules_;
    price_lists prices_;
    instant now_ = INT64_MIN;
    std::deque<lot_record> lots_;
    std::vector<std::size_t> alive_;
    std::map<std::string, std::size_t> lot_names_;
    std::vector<hold_record> holds_;
    std::vector<std::size_t> open_holds_;
    std::map<std::string, std::vector<std::size_t>> hold_ids_;  // the last is the one that is meant
    std::vector<charge_record> charges_;
    std::map<std::size_t, std::size_t> regranted_;  // by the running refund: lot, and what follows
    std::map<std::string, std::size_t> charge_ids_;
    std::vector<debt_record> debts_;
    std::vector<std::optional<running>> running_;  // by bucket; the last is the account's own
    std::vector<std::size_t> turns_;  // what has had periods, in the order of the first ones
    std::vector<std::pair<instant, wide>> history_;
    std::vector<instant> period_begins_;  // of the account's periods, as `used` counts them
    std::vector<allowance_state> allowances_;
    subscription_state subscription_;
    settings chosen_;
    std::vector<alert_in_force> alerts_;
    std::vector<limit_in_force> limits_;
    std::optional<recharge_rule> recharge_;
    bool has_new_period_ = false;  // since alerts were last compared
    std::vector<std::string> alerts_raised_;
    bool has_operated_ = false;
    std::vector<intent_record> intents_;
    std::vector<wide> intents_opened_;
    std::int64_t failures_ = 0;        // in a row
    std::optional<instant> back_off_;  // no intent opens before
    std::size_t stamps_ = 0;
};

}  // namespace model

/// The state of one wallet and all that can happen to it.
#pragma once

#include "plan.hpp"
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

/// Whether a bucket may be drawn on, by the bucket's position.
using bucket_set = std::vector<bool>;

struct debt_record {
    bucket_set usable;
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

enum class hold_state { open, settled, released, timed_out };

struct hold_record {
    hold_state state = hold_state::open;
    wide reserved = 0;
    wide tolerance = 0;
    instant until = 0;
    std::optional<std::string> action;
    std::vector<part> parts;
};

struct charge_record {
    wide cost = 0;
    wide refunded = 0;
    instant event = 0;
    std::vector<part> parts;
    std::optional<std::size_t> debt;
};

/// The periods that run now for one bucket.
struct running {
    schedule periods;
    std::int64_t index = 0;  // counted from the schedule's anchor
    std::int64_t label = 0;  // counted over all starts
    instant begin = 0;
    instant end = 0;
    instant counts_from = 0;
};

struct outcome {
    std::optional<wide> cost;
    std::vector<part> took;
    std::optional<money> owed;
};

class wallet {
public:
    explicit wallet(plan const& rules) : rules_(&rules), running_(rules.buckets.size() + 1) {}

    void advance(instant to);
    /// What the rules do after every operation, at the same instant.
    void finish();

    outcome start(reader& r, instant event);
    outcome grant(reader& r);
    outcome charge(reader& r, instant event);
    outcome hold(reader& r);
    outcome settle(reader& r, instant event);
    outcome release(reader& r);
    outcome refund(reader& r);
    outcome refund_purchase(reader& r);
    outcome dispute(reader& r);
    outcome void_lot(reader& r);
    outcome expire_at(reader& r);

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
    std::optional<running> const& account_period() const { return running_[account()]; }
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
    void refill(std::size_t bucket, std::optional<money> const& paid);
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
    bucket_set unrestricted() const { return usable_by({}); }
    std::vector<part> draw(wide amount, bucket_set const& usable, wide lot_record::*into);
    spending quote(wide cost, bucket_set const& usable) const;
    spending spend(wide cost, bucket_set const& usable);
    std::optional<std::size_t> owe(wide amount, bucket_set usable);
    void give_back(std::size_t lot, wide amount, source from);
    wide lower_claims(std::size_t lot, wide amount, source from);
    void regrant(std::size_t lot, wide amount);
    hold_record* find_hold(reader& r);
    wide price_of(reader& r, std::optional<std::string> const& action, measure const& m) const;
    wide give_back_repaid(debt_record& debt, wide most, source from);

    // purchase.cpp
    std::optional<std::size_t> find_lot(reader& r) const;
    shortfall shortfall_of(lot_record const& lot, wide credits) const;
    claim claw_back(std::size_t lot, wide credits);
    void check_refundable(lot_record const& lot) const;
    void open_dispute(std::size_t lot, wide total);
    void win_dispute(std::size_t lot);
    bool is_first_purchase(std::size_t lot) const;

    plan const* rules_;
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
    std::vector<std::pair<instant, wide>> history_;
    std::size_t stamps_ = 0;
};

}  // namespace model

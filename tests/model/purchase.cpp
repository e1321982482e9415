/// Grants, refunds of purchases, disputes, voiding, changed expiries.
#include "wallet.hpp"

#include <algorithm>

namespace model {

std::optional<std::size_t> wallet::find_lot(reader& r) const {
    auto found = lot_names_.find(r.need_text("lot"));
    if (found != lot_names_.end()) return found->second;
    r.wrong.add(errc::unknown_lot);
    return {};
}

static void check_source(reader const& r) {
    static std::vector<std::string> const known{"plan",     "purchase",   "bonus", "promo",
                                                "referral", "adjustment", "refund"};
    auto source = r.text("source");
    if (source && std::find(known.begin(), known.end(), *source) == known.end()) {
        r.bad("source", "unknown source");
    }
}

/// An instant, "never", or a date, which ends when the next one begins on the clocks of the zone;
/// an unreadable instant counts as never and is a fault.
static std::optional<instant> stated_expiry(reader& r, zone const& in) {
    std::string const& text = r.need_text("expires");
    if (text == "never") return {};
    if (text.size() > 10) return r.moment("expires");
    auto midnight = parse_instant(text + "T00:00:00Z");
    if (!midnight) r.bad("expires", "neither an instant nor a date");
    constexpr std::int64_t day = 86'400'000'000;
    return in.from_local(*midnight + day);
}

outcome wallet::grant(reader& r) {
    check_source(r);
    auto const& buckets = rules_->buckets;
    std::string const& bucket_name = r.need_text("bucket");
    auto bucket = std::find_if(buckets.begin(), buckets.end(),
                               [&](bucket_rules const& b) { return b.name == bucket_name; });
    if (bucket == buckets.end()) r.wrong.add(errc::unknown_bucket);

    lot_record lot;
    lot.name = r.need_text("lot");
    if (lot_names_.count(lot.name) != 0) r.wrong.add(errc::invalid_argument);
    lot.granted = r.need_amount("amount");
    if (lot.granted == 0 && r.sound()) r.wrong.add(errc::invalid_argument);
    lot.priority = r.integer("priority");
    lot.effective = r.moment("effective").value_or(now_);
    lot.basis = r.paid("paid");
    lot.basis_credits = lot.granted;
    if (bucket != buckets.end()) {
        lot.bucket = static_cast<std::size_t>(bucket - buckets.begin());
        if (bucket->expiry.kind == expiry_rule::form::period_end && !running_[account()]) {
            r.wrong.add(errc::invalid_argument);
        } else {
            lot.expires = expiry_of_grant(lot.bucket, lot.effective);
        }
    }
    if (r.has("expires")) lot.expires = stated_expiry(r, *rules_->in);
    if (lot.expires && *lot.expires <= lot.effective) r.wrong.add(errc::invalid_argument);
    wide total = lot.granted;
    for (std::size_t i : alive_) total += lots_[i].available + lots_[i].held;
    if (total > largest) r.wrong.add(errc::amount_overflow);
    r.wrong.refuse_if_any();
    add_lot(lot);
    return {};
}

bool wallet::is_first_purchase(std::size_t i) const {
    for (std::size_t other = 0; other < i; ++other) {
        lot_record const& lot = lots_[other];
        if (lot.bucket == lots_[i].bucket && lot.basis && !lot.is_derived) return false;
    }
    return true;
}

void wallet::check_refundable(lot_record const& lot) const {
    refund_rule const& rule = rules_->buckets[lot.bucket].refund;
    std::size_t i = lot_names_.at(lot.name);
    bool refundable = lot.basis && !lot.is_derived && rule.kind != refund_rule::form::none;
    if (refundable && rule.within) {
        refundable = now_ < add(lot.granted_at, *rule.within, *rules_->in);
    }
    if (refundable && rule.first_purchase_only) refundable = is_first_purchase(i);
    if (!refundable) throw refusal{errc::not_refundable};
}

/// The credits that so much money stands for, rounded up.
static wide credits_for(lot_record const& lot, wide minor) {
    if (lot.basis->minor == 0) return 0;
    return ceiling_of_product(lot.granted, minor, lot.basis->minor);
}

/// The money that so many credits stand for, rounded down.
static wide money_for(lot_record const& lot, wide credits) {
    if (lot.granted == 0) return 0;
    return floor_of_product(lot.basis->minor, credits, lot.granted);
}

wallet::shortfall wallet::shortfall_of(lot_record const& lot, wide credits) const {
    wide claimable = lot.spent + lot.held;
    auto exclude = [&](claim const& c) {
        claimable -= c.uncollected;
        if (!c.debt) return;
        debt_record const& debt = debts_[*c.debt];
        claimable -= debt.open + debt.dropped;
        for (part const& p : debt.repaid) claimable -= p.amount;
    };
    for (claim const& c : lot.claims) exclude(c);
    if (lot.disputed) exclude(*lot.disputed);
    shortfall found;
    found.voided = std::min(lot.available, credits);
    found.owed = std::min(credits - found.voided, std::max<wide>(0, claimable));
    return found;
}

claim wallet::claw_back(std::size_t i, wide credits) {
    lot_record& lot = lots_[i];
    shortfall found = shortfall_of(lot, credits);
    if (rules_->shortfall == clawback::refuse && found.owed > 0) {
        throw refusal{errc::refund_exceeds};
    }
    claim made;
    made.credits = credits;
    made.voided = found.voided;
    lot.available -= found.voided;
    lot.voided += found.voided;
    if (rules_->shortfall == clawback::negative) {
        made.debt = owe(found.owed, {});
    } else {
        made.uncollected = found.owed;
    }
    return made;
}

static outcome owing(wide minor, lot_record const& lot) {
    return {{}, {}, money{minor, lot.basis->currency}};
}

static std::optional<money> stated_money(reader& r, std::optional<money> const& basis) {
    auto stated = r.paid("money");
    if (stated && basis && stated->currency != basis->currency) {
        r.wrong.add(errc::invalid_argument);
    }
    return stated;
}

outcome wallet::refund_purchase(reader& r) {
    auto i = find_lot(r);
    auto total = stated_money(r, i ? lots_[*i].basis : std::nullopt);
    r.wrong.refuse_if_any();
    lot_record& lot = lots_[*i];
    check_refundable(lot);
    wide paid = lot.basis->minor;
    if (lot.dispute == dispute_state::opened || lot.lost_all) throw refusal{errc::refund_exceeds};
    bool is_full = rules_->buckets[lot.bucket].refund.kind == refund_rule::form::full;

    if (!total) {
        bool again = lot.refunded_in_full || (paid > 0 && lot.refunded >= paid);
        if (again) throw refusal{errc::refund_exceeds};
        wide unspent = lot.available;
        wide owed = paid - lot.refunded;
        if (!is_full) owed = std::min(owed, money_for(lot, unspent));
        lot.available = 0;
        lot.voided += unspent;
        lot.claimed = is_full ? lot.granted : std::min(lot.granted, lot.claimed + unspent);
        lot.refunded += owed;
        lot.refunded_in_full = true;
        return owing(owed, lot);
    }
    if (total->minor > paid) throw refusal{errc::refund_exceeds};
    if (total->minor <= lot.refunded) return owing(0, lot);
    if (!is_full && total->minor > lot.refunded + money_for(lot, lot.available)) {
        throw refusal{errc::refund_exceeds};
    }
    wide credits = std::max<wide>(0, credits_for(lot, total->minor) - lot.claimed);
    lot.claims.push_back(claw_back(*i, credits));
    lot.claimed += credits;
    wide owed = total->minor - lot.refunded;
    lot.refunded = total->minor;
    return owing(owed, lot);
}

void wallet::open_dispute(std::size_t i, wide total) {
    lot_record& lot = lots_[i];
    if (total > lot.basis->minor) throw refusal{errc::refund_exceeds};
    lot.disputed = claw_back(i, std::max<wide>(0, credits_for(lot, total) - lot.claimed));
    lot.disputed_money = total;
    lot.dispute = dispute_state::opened;
}

void wallet::win_dispute(std::size_t i) {
    lot_record& lot = lots_[i];
    claim undone = *lot.disputed;
    lot.disputed.reset();
    lot.dispute = dispute_state::won;
    if (undone.debt) {
        debt_record& debt = debts_[*undone.debt];
        debt.open = 0;
        debt.dropped = 0;
        give_back_repaid(debt, largest, source::hold);
    }
    lot.voided -= undone.voided;
    (lot.has_ended ? lot.expired : lot.available) += undone.voided;
}

static void lose_dispute(lot_record& lot) {
    lot.claimed += lot.disputed->credits;
    lot.claims.push_back(*lot.disputed);
    lot.disputed.reset();
    lot.dispute = dispute_state::lost;
    lot.refunded = std::max(lot.refunded, lot.disputed_money);
    lot.lost_all = lot.disputed_money >= lot.basis->minor;
}

outcome wallet::dispute(reader& r) {
    auto i = find_lot(r);
    std::string const& state = r.need_text("state");
    if (state != "opened" && state != "won" && state != "lost") r.bad("state", "unknown state");
    auto stated = stated_money(r, i ? lots_[*i].basis : std::nullopt);
    r.wrong.refuse_if_any();
    lot_record& lot = lots_[*i];
    if (!lot.basis || lot.is_derived) throw refusal{errc::not_refundable};
    wide total = stated ? stated->minor : lot.basis->minor;
    bool is_open = lot.dispute == dispute_state::opened;
    if (state == "won") {
        if (is_open) win_dispute(*i);
    } else if (state == "opened") {
        if (!is_open) open_dispute(*i, total);
    } else if (lot.dispute != dispute_state::lost) {
        if (!is_open) open_dispute(*i, total);
        lose_dispute(lot);
    }
    return {};
}

outcome wallet::void_lot(reader& r) {
    auto i = find_lot(r);
    auto stated = r.amount("amount");
    r.wrong.refuse_if_any();
    lot_record& lot = lots_[*i];
    wide amount = stated.value_or(lot.available);
    if (amount > lot.available) throw refusal{errc::insufficient_credits};
    lot.available -= amount;
    lot.voided += amount;
    return {};
}

outcome wallet::expire_at(reader& r) {
    auto i = find_lot(r);
    auto expires = stated_expiry(r, *rules_->in);
    if (i) {
        lot_record const& lot = lots_[*i];
        bool too_early = expires && *expires <= lot.effective;
        if (lot.has_ended || lot.is_all_revoked() || too_early) {
            r.wrong.add(errc::invalid_argument);
        }
    }
    r.wrong.refuse_if_any();
    lots_[*i].expires = expires;
    return {};
}

}  // namespace model

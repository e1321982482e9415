/// Auto-recharge: when an intent to buy opens, for how much, and what becomes of it.
#include "wallet.hpp"

#include <algorithm>

namespace model {

constexpr std::int64_t failures_that_stop = 3;
constexpr instant hour = 3'600'000'000;

/// The next instant at which an intent may open by itself.
std::optional<instant> wallet::next_recharge_check() const {
    if (!recharge_ || !has_operated_) return {};
    instant month = month_of(now_, *rules_->in).end;
    bool is_backing_off = back_off_ && *back_off_ > now_;
    return is_backing_off ? std::min(month, *back_off_) : month;
}

bool wallet::is_recharge_due() const {
    if (!recharge_ || !has_operated_) return false;
    return now_ == month_of(now_, *rules_->in).begin || back_off_ == now_;
}

/// How much more credit, beside what repays debt, would let an operation go ahead that lacked it;
/// none if credit in the bucket of the recharge would not.
std::optional<wide> wallet::lacked(wide cost, bucket_set const& usable, bool may_overdraw) const {
    if (!recharge_ || !usable[recharge_->bucket]) return {};
    wide short_by = cost - available_in(usable);
    if (!may_overdraw) return short_by;
    overdraft_rule const& rule = rules_->overdraft;
    wide limit = rule.kind == overdraft_rule::form::limit ? rule.limit : 0;
    if (rule.later) limit = rule.later->limit.value_or(largest);
    bool takes_less = rule.kind == overdraft_rule::form::take_available || rule.partial;
    return (takes_less ? 1 : short_by) - limit;
}

wide wallet::amount_to_buy(wide balance) const {
    recharge_rule const& rule = *recharge_;
    wide amount = rule.is_to_target ? rule.amount - balance : rule.amount;
    if (!rule.multiple_of || amount <= 0) return amount;
    if (!rule.is_to_target) amount = std::max(amount, rule.threshold - balance);
    wide packs = (amount + *rule.multiple_of - 1) / *rule.multiple_of;
    return packs * *rule.multiple_of;
}

/// In minor units; none if it is beyond 64 bits.
std::optional<wide> wallet::price_to_buy(wide amount) const {
    recharge_rule const& rule = *recharge_;
    wide pack = rule.multiple_of.value_or(amount);
    big price = big(rule.price.minor) * (amount / pack);
    if (rule.is_per_credit) price = (big(rule.price.minor) * amount + 999'999) / 1'000'000;
    if (price > big(largest) || amount > largest) return {};
    return static_cast<wide>(price);
}

/// Open and confirmed intents count in the month in which they were opened.
bool wallet::month_allows(wide price) const {
    recharge_rule const& rule = *recharge_;
    stretch month = month_of(now_, *rules_->in);
    wide money_spent = price;
    std::int64_t count = 1;
    for (intent_record const& intent : intents_) {
        bool is_of_month = intent.opened >= month.begin && intent.opened < month.end;
        if (!is_of_month || intent.state == intent_state::failed) continue;
        money_spent += intent.price.minor;
        ++count;
    }
    if (rule.monthly_limit && money_spent > rule.monthly_limit->minor) return false;
    return !rule.max_per_month || count <= *rule.max_per_month;
}

void wallet::consider_recharge(std::optional<wide> const& lacked) {
    if (!recharge_ || failures_ >= failures_that_stop) return;
    if (back_off_ && now_ < *back_off_) return;
    for (intent_record const& intent : intents_) {
        if (intent.state == intent_state::open) return;
    }
    recharge_rule const& rule = *recharge_;
    wide balance = balance_of(rule.of);
    wide amount = amount_to_buy(balance);
    if (amount <= 0) return;
    bool would_cure = lacked && !rules_->sticky && amount - debt() >= *lacked;
    if (balance >= rule.threshold && !would_cure) return;
    auto price = price_to_buy(amount);
    if (!price || !month_allows(*price)) return;
    intents_.push_back(
        {intent_state::open, amount, {*price, rule.price.currency}, rule.bucket, now_});
    intents_opened_.push_back(amount);
}

std::optional<std::size_t> wallet::find_intent(reader& r) const {
    r.text("reason");
    auto count = static_cast<std::int64_t>(intents_.size());
    std::int64_t n = r.integer("intent").value_or(count);
    if (n >= 1 && n <= count) return static_cast<std::size_t>(n - 1);
    r.wrong.add(errc::invalid_argument);
    return {};
}

outcome wallet::confirm_recharge(reader& r) {
    auto i = find_intent(r);
    r.wrong.refuse_if_any();
    intent_record& intent = intents_[*i];
    outcome told{{}, {}, {}, "confirmed " + std::to_string(*i)};
    if (intent.state == intent_state::confirmed) return told;
    bool lapses = rules_->buckets[intent.bucket].expiry.kind == expiry_rule::form::period_end;
    if (lapses && !running_[account()]) r.wrong.add(errc::invalid_argument);
    check_total(r, intent.amount);
    r.wrong.refuse_if_any();

    lot_record lot;
    lot.name = "recharge#" + std::to_string(*i + 1);
    lot.bucket = intent.bucket;
    lot.granted = intent.amount;
    lot.effective = now_;
    lot.expires = expiry_of_grant(lot.bucket, lot.effective);
    lot.basis = intent.price;
    lot.basis_credits = lot.granted;
    add_lot(lot);
    intent.state = intent_state::confirmed;
    failures_ = 0;
    back_off_.reset();
    return told;
}

outcome wallet::fail_recharge(reader& r) {
    auto i = find_intent(r);
    r.wrong.refuse_if_any();
    intent_record& intent = intents_[*i];
    bool is_paid = intent.state == intent_state::confirmed;
    outcome told{{}, {}, {}, (is_paid ? "confirmed " : "failed ") + std::to_string(*i)};
    if (intent.state != intent_state::open) return told;
    intent.state = intent_state::failed;
    ++failures_;
    back_off_.reset();
    if (failures_ < failures_that_stop) back_off_ = now_ + hour * (1LL << (failures_ - 1));
    return told;
}

}  // namespace model

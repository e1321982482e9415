/// What is billed later: debt that is closed at the end of the account's period, and its refunds.
#include "bill.hpp"

#include "plan_values.hpp"
#include "wallet.hpp"

#include <algorithm>

namespace model {

bill_later_rule parse_bill_later(nlohmann::json const& source) {
    using namespace values;
    std::string const path = "plan.overdraft.bill_later";
    check_keys(source, path, {"limit", "price", "per"});
    bill_later_rule rule;
    if (source.contains("limit")) rule.limit = amount_of(source["limit"], path + ".limit");
    if (source.contains("price")) {
        rule.price = money_of(source["price"], path + ".price");
        if (rule.price->minor < 0) invalid(path + ".price", "below zero");
    }
    if (source.contains("per")) {
        if (!rule.price) invalid(path + ".per", "belongs to a price");
        rule.per = positive_of(source["per"], path + ".per");
    }
    return rule;
}

/// What a wallet may owe beyond what it owes by now.
wide wallet::room_to_owe() const {
    overdraft_rule const& rule = rules_->overdraft;
    if (rule.later && !rule.later->limit) return largest;
    bool has_room = rule.later || rule.kind == overdraft_rule::form::limit;
    if (!has_room) return 0;
    wide limit = rule.later ? *rule.later->limit : rule.limit;
    return std::max<wide>(0, limit - debt());
}

/// Closes what charges owe, oldest first. All of it is rounded up once, and each line is the
/// difference that it makes. What claw-backs are owed is not billed.
void wallet::bill() {
    auto const& rule = rules_->overdraft.later;
    if (!rule) return;
    wide sum = 0;
    wide total = 0;
    for (charge_record& charge : charges_) {
        if (!charge.debt || debts_[*charge.debt].open == 0) continue;
        wide owed = std::exchange(debts_[*charge.debt].open, 0);
        charge.billed = bill_line{owed, {}, 0};
        if (!rule->price) continue;
        sum += owed;
        wide with_this = ceiling_of_product(sum, rule->price->minor, rule->per);
        charge.billed->price = money{with_this - total, rule->price->currency};
        total = with_this;
    }
}

/// Refunds up to so much of what was billed; as money, if it had a price. All refunds of a line
/// come to its price.
wide wallet::refund_billed(charge_record& charge, wide most, std::optional<money>& owed) {
    if (!charge.billed) return 0;
    bill_line& line = *charge.billed;
    wide back = std::min(most, line.amount - line.refunded);
    if (back == 0) return 0;
    auto worth = [&](wide credits) {
        return floor_of_product(line.price->minor, credits, line.amount);
    };
    if (line.price) {
        owed = money{worth(line.refunded + back) - worth(line.refunded), line.price->currency};
    }
    line.refunded += back;
    return back;
}

}  // namespace model

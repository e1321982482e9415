// What goes beyond the credits is billed later. Only where the options ask for it.
#include "fuzz/generator.hpp"

#include <algorithm>

namespace lives {

void generator::make_bill_later() {
    bills_ = options_.bills && dice_.one_in(4);
    if (!bills_) return;
    json later = json::object();
    if (dice_.one_in(3)) later["limit"] = amount(60);
    if (!dice_.one_in(4)) {
        later["price"] =
            dice_.text_among({"1.00 USD", "0.01 USD", "0.07 EUR", "12.00 USD", "3 JPY"});
        if (dice_.one_in(2)) {
            later["per"] = dice_.text_among({"1", "10", "1000", "7", "0.25", "0.000001"});
        }
    }
    plan_["overdraft"] = json{{"bill_later", later}};
    if (later.empty() && dice_.one_in(2)) plan_["overdraft"] = "bill_later";
}

/// Large charges, and refunds of their parts.
json generator::beyond_credits() {
    if (charged_.empty() || dice_.one_in(2)) {
        charged_.push_back(fresh_id("c"));
        return json{{"charge", json{{"id", charged_.back()}, {"amount", amount(150)}}}};
    }
    const auto count = static_cast<std::int64_t>(charged_.size());
    const auto place =
        static_cast<std::size_t>(dice_.between(std::max<std::int64_t>(0, count - 4), count - 1));
    json content{{"charge", charged_[place]}};
    if (!dice_.one_in(4)) content["amount"] = amount(30);
    maybe_id(content, "r");
    return json{{"refund", content}};
}

}  // namespace lives

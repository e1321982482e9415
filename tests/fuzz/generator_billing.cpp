// What goes beyond the credits is billed later. Only where the options ask for it.
#include "fuzz/generator.hpp"

namespace lives {

void generator::make_bill_later() {
    if (!options_.bills || !dice_.one_in(4)) return;
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

}  // namespace lives

// Prices that are replaced while holds are open. Only where the options ask for it.
#include "fuzz/generator.hpp"

#include <algorithm>

namespace lives {

void generator::make_prices_change() {
    if (!options_.reprices || !dice_.one_in(4)) return;
    reprices_ = dice_.between(2, 5);
    bursts_ = dice_.one_in(3);
    lists_.push_back(plan_.value("costs", json::object()));
}

json generator::of_prices() {
    if (!holds_.empty() && dice_.one_in(3)) return settle_by_usage();
    if (!actions_.empty() && dice_.one_in(2)) return hold_by_action();
    if (!dice_.one_in(reprices_)) return json{{"pass", json::object()}};
    if (bursts_ && dice_.one_in(2)) burst_ = dice_.between(14, 17);
    return reprice();
}

/// One that lasts, and that most usage fits.
json generator::hold_by_action() {
    holds_.push_back(fresh_id("h"));
    const std::string action = dice_.of(actions_);
    spends_.push_back({holds_.back(), action});
    return json{{"hold", json{{"id", holds_.back()},
                              {"action", action},
                              {"at_most", amount(20)},
                              {"tolerance", amount(20)},
                              {"for", "40 days"}}}};
}

/// A list of before, that which holds with some prices of another, or other prices.
json generator::reprice() {
    burst_ = std::max<std::int64_t>(0, burst_ - 1);
    json costs = lists_.back();
    const json other = dice_.one_in(bursts_ ? 10 : 3) ? dice_.of(lists_) : some_costs();
    if (dice_.one_in(2)) {
        costs = other;
    } else {
        for (const auto& [action, price] : other.items()) {
            if (dice_.one_in(2)) costs[action] = price;
        }
    }
    actions_.clear();
    for (const auto& [action, price] : costs.items()) actions_.push_back(action);
    if (!lists_.empty() && dice_.one_in(4)) {  // what may be gone by now
        for (const auto& [action, price] : dice_.of(lists_).items()) actions_.push_back(action);
    }
    lists_.push_back(costs);
    return json{{"reprice", json{{"costs", costs}}}};
}

/// In the measure of the action for which it was opened.
json generator::settle_by_usage() {
    const std::string hold = some_hold();
    const auto spend = std::find_if(spends_.begin(), spends_.end(),
                                    [&](const known_spend& s) { return s.id == hold; });
    const std::string action = spend == spends_.end() ? "" : spend->action;
    json content{{"hold", hold}};
    if (action.empty() || action == "research") {
        content["amount"] = amount(9);
    } else if (action == "tokens") {
        content["usage"] = json{{"input", std::to_string(dice_.between(0, 90'000))},
                                {"output", std::to_string(dice_.between(0, 20))}};
    } else {
        content["quantity"] = amount(10);
    }
    if (dice_.one_in(6)) content["id"] = fresh_id("s");
    return json{{"settle", content}};
}

}  // namespace lives

#include "prices.hpp"

#include "wallet.hpp"

#include <algorithm>

namespace model {

constexpr std::size_t former_lists_kept = 16;

static bool is_nothing_but_rates(price const& rule) {
    switch (rule.kind) {
        case price::form::flat:
        case price::form::rates: return true;
        case price::form::rate: return !rule.minimum && !rule.minimum_if_used && !rule.increment;
        default: return false;
    }
}

static bool same_figures(price const& a, price const& b) {
    auto same_tiers = [](tier const& x, tier const& y) {
        return x.up_to == y.up_to && x.rate == y.rate && x.flat == y.flat;
    };
    return a.kind == b.kind && a.flat == b.flat && a.rate == b.rate && a.per == b.per &&
           a.minimum.value_or(0) == b.minimum.value_or(0) &&
           a.minimum_if_used.value_or(0) == b.minimum_if_used.value_or(0) &&
           a.increment.value_or(0) == b.increment.value_or(0) && a.mode == b.mode &&
           a.places == b.places && a.low == b.low && a.high == b.high && a.rates == b.rates &&
           std::equal(a.tiers.begin(), a.tiers.end(), b.tiers.begin(), b.tiers.end(), same_tiers) &&
           a.size == b.size && a.free == b.free;
}

price const* price_lists::find(std::string const& action) const {
    auto found = lists_.back().find(action);
    return found == lists_.back().end() ? nullptr : &found->second;
}

bool price_lists::knows(kept_price const& kept) const {
    if (is_nothing_but_rates(kept.rule)) return true;
    std::size_t first = lists_.size() - std::min(lists_.size(), former_lists_kept + 1);
    return std::any_of(lists_.begin() + static_cast<std::ptrdiff_t>(first), lists_.end(),
                       [&](price_list const& list) {
                           auto found = list.find(kept.action);
                           return found != list.end() && same_figures(found->second, kept.rule);
                       });
}

/// A category is a name, not a price: the list that holds says it for all times.
std::string wallet::category_of(std::string const& action) const {
    price const* rule = prices_.find(action);
    return rule != nullptr ? rule->category : std::string{};
}

void wallet::note_category(labels& of) const {
    if (of.action) of.category = category_of(*of.action);
}

wide wallet::price_of(reader& r, std::optional<std::string> const& action, measure const& m) const {
    if (!action) {
        if (!m.amount || m.stated() != 1) r.wrong.add(errc::invalid_argument);
        return m.amount.value_or(0);
    }
    price const* rule = prices_.find(*action);
    if (rule == nullptr) {
        r.wrong.add(errc::unknown_action);
        return 0;
    }
    return cost_of(*rule, m, r.wrong);
}

/// By the prices with which the hold was opened. A stated amount is the cost, but for a range, in
/// which it has to lie; where that is gone, it goes ahead, too.
wide wallet::price_of_settle(reader& r, hold_record const& hold, measure const& m) const {
    if (m.stated() == 0) return hold.reserved;
    if (!hold.kept) return price_of(r, {}, m);
    bool is_known = prices_.knows(*hold.kept);
    bool is_range = hold.kept->rule.kind == price::form::range;
    if (m.amount && m.stated() == 1 && (!is_range || !is_known)) return *m.amount;
    if (!is_known) {
        r.wrong.add(errc::unknown_plan);
        return 0;
    }
    return cost_of(hold.kept->rule, m, r.wrong);
}

outcome wallet::reprice(price_list prices) {
    prices_.replace(std::move(prices));
    return {};
}

}  // namespace model

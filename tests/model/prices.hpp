/// Price lists that replace one another, and what a hold keeps of that by which it was opened.
#pragma once

#include "price.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace model {

using price_list = std::map<std::string, price>;

/// The price of a hold's action when it was opened.
struct kept_price {
    std::string action;
    price rule;
};

class price_lists {
public:
    explicit price_lists(price_list const& first) : lists_{first} {}

    void replace(price_list next) { lists_.push_back(std::move(next)); }
    price const* find(std::string const& action) const;
    /// Whether a hold can still be settled by it: it is nothing but rates, or its figures stand in
    /// the list that holds or in one of the last sixteen before.
    bool knows(kept_price const& kept) const;

private:
    std::vector<price_list> lists_;  // the last one holds
};

}  // namespace model

/// Reads a catalogue of packs from JSON. `io/plan_file.hpp` brings it.
#pragma once

#include <coffer/io/json_reader.hpp>
#include <coffer/policy/catalogue.hpp>

#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

class catalogue_reader : public json_reader {
public:
    coffer::catalogue catalogue(const json_place& at) {
        std::vector<coffer::pack> all;
        for (const json_place& each : elements(at)) all.push_back(pack_of(each));
        return coffer::catalogue{std::move(all)};
    }

    credits credit(const json_place& at) { return not_negative(at, amount(at)); }

private:
    coffer::pack pack_of(const json_place& at) {
        coffer::pack sold;
        if (!object(at, {"offer", "credits", "price", "into", "bonus", "bonus_into", "plans",
                         "prices"})) {
            return sold;
        }
        sold.offer = name(need(at, "offer"), max_offer_size);
        sold.credits = credit(need(at, "credits"));
        sold.into = name(need(at, "into"), max_offer_size);
        if (const auto p = at["price"]) sold.price = payment(p);
        if (const auto p = at["bonus"]) sold.bonus = credit(p);
        if (const auto p = at["bonus_into"]) sold.bonus_into = name(p, max_offer_size);
        if (const auto p = at["plans"]) {
            for (const json_place& each : elements(p)) {
                sold.plans.emplace_back(name(each, max_offer_size));
            }
            if (sold.plans.empty()) fail(p, "names no plan; leave it out for all");
        }
        if (const auto p = at["prices"]) {
            for (const auto& [channel, price] : members(p)) {
                sold.prices.push_back({channel, payment(price)});
            }
        }
        return sold;
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

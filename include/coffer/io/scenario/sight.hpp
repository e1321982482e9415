/// What is to be seen of a scenario's wallet after a step, also as JSON. You need it only to write
/// a runner of your own; `scenario.hpp` has one.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/error.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/time/instant.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What one step came to.
struct step_outcome {
    std::optional<errc> refusal{};
    bool repeated = false;          ///< The request was known: this is its first outcome.
    std::optional<credits> cost{};  ///< Of a charge, hold or settle.
    part_list parts{};              ///< Which lots paid for it.
    std::optional<money> owed{};    ///< By a purchase refund.
    /// The names of the plan's alerts that were raised since the step before.
    std::vector<std::string> alerts{};
    /// What the plan's recharge ordered since the step before.
    std::vector<credits> intents{};
    std::string actor{};   ///< Who asked for its entry,
    std::string reason{};  ///< and why.
};

/// What can be seen of a wallet.
struct wallet_sight {
    coffer::balance balance{};
    std::vector<coffer::lot> lots{};  ///< By number; their names are in the same order.
};

/// How much the step took, by the names of the lots. Requires: `look` has seen them.
template <class Wallet>
std::map<std::string_view, credits> taken_from(const Wallet& wallet, const step_outcome& outcome) {
    std::map<std::string_view, credits> sums;
    for (const part& p : outcome.parts) {
        if (p.amount.is_zero()) continue;
        credits& sum = sums[wallet.lots().name_of(p.lot)];
        sum = credits::from_micros(sum.micros() + p.amount.micros());
    }
    return sums;
}

/// What can be spent of a lot.
inline credits spendable_of(const lot& l) noexcept { return l.active ? l.available : credits{}; }

/// What is seen after a step, as an object.
template <class Wallet>
nlohmann::json to_json(const Wallet& wallet, const step_outcome& outcome,
                       const wallet_sight& seen) {
    using json = nlohmann::json;
    const auto text = [](const auto& amount) { return std::string{to_string(amount).view()}; };
    json::object_t buckets;
    for (bucket_id b : wallet.buckets()) {
        buckets.emplace(b.name(), text(seen.balance.available_in(b)));
    }
    json::object_t lots;
    for (std::size_t i = 0; i < seen.lots.size(); ++i) {
        lots.emplace(wallet.lots().names()[i], text(spendable_of(seen.lots[i])));
    }
    wallet.lots().each_former_name([&](const std::string& name) { lots.emplace(name, "0"); });
    json::object_t took;
    for (const auto& [name, amount] : taken_from(wallet, outcome)) {
        took.emplace(name, text(amount));
    }
    json period;
    if (const auto& running = seen.balance.running) {
        period = {iso8601(running->from), iso8601(running->until)};
    }
    const auto text_or_null = [&](const auto& amount) {
        return amount ? json(text(*amount)) : json();
    };
    json::object_t all;
    all.emplace("error", outcome.refusal ? json(to_string(*outcome.refusal)) : json());
    all.emplace("available", text(seen.balance.available));
    all.emplace("held", text(seen.balance.held));
    all.emplace("debt", text(seen.balance.debt));
    all.emplace("used", text(seen.balance.used));
    all.emplace("buckets", std::move(buckets));
    all.emplace("lots", std::move(lots));
    all.emplace("period", std::move(period));
    all.emplace("cost", text_or_null(outcome.cost));
    all.emplace("took", std::move(took));
    all.emplace("money", text_or_null(outcome.owed));
    all.emplace("actor", outcome.actor);
    all.emplace("reason", outcome.reason);
    all.emplace("alerts", outcome.alerts);
    if (wallet.recharges()) {
        json intents = json::array();
        for (credits amount : outcome.intents) intents.push_back(text(amount));
        all.emplace("intents", std::move(intents));
    }
    return all;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// Questions about what a wallet may buy: all offers, and those that bring what is missing.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/policy/catalogue.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What a wallet may buy now, through one channel. A copy refers to the same packs.
struct offer_list {
    std::vector<sale> packs{};  ///< In the order of the catalogue.
    std::shared_ptr<const catalogue> kept{};

    auto begin() const noexcept { return packs.begin(); }
    auto end() const noexcept { return packs.end(); }
    bool empty() const noexcept { return packs.empty(); }
};

/// What to buy, where credits are missing. A copy refers to the same packs.
struct purchase_advice {
    credits missing{};           ///< Zero if nothing has to be bought.
    std::optional<sale> pack{};  ///< The cheapest single pack that suffices; none: none does.
    covering packs{};            ///< The cheapest packs together.
    std::shared_ptr<const catalogue> kept{};
};

namespace detail {

/// What an account may buy of its plan, or of the set or book. The list keeps a catalogue of its
/// own, for plans come and go.
inline offer_list offers_of(const engine& by, const account& a, const compiled_plan& plan,
                            std::string_view channel) {
    const plan_shop shop = shop_of(by.plans(), plan, a.rest->plan.view());
    if (!shop.sells) return {};
    auto kept = std::make_shared<const catalogue>(*shop.sells);
    std::vector<sale> packs = kept->for_sale({.plan = shop.plan, .channel = channel});
    return {std::move(packs), std::move(kept)};
}

/// The offers whose credits may be spent from the buckets of an action, by what they bring there.
inline offer_list usable(offer_list offers, const bucket_filter& from) {
    const auto counts = [&](std::string_view bucket) {
        const bucket_id known = bucket_id::find(bucket);
        return from.everything() || (known && from.allows(known));
    };
    std::vector<sale> some;
    for (sale s : offers.packs) {
        const credits paid = counts(s.pack->into) ? s.pack->credits : credits{};
        const credits bonus = counts(s.pack->bonus_bucket()) ? s.pack->bonus : credits{};
        s.brings = (paid + bonus).value_or(credits::max());
        if (s.brings.is_positive()) some.push_back(s);
    }
    offers.packs = std::move(some);
    return offers;
}

/// What to buy of some offers. Errors: those of `cover_by`.
inline result<purchase_advice> advise(offer_list offers, credits missing) {
    purchase_advice advice{.missing = missing};
    if (missing.is_zero()) return advice;
    const result<std::optional<sale>> pack = cheapest_of(offers.packs, missing);
    if (!pack) return pack.error();
    result<covering> packs = cover_by(offers.packs, missing);
    if (!packs) return packs.error();
    advice.pack = *pack;
    advice.packs = *std::move(packs);
    advice.kept = std::move(offers.kept);
    return advice;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

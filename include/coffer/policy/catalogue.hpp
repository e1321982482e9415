/// The catalogue: the packs of credits that a plan, a set or a book of plans sells, for what money,
/// through which channels and to whom; and which of them cover what is missing for the least money.
///
///     coffer::catalogue shop{{.offer = "standard", .credits = 2'500'000_cr,
///                             .price = eur("10.00"), .into = "packs", .plans = {"pro", "team"}}};
///     shop.sell("standard", {.plan = "pro"})->price
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/amount/money.hpp>
#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/policy/detail/cheapest_cover.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// The most packs of a catalogue, and the most plans of a pack.
inline constexpr std::size_t max_packs = 100;
/// The most channels in which a pack has a price of its own.
inline constexpr std::size_t max_channels = 32;
/// The longest name of an offer, a channel or a plan.
inline constexpr std::size_t max_offer_size = 63;

/// What a pack costs in one sales channel, such as "app_store".
struct channel_price {
    std::string channel{};
    money price{};

    friend bool operator==(const channel_price&, const channel_price&) = default;
};

/// Credits for sale.
struct pack {
    std::string offer{};                  ///< Its name.
    coffer::credits credits{};            ///< What is paid for.
    money price{};                        ///< Where the channel has no price of its own.
    std::string into{};                   ///< The bucket of its credits.
    coffer::credits bonus{};              ///< What comes on top, as a lot that cost nothing.
    std::string bonus_into{};             ///< The bucket of the bonus; empty for the same.
    std::vector<std::string> plans{};     ///< Who may buy it, with all below: "pro" for "pro/ios".
    std::vector<channel_price> prices{};  ///< Without `price`, the only channels where it is sold.

    /// What it costs in a channel; an empty name is that of your own site. None: not sold there.
    money price_in(std::string_view channel) const noexcept {
        for (const channel_price& p : prices) {
            if (p.channel == channel) return p.price;
        }
        return price;
    }
    /// Whether accounts of a plan may buy it.
    bool is_for(std::string_view plan) const noexcept {
        const auto covers = [&](const std::string& p) {
            return plan.starts_with(p) && (plan.size() == p.size() || plan[p.size()] == '/');
        };
        return plans.empty() || std::any_of(plans.begin(), plans.end(), covers);
    }
    /// The bucket of the bonus.
    std::string_view bonus_bucket() const noexcept {
        return bonus_into.empty() ? into : bonus_into;
    }
    /// All that it brings. Errors: `amount_overflow`.
    checked<coffer::credits> brings() const noexcept { return credits + bonus; }

    friend bool operator==(const pack&, const pack&) = default;
};

/// What one credit costs, exactly: compares across sizes of packs, and prints rounded.
class credit_price {
public:
    /// Requires: `of` is positive.
    constexpr credit_price(money price, credits of) noexcept : price_{price}, of_{of} {}

    /// None is dearer than the other across currencies.
    friend constexpr std::partial_ordering operator<=>(const credit_price& a,
                                                       const credit_price& b) noexcept {
        if (a.price_.in() != b.price_.in()) return std::partial_ordering::unordered;
        return detail::wide_product(a.price_.minor_units(), b.of_.micros()) <=>
               detail::wide_product(b.price_.minor_units(), a.of_.micros());
    }
    friend constexpr bool operator==(const credit_price& a, const credit_price& b) noexcept {
        return (a <=> b) == 0;
    }

    /// `0.091 USD`, rounded half up to so many decimals, 0 to 9.
    friend constexpr auto to_string(const credit_price& each, int decimals = 3) noexcept {
        const int places = std::clamp(decimals, 0, 9);
        detail::text_buffer<63> text;
        if (!each.of_.is_positive()) return text;
        const detail::int128 whole =
            each.of_.micros() * detail::power_of_ten(each.price_.in().decimals());
        const bool negative = each.price_.is_negative();
        detail::int128 scaled = each.price_.minor_units() * detail::power_of_ten(places + 6);
        if (negative) scaled = -scaled;
        const detail::int128 rounded = (scaled + whole / 2) / whole;
        if (negative) text.push('-');
        push_digits(text, rounded, places);
        if (each.price_.has_currency()) {
            text.push(' ');
            text.push(each.price_.in().code());
        }
        return text;
    }

private:
    template <std::size_t Capacity>
    static constexpr void push_digits(detail::text_buffer<Capacity>& text, detail::int128 count,
                                      int places) noexcept {
        char backwards[40] = {};
        int digits = 0;
        while (count != 0 || digits <= places) {
            backwards[digits++] = static_cast<char>('0' + static_cast<int>(count % 10));
            count /= 10;
        }
        while (digits > 0) {
            if (digits == places) text.push('.');
            text.push(backwards[--digits]);
        }
    }

    money price_;
    credits of_;
};

/// Who buys, and where.
struct buyer {
    std::string_view plan{};     ///< The account's plan; empty where there is one plan for all.
    std::string_view channel{};  ///< Empty for your own site.
};

/// A pack for one buyer. Refers to the catalogue.
struct sale {
    const coffer::pack* pack = nullptr;
    money price{};
    credits brings{};  ///< With the bonus.

    /// What each credit costs, without the bonus.
    credit_price per_credit() const noexcept { return {price, pack->credits}; }
};

/// Some of one pack.
struct pack_count {
    const coffer::pack* pack = nullptr;
    std::int64_t count = 0;
    money each{};
};

/// Packs that together bring what is missing. Refers to the catalogue.
struct covering {
    std::vector<pack_count> packs{};  ///< In the order of the catalogue.
    money price{};                    ///< Of all.
    credits brings{};                 ///< All of them, with their bonuses.
    money at_least{};                 ///< No combination costs less.

    /// Whether it is proven that none is cheaper.
    bool is_cheapest() const noexcept { return price == at_least; }
};

/// The cheapest single one of some packs that brings what is missing; of several the one that
/// brings the most. None: none is that large. Errors: `invalid_argument` if nothing is missing.
result<std::optional<sale>> cheapest_of(const std::vector<sale>& packs, credits missing);

/// The cheapest of some packs, all of one currency, any number of each, that together bring what
/// is missing.
/// Errors: `invalid_argument` if nothing is missing; `purchase_refused` if there are none;
/// `amount_overflow` if what they cost or bring does not fit.
/// Guarantees: of packs as shops have them the answer is proven to be the cheapest. Work is bounded
/// for any; where that does not suffice for the proof, it costs at most one pack more than
/// `at_least`.
result<covering> cover_by(const std::vector<sale>& packs, credits missing);

/// What is wrong with a catalogue.
struct catalogue_fault {
    errc code = errc::invalid_argument;
    std::size_t pack = 0;  ///< Which pack, from 0.
    std::string_view field{};
    std::string_view sentence{};
};

/// What is for sale. It does not change.
class catalogue {
public:
    catalogue() noexcept = default;
    catalogue(std::initializer_list<pack> packs) : catalogue(std::vector<pack>(packs)) {}
    explicit catalogue(std::vector<pack> packs) : packs_{std::move(packs)}, fault_{find_fault()} {}

    bool empty() const noexcept { return packs_.empty(); }
    std::size_t size() const noexcept { return packs_.size(); }
    const pack* begin() const noexcept { return packs_.data(); }
    const pack* end() const noexcept { return packs_.data() + packs_.size(); }

    /// The first thing that makes no sense in it. A catalogue with a fault sells nothing.
    const std::optional<catalogue_fault>& fault() const noexcept { return fault_; }

    /// The pack of that name, for whoever buys it; null for none.
    const pack* find(std::string_view offer) const noexcept {
        const auto is_it = [&](const pack& p) { return p.offer == offer; };
        const pack* at = std::find_if(begin(), end(), is_it);
        return at == end() ? nullptr : at;
    }

    /// A pack at the price of the buyer's channel. Errors: `invalid_argument` for an offer that is
    /// not there; `policy_contract` if the catalogue has a fault; `purchase_refused` about the plan
    /// that may not buy it, or the channel where it is not sold.
    result<sale> sell(std::string_view offer, const buyer& who) const {
        const pack* p = find(offer);
        if (!p) {
            return error{errc::invalid_argument}.about(offer).in("offer",
                                                                 "is not in the catalogue");
        }
        if (fault_) return error{errc::policy_contract}.because("the catalogue has a fault");
        if (!p->is_for(who.plan)) {
            return error{errc::purchase_refused}.about(who.plan).because(
                "accounts of this plan may not buy it");
        }
        const money price = p->price_in(who.channel);
        if (price.is_none()) {
            return error{errc::purchase_refused}
                .about(who.channel)
                .in("channel", "is not one where it is sold");
        }
        return sale{p, price, *p->brings()};
    }

    /// All that the buyer may buy, in the order of the catalogue.
    std::vector<sale> for_sale(const buyer& who) const {
        std::vector<sale> all;
        if (fault_) return all;
        for (const pack& p : packs_) {
            const money price = p.price_in(who.channel);
            if (p.is_for(who.plan) && price.has_currency()) {
                all.push_back({&p, price, *p.brings()});
            }
        }
        return all;
    }

    /// `cheapest_of` what the buyer may buy.
    result<std::optional<sale>> cheapest(credits missing, const buyer& who) const;
    /// `cover_by` what the buyer may buy.
    result<covering> cover(credits missing, const buyer& who) const;

    friend bool operator==(const catalogue& a, const catalogue& b) { return a.packs_ == b.packs_; }

private:
    std::optional<catalogue_fault> find_fault() const;
    std::optional<catalogue_fault> fault_of_prices() const;

    std::vector<pack> packs_;
    std::optional<catalogue_fault> fault_;
};

namespace detail {

constexpr bool is_offer_name(std::string_view name) noexcept {
    const auto is_control = [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return code < 0x20 || code == 0x7f;
    };
    return !name.empty() && name.size() <= max_offer_size &&
           std::none_of(name.begin(), name.end(), is_control);
}

inline std::optional<catalogue_fault> fault_of_prices(const coffer::pack& p, std::size_t at) {
    const auto wrong = [&](std::string_view field, std::string_view sentence) {
        return catalogue_fault{errc::invalid_argument, at, field, sentence};
    };
    const bool has_price = p.price.has_currency() || !p.price.is_zero();
    if (!has_price && p.prices.empty()) return wrong("price", "is missing");
    if (has_price && (p.price.is_none() || !p.price.is_positive())) {
        return wrong("price", "has to be positive, in a currency");
    }
    if (p.prices.size() > max_channels) {
        return catalogue_fault{errc::too_many, at, "prices", "name at most 32 channels"};
    }
    for (const channel_price& c : p.prices) {
        if (!is_offer_name(c.channel)) return wrong("prices", "has channels of 1 to 63 bytes");
        if (c.price.is_none() || !c.price.is_positive()) {
            return wrong("prices", "have to be positive, in a currency");
        }
        const auto same = [&](const channel_price& other) { return other.channel == c.channel; };
        if (std::count_if(p.prices.begin(), p.prices.end(), same) > 1) {
            return wrong("prices", "name each channel once");
        }
    }
    return std::nullopt;
}

/// What is wrong with a pack by itself. `at`: its place.
inline std::optional<catalogue_fault> fault_of(const coffer::pack& p, std::size_t at) {
    const auto wrong = [&](std::string_view field, std::string_view sentence) {
        return catalogue_fault{errc::invalid_argument, at, field, sentence};
    };
    constexpr std::string_view good_name = "has 1 to 63 bytes without control characters";
    if (!is_offer_name(p.offer)) return wrong("offer", good_name);
    if (!p.credits.is_positive()) return wrong("credits", "has to be positive");
    if (!is_offer_name(p.into)) return wrong("into", good_name);
    if (p.bonus.is_negative()) return wrong("bonus", "is not negative");
    if (!p.bonus_into.empty() && p.bonus.is_zero()) {
        return wrong("bonus_into", "belongs to a bonus");
    }
    if (!is_offer_name(p.bonus_bucket())) return wrong("bonus_into", good_name);
    if (!p.brings()) {
        return catalogue_fault{errc::amount_overflow, at, "bonus", "does not fit"};
    }
    if (p.plans.size() > max_packs) {
        return catalogue_fault{errc::too_many, at, "plans", "names at most 100"};
    }
    if (!std::all_of(p.plans.begin(), p.plans.end(), is_offer_name)) {
        return wrong("plans", good_name);
    }
    return fault_of_prices(p, at);
}

}  // namespace detail

inline std::optional<catalogue_fault> catalogue::find_fault() const {
    if (packs_.size() > max_packs) {
        return catalogue_fault{errc::too_many, max_packs, "offer",
                               "is one too many: a catalogue has at most 100"};
    }
    for (std::size_t i = 0; i < packs_.size(); ++i) {
        if (auto fault = detail::fault_of(packs_[i], i)) return fault;
        if (find(packs_[i].offer) != &packs_[i]) {
            return catalogue_fault{errc::invalid_argument, i, "offer", "needs a name of its own"};
        }
    }
    return fault_of_prices();
}

inline std::optional<catalogue_fault> catalogue::fault_of_prices() const {
    std::vector<std::string_view> channels{std::string_view{}};
    for (const pack& p : packs_) {
        for (const channel_price& c : p.prices) channels.push_back(c.channel);
    }
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    for (std::string_view channel : channels) {
        currency sold_for;
        for (std::size_t i = 0; i < packs_.size(); ++i) {
            const currency in = packs_[i].price_in(channel).in();
            if (in.is_none()) continue;
            if (!sold_for.is_none() && in != sold_for) {
                return catalogue_fault{errc::invalid_argument, i,
                                       channel.empty() ? "price" : "prices",
                                       "is in one currency for all packs of a channel"};
            }
            sold_for = in;
        }
    }
    return std::nullopt;
}

inline result<std::optional<sale>> cheapest_of(const std::vector<sale>& packs, credits missing) {
    if (!missing.is_positive()) {
        return error{errc::invalid_argument}.in("missing", "has to be positive");
    }
    std::optional<sale> found;
    for (const sale& s : packs) {
        if (s.brings < missing) continue;
        const std::int64_t price = s.price.minor_units();
        if (found && price > found->price.minor_units()) continue;
        const bool as_dear = found && price == found->price.minor_units();
        if (!as_dear || s.brings > found->brings) found = s;
    }
    return found;
}

inline result<covering> cover_by(const std::vector<sale>& packs, credits missing) {
    constexpr std::int64_t most_steps = 20'000;
    if (!missing.is_positive()) {
        return error{errc::invalid_argument}.in("missing", "has to be positive");
    }
    if (packs.empty()) {
        return error{errc::purchase_refused}.because("there is nothing that may be bought");
    }
    std::vector<detail::cover_item> items;
    items.reserve(packs.size());
    for (const sale& s : packs) items.push_back({s.brings.micros(), s.price.minor_units()});
    const auto best = detail::cheapest_cover(items, missing.micros(), most_steps);
    const currency in = packs.front().price.in();
    const auto price = detail::narrow(best.price);
    const auto at_least = detail::narrow(best.at_least);
    if (!price || !at_least) return errc::amount_overflow;
    covering found{.price = money::from_minor(*price, in),
                   .at_least = money::from_minor(*at_least, in)};
    for (std::size_t i = 0; i < packs.size(); ++i) {
        if (best.counts[i] == 0) continue;
        const auto more = found.brings + packs[i].brings * best.counts[i];
        if (!more) return more.error();
        found.brings = *more;
        found.packs.push_back({packs[i].pack, best.counts[i], packs[i].price});
    }
    return found;
}

inline result<std::optional<sale>> catalogue::cheapest(credits missing, const buyer& who) const {
    return cheapest_of(for_sale(who), missing);
}

inline result<covering> catalogue::cover(credits missing, const buyer& who) const {
    return cover_by(for_sale(who), missing);
}

}  // namespace v0
}  // namespace coffer

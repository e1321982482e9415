/// The prices that a hold keeps: rates, where the price is nothing else; for others the version,
/// and under which plan and when to look for it.
#pragma once

#include <coffer/ledger/hold.hpp>
#include <coffer/ledger/packed.hpp>
#include <coffer/policy/cost/detail/exact_price.hpp>
#include <coffer/policy/cost/simple.hpp>
#include <coffer/policy/cost/tokens.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a hold keeps. The text is the hold's.
struct held_prices {
    std::optional<linear_price> linear{};
    std::uint64_t version = 0;  ///< Of another price; none is 0.
    instant at{};               ///< When it was opened.
    std::string_view plan{};    ///< By which.
};

/// All that a hold keeps of prices takes less.
using price_writer = packed_writer_to<packed_room<256>>;

inline constexpr unsigned form_linear = 1;
inline constexpr unsigned form_version = 2;

inline price_text pack(const linear_price& p) {
    price_writer out;
    const auto mode = static_cast<unsigned>(p.mode);
    out.byte(form_linear).byte(static_cast<unsigned>(p.by));
    out.byte(mode | static_cast<unsigned>(p.places) << 2);
    const auto count = [&](std::int64_t value) { out.number(static_cast<std::uint64_t>(value)); };
    count(p.times.numerator);
    count(p.times.denominator);
    if (p.by == counted::units || p.by == counted::units_or_one) {
        count(p.each.picos());
        count(p.per.micros());
    }
    if (p.by != counted::tokens) return price_text{out.take()};
    for (std::size_t i = 0; i < token_kind_count; ++i) {
        const bool stated = p.kinds.contains(static_cast<token_kind>(i));
        out.number(static_cast<std::uint64_t>(p.rates[i].picos()) << 1 | (stated ? 1 : 0));
    }
    return price_text{out.take()};
}

/// Packs what a hold keeps of a price. Empty where the policy does not say which price it was.
inline price_text pack(const kept_price& kept, instant at, std::string_view plan) {
    if (kept.linear) return pack(*kept.linear);
    if (kept.version == 0) return {};
    price_writer out;
    out.byte(form_version).number(kept.version);
    out.number(static_cast<std::uint64_t>(at.time_since_epoch().count())).rest(plan);
    return price_text{out.take()};
}

inline linear_price read_linear(packed_reader& in, bool& sound) noexcept {
    linear_price p;
    const unsigned by = in.byte();
    const unsigned rounded = in.byte();
    p.by = static_cast<counted>(by);
    p.mode = static_cast<rounding>(rounded & 3);
    p.places = static_cast<int>(rounded >> 2);
    p.times.numerator = in.count();
    p.times.denominator = in.count();
    if (p.by == counted::units || p.by == counted::units_or_one) {
        p.each = rate::from_picos(in.count());
        p.per = quantity::from_micros(in.count());
    }
    for (std::size_t i = 0; p.by == counted::tokens && i < token_kind_count; ++i) {
        const std::uint64_t said = in.number();
        p.rates[i] = rate::from_picos(static_cast<std::int64_t>(said >> 1));
        if ((said & 1) != 0) p.kinds.add(static_cast<token_kind>(i));
    }
    sound = by <= static_cast<unsigned>(counted::tokens) && is_places(p.places) &&
            p.times.well_formed() && !p.each.is_negative() && p.per.is_positive();
    return p;
}

/// Errors: `corrupt_record` for a text that no prices pack to.
inline result<held_prices> unpack(std::string_view text) noexcept {
    held_prices kept;
    if (text.empty()) return kept;
    packed_reader in{text};
    bool sound = true;
    switch (in.byte()) {
        case form_linear: kept.linear = read_linear(in, sound); break;
        case form_version:
            kept.version = in.number();
            kept.at = instant{std::chrono::microseconds{static_cast<std::int64_t>(in.number())}};
            kept.plan = in.rest();
            sound = kept.version != 0;
            break;
        default: sound = false;
    }
    if (!sound || !in.complete()) return errc::corrupt_record;
    return kept;
}

/// Prices a usage by rates that were kept, as the list did that they are of.
inline result<price> price_by(const linear_price& p, const usage& used) {
    const bool is_scaled = !p.times.is_one();  // then it is rounded with its factor, not before
    const rounding mode = is_scaled ? rounding::up : p.mode;
    const int places = is_scaled ? credits::places : p.places;
    result<price> priced{price{}};
    if (p.by == counted::tokens) {
        cost::tokens model{.mode = mode, .places = places};
        for (std::size_t i = 0; i < token_kind_count; ++i) {
            model.rates.*token_rate_fields[i].each = p.rates[i];
        }
        priced = model.price(used);
    } else if (p.by != counted::nothing) {
        usage units = used;
        if (p.by == counted::units_or_one && !used.quantity) units.quantity = one_unit;
        const cost::per_unit model{.each = p.each, .per = p.per, .mode = mode, .places = places};
        priced = model.price(units);
    }
    if (is_scaled) scale_price(priced, p.times, p.mode, p.places, used);
    return priced;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

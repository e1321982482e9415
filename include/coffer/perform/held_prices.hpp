/// The prices that a hold keeps: rates, where the price is nothing else; for others the version,
/// and under which plan and when to look for it.
#pragma once

#include <coffer/ledger/hold.hpp>
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

/// Packs numbers that are not negative: seven bits a byte, the lowest first.
class price_writer {
public:
    price_writer& byte(unsigned value) noexcept {
        bytes_[size_++] = static_cast<char>(static_cast<unsigned char>(value));
        return *this;
    }
    price_writer& number(std::uint64_t value) noexcept {
        for (; value >= 0x80; value >>= 7) byte(static_cast<unsigned>(value & 0x7f) | 0x80);
        return byte(static_cast<unsigned>(value));
    }
    price_writer& number(std::int64_t value) noexcept {
        return number(static_cast<std::uint64_t>(value));
    }
    price_writer& text(std::string_view value) noexcept {
        copy_text(bytes_ + size_, value);
        size_ += value.size();
        return *this;
    }
    price_text packed() const { return std::string_view{bytes_, size_}; }

private:
    char bytes_[256];  // all that there may be takes less
    std::size_t size_ = 0;
};

/// Reads what a `price_writer` wrote. What is not there reads as zeros, and is a failure.
class price_reader {
public:
    explicit price_reader(std::string_view from) noexcept : left_{from} {}

    unsigned byte() noexcept {
        if (left_.empty()) {
            failed_ = true;
            return 0;
        }
        const auto value = static_cast<unsigned char>(left_.front());
        left_.remove_prefix(1);
        return value;
    }
    std::uint64_t number() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const unsigned next = byte();
            value |= std::uint64_t{next & 0x7f} << shift;
            if (next < 0x80) return value;
        }
        failed_ = true;
        return 0;
    }
    std::int64_t count() noexcept { return static_cast<std::int64_t>(number()); }
    std::string_view rest() noexcept { return std::exchange(left_, {}); }
    bool complete() const noexcept { return !failed_ && left_.empty(); }

private:
    std::string_view left_;
    bool failed_ = false;
};

inline constexpr unsigned form_linear = 1;
inline constexpr unsigned form_version = 2;

inline price_text pack(const linear_price& p) {
    price_writer out;
    const auto mode = static_cast<unsigned>(p.mode);
    out.byte(form_linear).byte(static_cast<unsigned>(p.by));
    out.byte(mode | static_cast<unsigned>(p.places) << 2);
    out.number(p.times.numerator).number(p.times.denominator);
    if (p.by == counted::units || p.by == counted::units_or_one) {
        out.number(p.each.picos()).number(p.per.micros());
    }
    if (p.by != counted::tokens) return out.packed();
    for (std::size_t i = 0; i < token_kind_count; ++i) {
        const bool stated = p.kinds.contains(static_cast<token_kind>(i));
        out.number(static_cast<std::uint64_t>(p.rates[i].picos()) << 1 | (stated ? 1 : 0));
    }
    return out.packed();
}

/// Packs what a hold keeps of a price. Empty where the policy does not say which price it was.
inline price_text pack(const kept_price& kept, instant at, std::string_view plan) {
    if (kept.linear) return pack(*kept.linear);
    if (kept.version == 0) return {};
    const auto micros = static_cast<std::uint64_t>(at.time_since_epoch().count());
    return price_writer{}
        .byte(form_version)
        .number(kept.version)
        .number(micros)
        .text(plan)
        .packed();
}

inline linear_price read_linear(price_reader& in, bool& sound) noexcept {
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
    price_reader in{text};
    bool sound = true;
    switch (in.byte()) {
        case form_linear: kept.linear = read_linear(in, sound); break;
        case form_version:
            kept.version = in.number();
            kept.at = instant{std::chrono::microseconds{in.count()}};
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

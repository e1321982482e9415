/// How receipts and balances print. It comes with the wallets that answer them.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/print.hpp>
#include <coffer/perform/receipt.hpp>

#include <cstddef>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

template <std::size_t Capacity>
constexpr void push_amount(text_buffer<Capacity>& text, std::string_view before,
                           credits amount) noexcept {
    text.push(before);
    text.push(to_string(amount));
}

}  // namespace detail

/// `charged 0.87 (entry 12): available 1999.13`; a repeat says so.
inline auto to_string(const receipt& r) noexcept {
    detail::text_buffer<191> text;
    text.push(to_string(r.kind));
    detail::push_amount(text, " ", r.cost);
    text.push(r.repeated ? " (repeated, entry " : " (entry ");
    text.push(to_string(r.id));
    text.push("): ");
    text.push(to_string(r.after));
    return text;
}

/// `available 1999.13; used 0.87 of 2000 until 2026-02-28T10:00:00Z; budget 1500, package 499.13`
inline auto to_string(const balance& b) noexcept {
    detail::text_buffer<1023> text;
    constexpr std::size_t longest_bucket = 96;  // separator, name and amount
    text.push(to_string(balance_totals{b.available, b.held, b.debt}));
    detail::push_amount(text, "; used ", b.used);
    if (!b.allowance.is_zero()) detail::push_amount(text, " of ", b.allowance);
    if (b.running) {
        text.push(" until ");
        detail::push_instant(text, b.running->until);
    }
    std::string_view before = "; ";
    for (const bucket_balance& share : b.buckets) {
        text.push(before);
        if (text.view().size() + longest_bucket > text.capacity) {
            text.push("…");
            break;
        }
        text.push(share.bucket.name());
        detail::push_amount(text, " ", share.available);
        before = ", ";
    }
    return text;
}

}  // namespace v0
}  // namespace coffer

/// Limits and their counters in the record of an account, and whether they add up.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/store/detail/account_io.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Beside the window of a limit, and whether it warns.
inline constexpr unsigned own_limit_mark = 0x20;

inline void write_limit(record_writer& out, const limit_in_force& l) {
    out.number(l.number);
    out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(l.terms.per) * 2 +
                                       (l.terms.warn ? 1U : 0U) + (l.own ? own_limit_mark : 0U)));
    out.amount(l.terms.amount);
    for (const limit_key& key : limit_keys) out.text(l.terms.*key.path);
}

inline limit_in_force read_limit_in_force(record_reader& in) {
    limit_in_force l{.number = in.narrow<std::uint32_t>()};
    const unsigned said = in.byte();
    const unsigned says = said & ~own_limit_mark;
    l.own = (said & own_limit_mark) != 0;
    l.terms.per = static_cast<window>(says / 2);
    l.terms.warn = says % 2 != 0;
    l.terms.amount = in.amount();
    for (const limit_key& key : limit_keys) l.terms.*key.path = in.text<limit_path>();
    if (!is_limit_in_force(l)) in.fail();
    return l;
}

inline constexpr std::size_t least_counter = 7;

inline void write_counter(record_writer& out, const limit_counter& c) {
    out.number(c.id.value());
    out.number(c.limit);
    out.time(c.from);
    out.time(c.until);
    out.amount(c.spent);
    out.amount(c.held);
    out.long_text(c.value);
}

inline limit_counter read_counter(record_reader& in) {
    limit_counter c{.id = in.id<counter_id>()};
    c.limit = in.narrow<std::uint32_t>();
    c.from = in.time();
    c.until = in.time();
    c.spent = in.amount();
    c.held = in.amount();
    c.value = in.long_text();
    return c;
}

/// Whether limits have the numbers of those that count as they do, and counters are theirs.
inline bool are_sound_limits(const account& a) noexcept {
    const account_details& d = *a.rest;
    const limit_list& all = *d.limits;
    if (all.size() > 2 * max_limits || a.counters.size() > max_counters) return false;
    for (const limit_in_force& l : all) {
        if (l.number == 0 || l.number > d.limits_made || !is_limit_in_force(l)) return false;
        for (const limit_in_force& other : all) {
            if ((other.number == l.number) != count_alike(other.terms, l.terms)) return false;
        }
    }
    std::uint32_t last = 0;
    for (const limit_counter& c : a.counters) {
        const limit_in_force* l = find_limit(a, c.limit);
        const bool sound = l && l->terms.per != window::draw && c.from < c.until &&
                           c.id.value() > last && c.id.value() <= d.counters_made &&
                           !c.spent.is_negative() && is_value_of(l->terms, c.value);
        if (!sound) return false;
        last = c.id.value();
    }
    return true;
}

/// Whether the counters hold what the open holds hold in them.
inline bool hold_what_is_counted(const account& a) {
    std::vector<std::pair<counter_id, std::int64_t>> held;
    for (const coffer::hold& h : a.rest->holds) {
        for (counter_id id : h.counted) {
            if (id.value() > a.rest->counters_made) return false;
            held.emplace_back(id, h.amount.micros());
        }
    }
    std::sort(held.begin(), held.end());
    auto next = held.begin();
    for (const limit_counter& c : a.counters) {
        exact_sum sum;
        while (next != held.end() && next->first < c.id) ++next;  // of a limit that is gone
        for (; next != held.end() && next->first == c.id; ++next) {
            sum.add(credits::from_micros(next->second));
        }
        if (!sum.is(c.held)) return false;
    }
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// What an account remembers of its subscription, as bytes: a part of its details that is there
/// only where there is something to remember.
#pragma once

#include <coffer/ledger/subscription.hpp>
#include <coffer/store/detail/account_io.hpp>
#include <coffer/store/detail/entry_codec.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What of a subscription is said.
namespace subscription_says {
inline constexpr std::uint16_t paused = 1u << 0;
inline constexpr std::uint16_t past_due = 1u << 1;
inline constexpr std::uint16_t ended = 1u << 2;
inline constexpr std::uint16_t locked = 1u << 3;
inline constexpr std::uint16_t grace = 1u << 4;
inline constexpr std::uint16_t trial = 1u << 5;
inline constexpr std::uint16_t trial_goes_on = 1u << 6;
inline constexpr std::uint16_t changes = 1u << 7;
inline constexpr std::uint16_t courses = 1u << 8;
inline constexpr std::uint16_t raises = 1u << 9;
inline constexpr std::uint16_t add_ons = 1u << 10;
inline constexpr std::uint16_t all = (1u << 11) - 1;
}  // namespace subscription_says

inline std::uint16_t said_of(const subscription_state& s) noexcept {
    namespace says = subscription_says;
    const auto bit = [](bool said, std::uint16_t mark) { return said ? unsigned{mark} : 0u; };
    return static_cast<std::uint16_t>(
        bit(s.paused, says::paused) | bit(s.past_due, says::past_due) | bit(s.ended, says::ended) |
        bit(s.locked, says::locked) | bit(s.grace_until != never, says::grace) |
        bit(s.trial_until != never, says::trial) | bit(s.trial_goes_on, says::trial_goes_on) |
        bit(s.changes, says::changes) | bit(!s.courses.empty(), says::courses) |
        bit(!s.raises.empty(), says::raises) | bit(!s.add_ons.empty(), says::add_ons));
}

inline void write_course(record_writer& out, const bucket_course& c) {
    out.bucket(c.bucket);
    out.text(c.plan);
    out.byte(c.stays ? 1 : 0);
}
inline bucket_course read_course(record_reader& in) {
    bucket_course c{.bucket = in.bucket()};
    c.plan = in.text<plan_name>();
    c.stays = in.flag();
    return c;
}

inline void write_raise(record_writer& out, const period_raise& r) {
    out.bucket(r.bucket);
    out.amount(r.granted);
    out.number(r.count);
    out.amount(r.owed);
}
inline period_raise read_raise(record_reader& in) {
    period_raise r{.bucket = in.bucket()};
    r.granted = in.amount();
    r.count = in.narrow<std::uint16_t>();
    r.owed = in.amount();
    return r;
}

inline void write_add_on(record_writer& out, const add_on& a) {
    out.bucket(a.bucket);
    out.amount(a.allowance);
    out.price(a.price);
    out.byte(a.changes ? 1 : 0);
    if (!a.changes) return;
    out.amount(a.next);
    out.price(a.next_price);
}
inline add_on read_add_on(record_reader& in) {
    add_on a{.bucket = in.bucket()};
    a.allowance = in.amount();
    a.price = in.price();
    a.changes = in.flag();
    if (!a.changes) return a;
    a.next = in.amount();
    a.next_price = in.price();
    return a;
}

inline void write_subscription(record_writer& out, const subscription_state& s) {
    out.number(said_of(s));
    if (s.ended) out.time(s.ended_at);
    if (s.grace_until != never) out.time(s.grace_until);
    if (s.trial_until != never) out.time(s.trial_until);
    if (s.trial_goes_on) out.text(s.trial_then);
    if (s.changes) out.text(s.next);
    if (!s.courses.empty()) out.list(s.courses, write_course);
    if (!s.raises.empty()) out.list(s.raises, write_raise);
    if (!s.add_ons.empty()) out.list(s.add_ons, write_add_on);
}

inline void read_subscription(record_reader& in, subscription_state& s) {
    namespace says = subscription_says;
    const auto said = in.narrow<std::uint16_t>();
    if ((said & ~unsigned{says::all}) != 0) in.fail();
    s.paused = (said & says::paused) != 0;
    s.past_due = (said & says::past_due) != 0;
    s.ended = (said & says::ended) != 0;
    s.locked = (said & says::locked) != 0;
    if (s.ended) s.ended_at = in.time();
    if (said & says::grace) s.grace_until = in.time();
    if (said & says::trial) s.trial_until = in.time();
    s.trial_goes_on = (said & says::trial_goes_on) != 0;
    if (s.trial_goes_on) s.trial_then = in.text<plan_name>();
    s.changes = (said & says::changes) != 0;
    if (s.changes) s.next = in.text<plan_name>();
    if (said & says::courses) in.list(3, s.courses, read_course);
    if (said & says::raises) in.list(4, s.raises, read_raise);
    if (said & says::add_ons) in.list(5, s.add_ons, read_add_on);
    if (said_of(s) != said) in.fail();
}

/// Whether a list speaks of each bucket once, and of none without a name.
template <class List>
bool each_bucket_once(const List& all) noexcept {
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].bucket || find_about(all, all[i].bucket) != &all[i]) return false;
    }
    return true;
}

/// Whether what is remembered can have come about.
inline bool is_sound_subscription(const subscription_state& s) noexcept {
    for (const period_raise& r : s.raises) {
        const bool nothing = r.count == 0 && r.owed.is_zero();
        if (nothing || r.granted.is_negative() || r.owed.is_negative() ||
            (r.count == 0 && !r.granted.is_zero())) {
            return false;
        }
    }
    for (const add_on& a : s.add_ons) {
        const bool nothing = a.allowance.is_zero() && a.next.is_zero();
        if (nothing || a.allowance.is_negative() || a.next.is_negative() || a.price.is_negative() ||
            a.next_price.is_negative()) {
            return false;
        }
    }
    return (s.ended || s.ended_at == never) && (s.changes != s.next.empty()) &&
           (!s.locked || s.ended) && (s.past_due || s.grace_until == never) &&
           (s.on_trial() || !s.trial_goes_on) && s.add_ons.size() <= max_add_ons &&
           each_bucket_once(s.courses) && each_bucket_once(s.raises) && each_bucket_once(s.add_ons);
}

/// The names of the buckets that it speaks of.
inline void add_names(name_table& names, const subscription_state& s) {
    for (const bucket_course& c : s.courses) names.add(c.bucket);
    for (const period_raise& r : s.raises) names.add(r.bucket);
    for (const add_on& a : s.add_ons) names.add(a.bucket);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

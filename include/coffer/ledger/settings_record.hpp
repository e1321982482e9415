/// What entries say of choices, in bytes: those that a customer made, and the rules of a plan that
/// began to hold for them. Reading checks everything.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/limit_record.hpp>
#include <coffer/ledger/packed.hpp>
#include <coffer/ledger/settings.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The longest that an entry says of choices.
inline constexpr std::size_t max_said_of_settings = 65'535;

inline void write(packed_writer& out, const alert_terms& t) {
    out.text(t.name.view()).whole(t.level.micros());
    out.number((t.is_share ? 1U : 0U) | (t.once_per_period ? 2U : 0U)).text(lines_of(t.of));
}
inline void read(packed_reader& in, alert_terms& t) {
    t.own = true;
    t.name = in.text();
    t.level = credits::from_micros(in.whole());
    const auto says = in.up_to<std::uint8_t>(3);
    t.is_share = (says & 1) != 0;
    t.once_per_period = (says & 2) != 0;
    each_line(in.text(), [&](std::string_view name) { t.of.push_back(bucket_id::of(name)); });
    if (!is_alert(t)) in.fail();
}

inline void write(packed_writer& out, const chosen_recharge& r) {
    out.number((r.on ? 1U : 0U) | (r.threshold ? 2U : 0U) | (r.monthly_limit ? 4U : 0U));
    out.text(r.offer.view());
    if (r.threshold) out.whole(r.threshold->micros());
    if (!r.monthly_limit) return;
    pack(out, *r.monthly_limit);
}
inline void read(packed_reader& in, chosen_recharge& r) {
    const auto says = in.up_to<std::uint8_t>(7);
    r.on = (says & 1) != 0;
    r.offer = in.text();
    if (r.offer.too_long()) in.fail();
    if (says & 2) r.threshold = credits::from_micros(in.whole());
    if (!(says & 4)) return;
    r.monthly_limit = read_money(in);
    if (r.monthly_limit->is_none() || r.monthly_limit->is_negative()) in.fail();
}

inline void write(packed_writer& out, const choice_set& c) {
    out.number((c.says_alerts ? 1U : 0U) | (c.says_limits ? 2U : 0U) | (c.says_budget ? 4U : 0U) |
               (c.says_recharge ? 8U : 0U));
    if (c.says_alerts) {
        out.number(c.alerts.size());
        for (const alert_terms& t : c.alerts) write(out, t);
    }
    if (c.says_limits) {
        out.number(c.limits.size());
        for (const limit_terms& t : c.limits) write(out, t);
    }
    if (c.says_budget) out.number(c.budget ? 1 : 0);
    if (c.says_budget && c.budget) write(out, *c.budget);
    if (c.says_recharge) write(out, c.recharge);
}

inline choice_set read_choice_set(packed_reader& in) {
    choice_set c;
    const auto says = in.up_to<std::uint8_t>(15);
    c.says_alerts = (says & 1) != 0;
    c.says_limits = (says & 2) != 0;
    c.says_budget = (says & 4) != 0;
    c.says_recharge = (says & 8) != 0;
    if (c.says_alerts) {
        for (auto left = in.up_to<std::size_t>(max_alerts); left > 0 && in.good(); --left) {
            read(in, c.alerts.emplace_back());
        }
    }
    if (c.says_limits) {
        for (auto left = in.up_to<std::size_t>(max_limits); left > 0 && in.good(); --left) {
            limit_terms& t = c.limits.emplace_back();
            read(in, t);
            if (!is_limit(t)) in.fail();
        }
    }
    if (c.says_budget && in.up_to<std::uint8_t>(1) != 0) {
        read(in, c.budget.emplace());
        if (!is_budget(*c.budget)) in.fail();
    }
    if (c.says_recharge) read(in, c.recharge);
    return c;
}

inline std::string pack(const choice_set& c) {
    packed_writer out;
    write(out, c);
    return out.take();
}

inline std::optional<choice_set> read_choices(std::string_view packed) {
    packed_reader in{packed};
    choice_set c = read_choice_set(in);
    return in.complete() ? std::optional{c} : std::nullopt;
}

/// The rules of a plan that begin to hold, with what is left of the choices where they drop some.
struct adopted_rules {
    std::uint32_t revision = 0;
    std::uint64_t rules = 0;
    std::optional<choice_set> left{};
};

inline std::string pack(const adopted_rules& r) {
    packed_writer out;
    out.number(r.revision).number(r.rules).number(r.left ? 1 : 0);
    if (r.left) write(out, *r.left);
    return out.take();
}

inline std::optional<adopted_rules> read_rules(std::string_view packed) {
    packed_reader in{packed};
    adopted_rules r{.revision = in.up_to()};
    r.rules = in.number();
    if (in.up_to<std::uint8_t>(1) != 0) r.left = read_choice_set(in);
    return in.complete() ? std::optional{r} : std::nullopt;
}

/// Whether what an entry says of choices is what one of its kind says.
inline bool says_settings(const entry& e) {
    switch (e.kind) {
        case entry_kind::configured: return read_choices(e.settings).has_value();
        case entry_kind::rules_adopted: return read_rules(e.settings).has_value();
        case entry_kind::alert_set: return e.settings.empty() || e.settings == own_mark;
        default: return e.settings.empty();
    }
}

}  // namespace detail

/// What a customer chose by the entry; none for one of another kind.
inline std::optional<choice_set> choices_of(const entry& e) {
    if (e.kind != entry_kind::configured) return std::nullopt;
    return detail::read_choices(e.settings);
}

}  // namespace v0
}  // namespace coffer

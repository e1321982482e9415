/// What entries say of limits, in bytes: a limit that begins or ends to hold, the counters that a
/// spend or refund changed, what a remembered refusal was about. Reading checks everything.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/packed.hpp>
#include <coffer/time/instant.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The longest that an entry says of limits.
inline constexpr std::size_t max_said_of_limits = 65'535;

/// A limit that begins to hold, and where it stands in the list.
struct limit_placed {
    std::uint32_t place = 0;
    limit_terms terms{};
    bool own = false;  ///< The customer's.
};

/// `mark`: beside whether it warns.
inline void write(packed_writer& out, const limit_terms& t, std::uint64_t mark = 0) {
    out.number(static_cast<std::uint64_t>(t.per)).number((t.warn ? 1 : 0) | mark);
    out.whole(t.amount.micros());
    for (const limit_key& key : limit_keys) out.text((t.*key.path).view());
}
/// `marks`: what may stand there beside. Returns which do.
inline std::uint64_t read(packed_reader& in, limit_terms& t, std::uint64_t marks = 0) noexcept {
    t.per = static_cast<window>(in.up_to<std::uint8_t>(4));
    const auto says = in.up_to<std::uint64_t>(marks | 1);
    t.warn = (says & 1) != 0;
    t.amount = credits::from_micros(in.whole());
    for (const limit_key& key : limit_keys) t.*key.path = in.text();
    return says & marks;
}

inline std::string pack(const limit_placed& p) {
    packed_writer out;
    out.number(p.place);
    write(out, p.terms, p.own ? 2 : 0);
    return out.take();
}

inline std::optional<limit_placed> read_limit(std::string_view packed) {
    packed_reader in{packed};
    limit_placed p{.place = in.up_to(2 * max_limits)};
    p.own = read(in, p.terms, 2) != 0;
    const bool sound = is_limit(p.terms) || (p.own && is_budget(p.terms));
    return in.complete() && sound ? std::optional{p} : std::nullopt;
}

/// A limit that holds no longer, by its place in the list.
inline std::string pack_place(std::uint32_t place) { return packed_writer{}.number(place).take(); }

inline std::optional<std::uint32_t> read_place(std::string_view packed) noexcept {
    packed_reader in{packed};
    const auto place = in.up_to(2 * max_limits);
    return in.complete() ? std::optional{place} : std::nullopt;
}

/// A counter that a spend begins.
struct fresh_counter {
    std::uint32_t limit = 0;
    instant from{};
    instant until{};
    std::string_view value{};
};

/// The counters that an entry begins, changes and drops. Each of the first two counts all that it
/// spends, holds or gives back.
struct counter_changes {
    std::uint32_t first = 0;  ///< The number of the first counter that it begins.
    std::vector<fresh_counter> begun{};
    counter_list changed{};  ///< Rising; such as were there before.
    counter_list dropped{};  ///< Rising.

    bool empty() const noexcept { return begun.empty() && changed.empty() && dropped.empty(); }
    /// Which counters count the entry.
    counter_list counted() const {
        counter_list all = changed;
        for (std::size_t i = 0; i < begun.size(); ++i) {
            all.push_back(counter_id{first + static_cast<std::uint32_t>(i)});
        }
        return all;
    }
};

inline std::string pack(const counter_changes& c) {
    if (c.empty()) return {};
    packed_writer out;
    for (const counter_list* ids : {&c.changed, &c.dropped}) {
        out.number(ids->size());
        std::uint32_t last = 0;
        for (counter_id id : *ids) {
            out.number(id.value() - last);
            last = id.value();
        }
    }
    out.number(c.begun.size());
    if (!c.begun.empty()) out.number(c.first);
    for (const fresh_counter& f : c.begun) {
        out.number(f.limit).time(f.from).time(f.until).text(f.value);
    }
    return out.take();
}

/// The texts of what is read stand in `packed`.
inline std::optional<counter_changes> read_changes(std::string_view packed) {
    counter_changes c;
    if (packed.empty()) return c;
    packed_reader in{packed};
    for (counter_list* ids : {&c.changed, &c.dropped}) {
        std::uint64_t last = 0;
        for (auto left = in.up_to(max_counters_of_spend); left > 0 && in.good(); --left) {
            const std::uint64_t step = in.number();
            last += std::min<std::uint64_t>(step, std::uint64_t{1} << 32);
            if (step == 0 || last > std::numeric_limits<std::uint32_t>::max()) in.fail();
            ids->push_back(counter_id{static_cast<std::uint32_t>(last)});
        }
    }
    const auto begun = in.up_to(max_counters_of_spend);
    if (begun > 0) {
        c.first = in.up_to(std::numeric_limits<std::uint32_t>::max() - max_counters_of_spend);
        if (c.first == 0) in.fail();
    }
    for (auto left = begun; left > 0 && in.good(); --left) {
        fresh_counter f{.limit = in.up_to()};
        f.from = in.time();
        f.until = in.time();
        f.value = in.text();
        if (f.limit == 0 || f.until <= f.from) in.fail();
        c.begun.push_back(f);
    }
    if (!in.complete() || c.empty()) return std::nullopt;
    return c;
}

/// What a remembered refusal by a limit was about.
struct limit_refusal {
    std::string_view name{};
    credits level{};
    instant until{};
};

inline std::string pack(const limit_refusal& r) {
    return packed_writer{}.text(r.name).whole(r.level.micros()).time(r.until).take();
}

inline std::optional<limit_refusal> read_refusal(std::string_view packed) noexcept {
    packed_reader in{packed};
    limit_refusal r{.name = in.text()};
    r.level = credits::from_micros(in.whole());
    r.until = in.time();
    return in.complete() ? std::optional{r} : std::nullopt;
}

/// Whether what an entry says of limits is what one of its kind says.
inline bool says_limits(const entry& e) {
    switch (e.kind) {
        case entry_kind::charged:
        case entry_kind::held:
        case entry_kind::settled:
        case entry_kind::refunded: return read_changes(e.limits).has_value();
        case entry_kind::limit_set: return read_limit(e.limits).has_value();
        case entry_kind::limit_dropped: return read_place(e.limits).has_value();
        case entry_kind::refused: return e.limits.empty() || read_refusal(e.limits).has_value();
        default: return e.limits.empty();
    }
}

}  // namespace detail

/// The counters of limits that count the entry; none for what a limit does not count.
inline counter_list counted_by(const entry& e) {
    const auto changes = is_counted(e.kind) ? detail::read_changes(e.limits) : std::nullopt;
    return changes ? changes->counted() : counter_list{};
}

/// The limit that begins to hold with the entry; none for one of another kind.
inline std::optional<limit_terms> limit_of(const entry& e) {
    if (e.kind != entry_kind::limit_set) return std::nullopt;
    const auto placed = detail::read_limit(e.limits);
    return placed ? std::optional{placed->terms} : std::nullopt;
}

}  // namespace v0
}  // namespace coffer

/// The alerts of an account and what its customer chose, as bytes, and whether that makes sense.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/settings_record.hpp>
#include <coffer/store/detail/account_io.hpp>

#include <cstdint>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

inline void write_alert(record_writer& out, const alert_terms& t) {
    out.text(t.name);
    out.amount(t.level);
    out.byte(static_cast<std::uint8_t>((t.is_share ? 1 : 0) | (t.once_per_period ? 2 : 0) |
                                       (t.own ? 4 : 0)));
    out.list(t.of, [](record_writer& to, bucket_id b) { to.bucket(b); });
}

inline alert_terms read_alert(record_reader& in) {
    alert_terms t{.name = in.text<alert_name>()};
    t.level = in.amount();
    const std::uint8_t says = in.byte();
    if (says > 7) in.fail();
    t.is_share = (says & 1) != 0;
    t.once_per_period = (says & 2) != 0;
    t.own = (says & 4) != 0;
    in.list(1, t.of, [](record_reader& from) { return from.bucket(); });
    if (!is_alert(t)) in.fail();
    return t;
}

inline void write_settings(record_writer& out, const settings_state& s) {
    out.number(s.revision);
    out.number(s.rules);
    out.long_text(pack(s.chosen));
}

inline void read_settings(record_reader& in, settings_state& s) {
    s.revision = in.narrow<std::uint32_t>();
    s.rules = in.number();
    auto chosen = read_choices(in.long_text());
    if (!chosen) in.fail();
    if (chosen) s.chosen = *std::move(chosen);
}

/// Whether what is chosen can be read back.
inline bool is_sound_settings(const settings_state& s) {
    return s.chosen.says_nothing() ? s.chosen == choice_set{}
                                   : read_choices(pack(s.chosen)) == s.chosen;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

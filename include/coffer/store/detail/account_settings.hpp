/// What an account remembers of its customer's choices, as bytes: a part of its details.
#pragma once

#include <coffer/ledger/settings.hpp>
#include <coffer/ledger/settings_record.hpp>
#include <coffer/store/detail/account_io.hpp>

#include <cstdint>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

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

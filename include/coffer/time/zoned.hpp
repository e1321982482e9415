/// An instant in the local time of a zone, to be shown. Include it where people read times.
#pragma once

#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/print.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <chrono>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// An instant as the clocks of a zone show it, with how far they are ahead of UTC and the zone's
/// name: it prints as `2026-01-31T11:00:00+01:00 Europe/Berlin`, in UTC as `iso8601` writes it.
struct zoned {
    instant at{};
    zone where{};

    friend bool operator==(const zoned&, const zoned&) = default;
    friend auto to_string(const zoned& t) noexcept {
        detail::text_buffer<127> text;
        if (t.at == never || t.where == zone::utc()) {
            detail::push_instant(text, t.at);
            return text;
        }
        detail::push_date_and_time(text, t.where.local(t.at).time_since_epoch());
        std::int64_t ahead = t.where.offset(t.at).count();
        text.push(ahead < 0 ? '-' : '+');
        if (ahead < 0) ahead = -ahead;
        detail::push_number(text, ahead / 3600, 2);
        text.push(':');
        detail::push_number(text, ahead / 60 % 60, 2);
        if (ahead % 60 != 0) {  // before there were zones, each city had its own seconds
            text.push(':');
            detail::push_number(text, ahead % 60, 2);
        }
        text.push(' ');
        text.push(t.where.name());
        return text;
    }
};

}  // namespace v0
}  // namespace coffer

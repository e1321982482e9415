/// The compiled zone files of the system (TZif, RFC 9636): read whole, checked, and kept for the
/// life of the program. `zone.hpp` includes it; nobody else needs to.
#pragma once

#include <coffer/base/detail/file.hpp>
#include <coffer/time/detail/posix_tz.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

inline constexpr std::string_view system_zone_directory = "/usr/share/zoneinfo";

/// What a zone's clocks show: the listed transitions, and the rule that holds after the last.
struct zone_data {
    std::string name;
    std::vector<std::int64_t> transitions;  ///< UTC seconds, ascending.
    std::vector<std::int32_t> offsets;      ///< Before the first transition, after each of them.
    posix_rule tail;

    offset_span span_at(std::int64_t t) const noexcept {
        const auto next = std::upper_bound(transitions.begin(), transitions.end(), t);
        const auto index = static_cast<std::size_t>(next - transitions.begin());
        if (next == transitions.end()) {
            offset_span span = tail.span_at(t);
            if (index > 0) span.from = std::max(span.from, transitions.back());
            return span;
        }
        offset_span span{.until = *next, .offset = offsets[index]};
        if (index > 0) span.from = transitions[index - 1];
        return span;
    }

    /// The first UTC second at which the clocks show `local` or, where they skip it, later.
    std::int64_t first_at(std::int64_t local) const noexcept {
        offset_span span = span_at(local - most_offset);
        while (local - span.offset >= span.until) span = span_at(span.until);
        return std::max(local - span.offset, span.from);
    }

    /// The bounds that RFC 9636 sets: more than -25 and less than +26 hours.
    static constexpr std::int32_t least_offset = -25 * 3'600 + 1;
    static constexpr std::int32_t most_offset = 26 * 3'600 - 1;
};

/// Takes a file apart from its front; after a failure everything it gives is empty.
class zone_file_reader {
public:
    explicit zone_file_reader(std::string_view bytes) noexcept : rest_{bytes} {}

    bool ok() const noexcept { return ok_; }
    std::string_view rest() const noexcept { return rest_; }

    std::string_view take(std::uint64_t size) noexcept {
        if (size > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(taken.size());
        return taken;
    }

private:
    std::string_view rest_;
    bool ok_ = true;
};

/// The big-endian two's complement number in `bytes`. Requires: at most eight bytes.
inline std::int64_t big_endian(std::string_view bytes) noexcept {
    const bool negative = !bytes.empty() && static_cast<unsigned char>(bytes.front()) >= 0x80;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(value);
}

/// The header of one of the two blocks of a zone file.
struct zone_block {
    char version = '\0';
    std::uint64_t universal = 0;
    std::uint64_t standard = 0;
    std::uint64_t leaps = 0;
    std::uint64_t transitions = 0;
    std::uint64_t types = 0;
    std::uint64_t letters = 0;

    /// The size of the block of 32-bit times, which is only skipped.
    std::uint64_t legacy_size() const noexcept {
        return transitions * 5 + types * 6 + letters + leaps * 8 + standard + universal;
    }

    static std::optional<zone_block> read(zone_file_reader& file) noexcept {
        if (file.take(4) != "TZif") return std::nullopt;
        const std::string_view version = file.take(16);
        std::array<std::uint64_t, 6> counts{};
        for (std::uint64_t& count : counts) {
            const std::int64_t number = big_endian(file.take(4));
            if (number < 0) return std::nullopt;
            count = static_cast<std::uint64_t>(number);
        }
        if (!file.ok()) return std::nullopt;
        return zone_block{version.front(), counts[0], counts[1], counts[2],
                          counts[3],       counts[4], counts[5]};
    }
};

/// The zone that the bytes of a TZif file describe, or nothing where they are not such a file in
/// full, count leap seconds, or leave open what holds after the last transition.
inline std::optional<zone_data> parse_zone_file(std::string_view bytes) {
    zone_file_reader file{bytes};
    const auto legacy = zone_block::read(file);
    if (!legacy || legacy->version < '2') return std::nullopt;
    file.take(legacy->legacy_size());
    const auto block = zone_block::read(file);
    if (!block || block->types == 0 || block->types > 256 || block->leaps != 0) {
        return std::nullopt;
    }
    const std::string_view times = file.take(block->transitions * 8);
    const std::string_view indices = file.take(block->transitions);
    const std::string_view types = file.take(block->types * 6);
    file.take(block->letters + block->standard + block->universal);
    const std::string_view footer = file.rest();
    if (!file.ok() || footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') {
        return std::nullopt;
    }
    const auto tail = parse_posix_rule(footer.substr(1, footer.size() - 2));
    if (!tail) return std::nullopt;

    std::vector<std::int32_t> offset_of;
    for (std::size_t i = 0; i < types.size(); i += 6) {
        const std::int64_t offset = big_endian(types.substr(i, 4));
        if (offset < zone_data::least_offset || offset > zone_data::most_offset) {
            return std::nullopt;
        }
        offset_of.push_back(static_cast<std::int32_t>(offset));
    }
    zone_data zone{.name = {}, .transitions = {}, .offsets = {offset_of.front()}, .tail = *tail};
    zone.transitions.reserve(indices.size());
    zone.offsets.reserve(indices.size() + 1);
    for (std::size_t i = 0; i < indices.size(); ++i) {
        const std::int64_t at = big_endian(times.substr(i * 8, 8));
        const std::size_t type = static_cast<unsigned char>(indices[i]);
        if (type >= offset_of.size()) return std::nullopt;
        if (i > 0 && at <= zone.transitions.back()) return std::nullopt;
        zone.transitions.push_back(at);
        zone.offsets.push_back(offset_of[type]);
    }
    return zone;
}

/// Whether a zone of this name may be looked for in a zone directory: path segments of letters,
/// digits, `_`, `+` and `-` only, so that no name leads out of it; and no name that stands for
/// another zone on another machine.
constexpr bool is_zone_name(std::string_view name) noexcept {
    constexpr std::size_t most_letters = 255;
    if (name.empty() || name.size() > most_letters) return false;
    if (name.front() == '/' || name.back() == '/') return false;
    if (name == "localtime" || name == "posixrules") return false;
    char last = '/';
    for (char letter : name) {
        const bool is_plain =
            (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
            (letter >= '0' && letter <= '9') || letter == '_' || letter == '+' || letter == '-';
        if (!is_plain && !(letter == '/' && last != '/')) return false;
        last = letter;
    }
    return true;
}

/// No zone file is larger.
inline constexpr std::size_t max_zone_file_size = 1u << 18;

/// The zone of that name in a zone directory, or nothing.
inline std::optional<zone_data> read_zone(std::string_view directory, std::string_view name) {
    if (!is_zone_name(name)) return std::nullopt;
    std::string path{directory};
    path += '/';
    path += name;
    const auto bytes = read_file(path, max_zone_file_size + 1);
    if (!bytes || bytes->size() > max_zone_file_size) return std::nullopt;
    auto zone = parse_zone_file(*bytes);
    if (zone) zone->name = name;
    return zone;
}

/// The system's zone of that name, or nothing.
inline std::optional<zone_data> read_system_zone(std::string_view name) {
    return read_zone(system_zone_directory, name);
}

/// Where zones come from: the zone of that name, or nothing. Requires: a zone's name.
using zone_reader = std::optional<zone_data> (*)(std::string_view name);

/// The zones of one source that were asked for so far. What was not found is looked for again.
class zone_cache {
public:
    explicit zone_cache(zone_reader read) noexcept : read_{read} {}
    zone_cache(const zone_cache&) = delete;
    zone_cache& operator=(const zone_cache&) = delete;
    ~zone_cache() {
        while (newest_) delete std::exchange(newest_, newest_->before);
    }

    /// The zone, which lives as long as the cache; null where there is none.
    const zone_data* find(std::string_view name) {
        const std::lock_guard lock{mutex_};
        for (const known_zone* known = newest_; known; known = known->before) {
            if (known->asked == name) return &known->zone;
        }
        auto zone = read_(name);
        if (!zone) return nullptr;
        newest_ = new known_zone{std::string{name}, std::move(*zone), newest_};
        return &newest_->zone;
    }

    /// From now on what is not known yet comes from there.
    void read_by(zone_reader read) {
        const std::lock_guard lock{mutex_};
        read_ = read;
    }

    /// That of `zone::find`. Never destroyed: a zone may be used while other static objects are.
    static zone_cache& of_program() {
        static zone_cache* const cache = new zone_cache{read_system_zone};
        return *cache;
    }

private:
    struct known_zone {
        std::string asked;
        zone_data zone;
        const known_zone* before;
    };

    std::mutex mutex_;
    zone_reader read_;
    const known_zone* newest_ = nullptr;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

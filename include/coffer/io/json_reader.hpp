/// Reads the values of coffer's JSON files: exact amounts, durations and instants from texts, each
/// with the path of where it stands. Include it to read a file format of your own of that kind.
///
///     const auto file = coffer::read_json(text);
///     if (!file) return file.error();
///     coffer::json_reader read;
///     const coffer::json_place root{&*file, "pack"};
///     if (read.object(root, {"credits", "price"})) {
///         pack.credits = read.amount(read.need(root, "credits"));
///         pack.price = read.payment(read.need(root, "price"));
///     }
///     if (!read.good()) return read.error();     // pack.price: '5 USD' …
///
/// Needs nlohmann-json: link `coffer::json`.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/amount/detail/decimal.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/usage.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A text in one line between quotes, cut where it would fill the screen.
inline std::string quoted(std::string_view text) {
    constexpr std::size_t enough = 60;
    std::size_t size = std::min(text.size(), enough);
    const auto is_inner = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    while (size < text.size() && size > 0 && is_inner(text[size])) --size;
    std::string line{text.substr(0, size)};
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
    return "'" + line + (size < text.size() ? "…'" : "'");
}

/// The path of a member.
inline std::string path_of(std::string_view object, std::string_view key) {
    std::string shown = quoted(key);
    shown = shown.substr(1, shown.size() - 2);
    return object.empty() ? shown : std::string{object} + "." + shown;
}
/// The path of an element.
inline std::string path_of(std::string_view list, std::size_t index) {
    return std::string{list} + "[" + std::to_string(index) + "]";
}

/// How the kinds of tokens are called in files.
inline constexpr std::array<std::string_view, token_kind_count> token_names = [] {
    std::array<std::string_view, token_kind_count> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = to_string(static_cast<token_kind>(i));
    return names;
}();

/// Whether a text is UTF-16, as some editors save it: its byte order mark says so.
constexpr bool is_utf16(std::string_view text) noexcept {
    return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

/// Looks for what the parser lets pass: keys that stand twice, and values nested too deeply.
class json_checker {
    using json = nlohmann::json;

public:
    using number_integer_t = json::number_integer_t;
    using number_unsigned_t = json::number_unsigned_t;
    using number_float_t = json::number_float_t;
    using string_t = json::string_t;
    using binary_t = json::binary_t;

    static constexpr std::size_t max_depth = 64;

    explicit json_checker(std::string_view path) : root_{path} {}

    plan_error wrong{};

    bool null() { return value(); }
    bool boolean(bool) { return value(); }
    bool string(string_t&) { return value(); }
    bool binary(binary_t&) { return value(); }
    bool number_integer(number_integer_t) { return value(); }
    bool number_unsigned(number_unsigned_t) { return value(); }
    bool number_float(number_float_t, const string_t&) { return value(); }

    bool start_object(std::size_t) { return begin(false); }
    bool start_array(std::size_t) { return begin(true); }
    bool end_object() { return end(); }
    bool end_array() { return end(); }
    bool key(string_t& name) {
        frame& object = open_.back();
        object.key = name;
        if (object.keys.insert(name).second) return true;
        return fail("the key stands twice");
    }
    bool parse_error(std::size_t position, const std::string&, const json::exception&) {
        wrong = {errc::invalid_argument, root_, "is no JSON: see byte " + std::to_string(position)};
        return false;
    }

private:
    struct frame {
        bool is_list = false;
        std::size_t count = 0;  // of a list: the elements that have begun
        std::string key{};
        std::set<std::string> keys{};
    };

    bool value() {
        if (!open_.empty() && open_.back().is_list) ++open_.back().count;
        return true;
    }
    bool begin(bool is_list) {
        value();
        if (open_.size() == max_depth) return fail("is nested too deeply");
        open_.push_back({.is_list = is_list});
        return true;
    }
    bool end() {
        open_.pop_back();
        return true;
    }
    bool fail(std::string message) {
        std::string path = root_;
        for (const frame& f : open_) {
            path = f.is_list ? path_of(path, f.count - 1) : path_of(path, f.key);
        }
        wrong = {errc::invalid_argument, std::move(path), std::move(message)};
        return false;
    }

    std::string root_;
    std::vector<frame> open_;
};

}  // namespace detail

/// The longest JSON text that is read.
inline constexpr std::size_t max_json_size = 16 * 1024 * 1024;

/// The JSON document that a text writes in UTF-8, with a byte order mark or without. `path` is what
/// errors call it.
/// Errors: `invalid_argument` for what is no JSON, for keys that stand twice in one object and for
/// values more than 64 deep; `too_many` for more than 16 MiB.
inline result<nlohmann::json, plan_error> read_json(std::string_view text,
                                                    std::string_view path = {}) {
    if (text.size() > max_json_size) {
        return plan_error{errc::too_many, std::string{path}, "is longer than 16 MiB"};
    }
    if (detail::is_utf16(text)) {
        return plan_error{errc::invalid_argument, std::string{path},
                          "is UTF-16: JSON files are UTF-8"};
    }
    detail::json_checker checker{path};
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &checker)) return checker.wrong;
    return nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
}

/// A value of a JSON document and where it stands there, such as `plan.buckets[0].name`; or none.
struct json_place {
    const nlohmann::json* value = nullptr;
    std::string path{};

    explicit operator bool() const noexcept { return value != nullptr; }
    bool is_text() const noexcept { return value && value->is_string(); }

    /// The member of an object; none if it has no such member.
    json_place operator[](std::string_view key) const {
        if (!value || !value->is_object()) return {};
        const auto found = value->find(std::string{key});
        if (found == value->end()) return {};
        return {&*found, detail::path_of(path, key)};
    }
};

/// Reads values and remembers the first thing that is wrong. What is read after that, or from no
/// place at all, is a value of no meaning: look at `good()` before you use any.
class json_reader {
public:
    bool good() const noexcept { return !wrong_; }
    /// Requires: not `good()`.
    const plan_error& error() const noexcept { return *wrong_; }

    void fail(const json_place& at, std::string message, errc code = errc::invalid_argument) {
        if (!wrong_) wrong_ = plan_error{code, at.path, std::move(message)};
    }

    /// Whether it is an object that has no other keys than these.
    bool object(const json_place& at, std::initializer_list<std::string_view> keys) {
        return object<std::initializer_list<std::string_view>>(at, keys);
    }
    template <class Keys>
    bool object(const json_place& at, const Keys& keys) {
        if (!at) return false;
        if (!at.value->is_object()) return refuse(at, "is no object");
        for (const auto& member : at.value->items()) {
            if (std::find(keys.begin(), keys.end(), member.key()) == keys.end()) {
                return refuse(at[member.key()], "there is no such key");
            }
        }
        return true;
    }
    /// A member that has to be there.
    json_place need(const json_place& at, std::string_view key) {
        json_place member = at[key];
        if (!member && at) {
            const std::string path = at.path.empty() ? std::string{key} : at.path;
            fail({nullptr, path}, "there is no " + detail::quoted(key));
        }
        return member;
    }
    /// The members of an object, whatever their keys, in alphabetical order.
    std::vector<std::pair<std::string, json_place>> members(const json_place& at) {
        std::vector<std::pair<std::string, json_place>> all;
        if (!at || (!at.value->is_object() && !refuse(at, "is no object"))) return all;
        for (const auto& member : at.value->items()) {
            all.emplace_back(member.key(), at[member.key()]);
        }
        return all;
    }
    std::vector<json_place> elements(const json_place& at) {
        std::vector<json_place> all;
        if (!at || (!at.value->is_array() && !refuse(at, "is no list"))) return all;
        for (const nlohmann::json& element : *at.value) {
            all.push_back({&element, detail::path_of(at.path, all.size())});
        }
        return all;
    }

    /// A text; it lasts as long as the document.
    std::string_view text(const json_place& at) {
        if (!at) return {};
        if (at.is_text()) return at.value->get_ref<const std::string&>();
        refuse(at, at.value->is_number() ? "is a number: write it as a text, such as \"12.5\""
                                         : "is no text");
        return {};
    }
    /// A text of 1 to `most` bytes.
    std::string_view name(const json_place& at, std::size_t most) {
        const std::string_view found = text(at);
        if (at.is_text() && (found.empty() || found.size() > most)) {
            fail_value(at, "has 1 to " + std::to_string(most) + " bytes");
        }
        return found;
    }
    bool flag(const json_place& at) {
        if (!at) return false;
        if (at.value->is_boolean()) return at.value->get<bool>();
        return refuse(at, "is neither true nor false");
    }
    /// A whole number of something, the one kind that is written as a JSON number.
    std::int64_t count(const json_place& at, std::int64_t least, std::int64_t most) {
        if (!at) return least;
        const bool fits = at.value->is_number_integer() &&
                          (!at.value->is_number_unsigned() ||
                           at.value->get<std::uint64_t>() <= static_cast<std::uint64_t>(most));
        const std::int64_t found = fits ? at.value->get<std::int64_t>() : least;
        if (fits && least <= found && found <= most) return found;
        refuse(at,
               "is no whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return least;
    }

    /// Errors of all that is exact: `invalid_argument`; `amount_overflow` beyond 64 bits.
    credits amount(const json_place& at) {
        return exact<credits>(at, &credits::parse, "amount of credits with at most six decimals");
    }
    coffer::quantity quantity(const json_place& at) {
        return exact<coffer::quantity>(at, &coffer::quantity::parse,
                                       "quantity with at most six decimals");
    }
    coffer::rate rate(const json_place& at) {
        return exact<coffer::rate>(at, &coffer::rate::parse, "rate with at most twelve decimals");
    }
    /// Such as "5.00 USD".
    money payment(const json_place& at) {
        return exact<money>(at, &money::parse, "money, such as 5.00 USD");
    }
    /// Such as "10 minutes" or "1 year".
    timespan duration(const json_place& at) {
        return exact<timespan>(at, &parse_timespan, "duration, such as 14 days");
    }
    coffer::instant instant(const json_place& at) {
        return exact<coffer::instant>(at, &parse_instant,
                                      "instant in UTC, such as 2026-01-31T10:00:00Z");
    }
    /// The same where less than zero makes no sense.
    template <class T>
    T not_negative(const json_place& at, T found) {
        if (at && found.is_negative()) fail_value(at, "is negative");
        return found;
    }
    timespan positive(const json_place& at, timespan found) {
        if (at && good() && (found.is_zero() || found.is_negative())) refuse(at, "is zero");
        return found;
    }

    /// Errors: `unknown_zone`.
    coffer::zone zone(const json_place& at) {
        const std::string_view found = text(at);
        if (!at.is_text()) return {};
        const result<coffer::zone> known = coffer::zone::find(found);
        if (known) return *known;
        fail(at, detail::quoted(found) + ": " + std::string{coffer::zone::advice()},
             known.error().code());
        return {};
    }

    /// What one of several texts stands for.
    template <class T>
    T choice(const json_place& at, std::initializer_list<std::pair<std::string_view, T>> choices) {
        const std::string_view found = text(at);
        std::string known;
        for (const auto& [word, meaning] : choices) {
            if (at && word == found) return meaning;
            known += (known.empty() ? "" : ", ") + std::string{word};
        }
        if (at.is_text()) refuse(at, detail::quoted(found) + " is none of " + known);
        return choices.begin()->second;
    }

    /// A decimal number as a fraction of integers: "0.25" is 25 of 100.
    struct share {
        std::int64_t numerator = 0;
        std::int64_t denominator = 1;
    };
    share fraction(const json_place& at) { return share_of(at, 0); }
    share percent(const json_place& at) { return share_of(at, 2); }

protected:
    /// A value is wrong that is written where and as values of its kind are.
    void fail_value(const json_place& at, std::string message, errc code = errc::invalid_argument) {
        if (!values_may_be_wrong_) return fail(at, std::move(message), code);
        flaw_ = std::min(flaw_.value_or(code), code);
    }
    /// From now on a wrong value is a flaw and no failure; some value stands in for it.
    void let_values_be_wrong() noexcept { values_may_be_wrong_ = true; }
    /// The gravest flaw; none where all values are right.
    std::optional<errc> flaw() const noexcept { return flaw_; }

private:
    bool refuse(const json_place& at, std::string message) {
        fail(at, std::move(message));
        return false;
    }

    template <class T, class Parse>
    T exact(const json_place& at, Parse parse, std::string_view what) {
        const std::string_view found = text(at);
        if (!at.is_text()) return {};
        const auto parsed = parse(found);
        if (parsed) return *parsed;
        if (parsed == errc::amount_overflow) {
            fail_value(at, detail::quoted(found) + " does not fit", errc::amount_overflow);
        } else {
            fail_value(at, detail::quoted(found) + " is no " + std::string{what});
        }
        return {};
    }

    share share_of(const json_place& at, int places_of_unit) {
        constexpr int most_places = 18;
        const std::string_view found = text(at);
        if (!at.is_text()) return {};
        for (int places = 0; places + places_of_unit <= most_places; ++places) {
            const auto numerator = detail::parse_decimal(found, places);
            if (numerator == errc::invalid_argument) continue;  // perhaps it has more decimals
            if (!numerator) break;
            if (*numerator < 0) {
                refuse(at, "is negative");
                return {};
            }
            return {*numerator,
                    static_cast<std::int64_t>(detail::power_of_ten(places + places_of_unit))};
        }
        const bool is_number = detail::parse_decimal(found, most_places) == errc::amount_overflow;
        fail(at, detail::quoted(found) + (is_number ? " does not fit" : " is no decimal number"),
             is_number ? errc::amount_overflow : errc::invalid_argument);
        return {};
    }

    std::optional<plan_error> wrong_;
    std::optional<errc> flaw_;
    bool values_may_be_wrong_ = false;
};

}  // namespace v0
}  // namespace coffer

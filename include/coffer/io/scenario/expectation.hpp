/// What a step of a scenario expects to be seen, and whether it is. You need it only to write a
/// runner of your own; `scenario.hpp` has one.
#pragma once

#include <coffer/amount/detail/decimal.hpp>
#include <coffer/io/json_reader.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What can be looked at.
enum class observable : std::uint8_t {
    available,
    held,
    debt,
    used,
    cost,
    money,
    bucket,     ///< Of that name: what is available.
    lot,        ///< Of that name: what is available.
    taken,      ///< From the lot of that name.
    all_taken,  ///< The sum that was taken, from lots that the expectation does not name.
    period,
    as_of,
    alerts,   ///< Raised since the step before, in order.
    intents,  ///< Ordered by the plan's recharge since the step before.
    actor,    ///< Of the step's entry.
    reason,   ///< Of the step's entry.
};

/// One value that is expected to be seen. Its texts are those of the JSON document.
struct expectation {
    observable what{};
    std::string key{};  ///< `buckets.allowance`
    std::string_view name{};
    std::string text{};  ///< As the document writes it; `none` for null.
    bool none = false;
    /// A number that no amount of credits is equal to has no value.
    std::optional<credits> amount{};
    std::optional<coffer::money> sum{};
    instant from{};  ///< Of a period; the instant of `as_of`.
    instant until{};
    /// The lots, or alerts, that the expectation names.
    std::vector<std::string_view> named{};
    std::vector<credits> amounts{};  ///< Of the intents.
};

/// Reads expectations.
class expectation_reader : public json_reader {
public:
    std::vector<expectation> expectations(const json_place& at) {
        std::vector<expectation> all;
        if (!at.value->is_object()) {
            fail(at, "is no object");
            return all;
        }
        all.reserve(at.value->size());
        for (const auto& member : at.value->items()) {
            if (!good()) return all;
            one(member.key(), {&member.value(), path_of(at.path, member.key())}, all);
        }
        return all;
    }

private:
    using list = std::vector<expectation>;

    void one(const std::string& key, const json_place& at, list& all);

    void number(observable what, const json_place& at, std::string key, std::string_view named,
                list& all) {
        expectation e{.what = what, .key = std::move(key), .name = named};
        e.text = std::string{text(at)};
        decimal_parts parts;
        if (at.is_text() && !read_parts(e.text, parts)) {
            fail(at, detail::quoted(e.text) + " is no number");
        }
        if (const auto amount = credits::parse(e.text)) e.amount = *amount;
        all.push_back(std::move(e));
    }

    void numbers(observable what, const json_place& at, const std::string& key, list& all) {
        if (!at.value->is_object()) {
            fail(at, "is no object");
            return;
        }
        for (const auto& member : at.value->items()) {
            number(what, {&member.value(), path_of(at.path, member.key())},
                   key + "." + member.key(), member.key(), all);
        }
    }

    void taken(const json_place& at, list& all) {
        numbers(observable::taken, at, "took", all);
        if (!good()) return;
        expectation rest{.what = observable::all_taken, .key = "took", .text = "nothing else"};
        for (const auto& member : at.value->items()) rest.named.push_back(member.key());
        all.push_back(std::move(rest));
    }

    void some_money(const json_place& at, list& all) {
        expectation e{.what = observable::money, .key = "money", .text = std::string{text(at)}};
        const std::size_t space = std::min(e.text.rfind(' '), e.text.size());
        const std::string_view number = std::string_view{e.text}.substr(0, space);
        decimal_parts parts;
        if (at.is_text() && (space == e.text.size() || !read_parts(number, parts) ||
                             !currency::parse(e.text.substr(space + 1)))) {
            fail(at, detail::quoted(e.text) + " is not money, such as 5.00 USD");
        }
        if (const auto sum = coffer::money::parse(e.text)) e.sum = *sum;
        all.push_back(std::move(e));
    }

    /// What stands there, be it no text at all.
    static std::string written(const nlohmann::json& value) {
        return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }

    void period(const json_place& at, list& all) {
        expectation e{.what = observable::period, .key = "period", .text = written(*at.value)};
        const std::vector<json_place> ends = elements(at);
        if (!good()) return;
        if (ends.size() != 2) {
            fail(at, "has two instants, its begin and its end");
            return;
        }
        e.from = this->instant(ends[0]);
        e.until = this->instant(ends[1]);
        all.push_back(std::move(e));
    }

    void alerts(const json_place& at, list& all) {
        expectation e{.what = observable::alerts, .key = "alerts", .text = written(*at.value)};
        for (const json_place& each : elements(at)) e.named.push_back(text(each));
        all.push_back(std::move(e));
    }

    void intents(const json_place& at, list& all) {
        expectation e{.what = observable::intents, .key = "intents", .text = written(*at.value)};
        for (const json_place& each : elements(at)) {
            const auto amount = credits::parse(text(each));
            if (!amount) fail(each, detail::quoted(text(each)) + " is no number");
            e.amounts.push_back(amount.value_or(credits{}));
        }
        all.push_back(std::move(e));
    }

    void signature(observable what, const json_place& at, const std::string& key, list& all) {
        const std::string_view wanted = text(at);
        all.push_back({.what = what, .key = key, .name = wanted, .text = written(*at.value)});
    }

    void as_of(const json_place& at, list& all) {
        if (!at.value->is_object()) {
            fail(at, "is no object");
            return;
        }
        for (const auto& member : at.value->items()) {
            const json_place place{&member.value(), path_of(at.path, member.key())};
            const auto when = parse_instant(member.key());
            if (!when) fail(place, "is no instant in UTC, such as 2026-01-31T10:00:00Z");
            number(observable::as_of, place, "as_of." + member.key(), {}, all);
            all.back().from = when.value_or(coffer::instant{});
        }
    }
};

inline void expectation_reader::one(const std::string& key, const json_place& at, list& all) {
    const bool may_be_null = key == "period" || key == "cost" || key == "money";
    if (may_be_null && at.value->is_null()) {
        const auto what = key == "period" ? observable::period
                          : key == "cost" ? observable::cost
                                          : observable::money;
        all.push_back({.what = what, .key = key, .text = "none", .none = true});
    } else if (key == "available") {
        number(observable::available, at, key, {}, all);
    } else if (key == "held") {
        number(observable::held, at, key, {}, all);
    } else if (key == "debt") {
        number(observable::debt, at, key, {}, all);
    } else if (key == "used") {
        number(observable::used, at, key, {}, all);
    } else if (key == "cost") {
        number(observable::cost, at, key, {}, all);
    } else if (key == "buckets") {
        numbers(observable::bucket, at, key, all);
    } else if (key == "lots") {
        numbers(observable::lot, at, key, all);
    } else if (key == "took") {
        taken(at, all);
    } else if (key == "money") {
        some_money(at, all);
    } else if (key == "period") {
        period(at, all);
    } else if (key == "as_of") {
        as_of(at, all);
    } else if (key == "alerts") {
        alerts(at, all);
    } else if (key == "intents") {
        intents(at, all);
    } else if (key == "actor" || key == "reason") {
        signature(key == "actor" ? observable::actor : observable::reason, at, key, all);
    } else {
        fail(at, "there is no such key");
    }
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

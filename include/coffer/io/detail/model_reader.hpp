/// Reads one model of a price map. You need it only through `price_map.hpp`.
#pragma once

#include <coffer/amount/detail/decimal.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/io/detail/price_key.hpp>
#include <coffer/io/detail/price_source.hpp>
#include <coffer/io/model_prices.hpp>
#include <coffer/io/usd.hpp>

#include <algorithm>
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

/// One element of `tiered_pricing`.
struct written_tier {
    std::int64_t from = 0;
    std::int64_t until = 0;
    token_prices prices{};
};

/// Whether a text writes a price: "2e-06", "$2.50".
inline bool is_price_text(std::string_view text) {
    for (std::string_view sign : {"$", "€", "£", "¥"}) {
        if (text.find(sign) != text.npos) return true;
    }
    decimal_parts parts;
    return read_parts(text, parts);
}

/// Makes the prices of a model from what is written.
class model_reader {
    using form = written_value::form;

public:
    explicit model_reader(const written_value& from) : model_{.name = from.key, .line = from.line} {
        const written_value* tiers = nullptr;
        for (const written_value& v : from.members) {
            if (v.is_a(form::nothing)) continue;  // says nothing of the price
            const read_price_key key = parse_price_key(v.key);
            if (key.topic != price_topic::tiers) {
                read(v, key);
            } else if (std::exchange(tiers, &v)) {
                refuse(v.key, "stands twice", v.line, true);
            }
        }
        if (tiers) read_tiers(*tiers);
    }

    model_prices& model() noexcept { return model_; }

private:
    void refuse(std::string key, std::string problem, std::size_t line, bool is_of_tokens) {
        model_.unrepresented.push_back({.key = std::move(key),
                                        .problem = std::move(problem),
                                        .line = line,
                                        .is_of_tokens = is_of_tokens});
    }
    /// A price that is not known may be one per token; one for each second never is.
    void refuse_unknown(std::string key, std::size_t line, price_topic topic) {
        const bool is_measured = topic == price_topic::measured;
        refuse(std::move(key),
               std::string{is_measured ? "is no price per token" : "is a price that is not known"} +
                   "; name it in 'leave_out' to sell without it",
               line, !is_measured);
    }

    void read(const written_value& v, const read_price_key& key) {
        if (v.is_a(form::boolean) && key.topic != price_topic::tokens) return;  // a flag
        const bool says_price = says_a_price(v);
        switch (key.topic) {
            case price_topic::none: look_inside(v, v.key); break;
            case price_topic::tokens: read_token_price(v, key); break;
            case price_topic::tiers: break;
            case price_topic::level:
            case price_topic::pieces: note_other(v); break;
            case price_topic::measured:
                if (!says_price || is_zero(v)) return note_other(v);
                refuse_unknown(v.key, v.line, key.topic);
                break;
            case price_topic::unknown:
                if (!says_price) return note_other(v);
                refuse_unknown(v.key, v.line, key.topic);
                break;
        }
    }

    /// A text may speak of a price without being one: `pricing_url`.
    static bool says_a_price(const written_value& v) {
        if (v.is_a(form::text)) {
            const std::vector<std::string> words = words_of(v.key);
            const bool is_rate = std::find(words.begin(), words.end(), "per") != words.end();
            return is_rate || is_price_text(v.text);
        }
        return !v.is_a(form::nothing) && !v.is_a(form::boolean);
    }
    /// Whether no number in it is above zero.
    static bool is_zero(const written_value& v) {
        if (v.is_a(form::number) || (v.is_a(form::text) && is_price_text(v.text))) {
            const auto each = usd::parse(v.text);
            return each && each->is_zero();
        }
        return std::all_of(v.members.begin(), v.members.end(), is_zero);
    }

    void note_other(const written_value& v) {
        model_.other.push_back(v.key);
        if (is_zero(v)) return;
        model_.other_above_zero.push_back(
            {.key = v.key,
             .problem = "is not charged, and its tokens cost nothing; name it in 'leave_out' to "
                        "sell without it",
             .line = v.line});
    }

    /// Prices within a value that itself is none.
    void look_inside(const written_value& v, const std::string& path) {
        const std::vector<std::string> words = words_of(v.key);
        const bool is_currency = std::find(words.begin(), words.end(), "currency") != words.end();
        if (is_currency && v.is_a(form::text) && v.text != "USD" && v.text != "usd") {
            refuse(path, "is not USD: " + shown(v.text), v.line, true);
        }
        std::size_t index = 0;
        for (const written_value& inner : v.members) {
            const std::string where = v.is_a(form::list)
                                          ? path + "[" + std::to_string(index++) + "]"
                                          : path + "." + inner.key;
            const price_topic topic = parse_price_key(inner.key).topic;
            if (topic == price_topic::none) {
                look_inside(inner, where);
            } else if (topic != price_topic::level && topic != price_topic::pieces &&
                       says_a_price(inner)) {
                refuse_unknown(where, inner.line, topic);
            }
        }
    }

    // ---- Prices per token -----------------------------------------------------------------------

    void read_token_price(const written_value& v, const read_price_key& key) {
        if (!key.above_input) {
            refuse(v.key, "has a bound that is zero or does not fit 64 bits", v.line, true);
        } else if (const auto price = price_in(v, v.key)) {
            state(prices_above(*key.above_input).*(key.price), *price);
        }
    }

    std::optional<stated_price> price_in(const written_value& v, const std::string& path) {
        if (v.is_a(form::text)) {
            refuse(path, "is a text, not a number: \"" + shown(v.text) + "\"", v.line, true);
            return std::nullopt;
        }
        if (!v.is_a(form::number)) {
            refuse(path, "is no number", v.line, true);
            return std::nullopt;
        }
        const checked<usd> each = usd::parse(v.text);
        if (!each) {
            refuse(path, "has more digits than fit: " + shown(v.text), v.line, true);
        } else if (each->is_negative()) {
            refuse(path, "is negative: " + shown(v.text), v.line, true);
        } else {
            return stated_price{*each, v.line, v.key};
        }
        return std::nullopt;
    }

    void state(std::optional<stated_price>& price, const stated_price& stated) {
        if (!price) {
            price = stated;
        } else if (price->key == stated.key) {
            refuse(stated.key, "stands twice, here and in line " + std::to_string(price->line),
                   stated.line, true);
        } else if (price->each != stated.each) {
            contradict(stated, *price);
        }
    }
    void contradict(const stated_price& stated, const stated_price& other) {
        refuse(stated.key, "contradicts " + other.key + " in line " + std::to_string(other.line),
               stated.line, true);
    }

    token_prices& prices_above(std::int64_t bound) {
        if (bound == 0) return model_.base;
        auto& tiers = model_.tiers;
        auto at = std::find_if(tiers.begin(), tiers.end(), [&](const token_price_tier& tier) {
            return tier.above_input >= bound;
        });
        if (at == tiers.end() || at->above_input != bound) {
            at = tiers.insert(at, token_price_tier{.above_input = bound});
        }
        return at->prices;
    }

    // ---- Ranges ---------------------------------------------------------------------------------

    /// `[{"range": [0, 32000], "input_cost_per_token": …}, …]`, in any order.
    void read_tiers(const written_value& v) {
        if (!v.is_a(form::list)) return refuse(v.key, "is no list", v.line, true);
        if (v.members.empty()) return;
        if (!model_.tiers.empty()) {
            return refuse(v.key, "stands beside prices above a number of tokens", v.line, true);
        }
        std::vector<written_tier> tiers;
        for (const written_value& each : v.members) {
            const std::string path = v.key + "[" + std::to_string(tiers.size()) + "]";
            const auto tier = tier_in(each, path);
            if (!tier) return;
            tiers.push_back(*tier);
        }
        std::sort(tiers.begin(), tiers.end(),
                  [](const written_tier& a, const written_tier& b) { return a.from < b.from; });
        for (std::size_t i = 1; i < tiers.size(); ++i) {
            const std::int64_t end = tiers[i - 1].until;
            if (tiers[i].from != end && tiers[i].from - 1 != end) {
                return refuse(v.key, "has ranges that overlap or leave a gap", v.line, true);
            }
            tiers[i].from = end;  // the bound itself is still below it
        }
        for (const written_tier& tier : tiers) {
            if (tier.from <= 1) {
                begin_with(tier.prices);
            } else {
                model_.tiers.push_back({.above_input = tier.from, .prices = tier.prices});
            }
        }
    }

    std::optional<written_tier> tier_in(const written_value& v, const std::string& path) {
        written_tier tier;
        bool has_range = false;
        for (const written_value& each : v.members) {
            const read_price_key key = parse_price_key(each.key);
            const std::string where = path + "." + each.key;
            if (each.key == "range" && !has_range) {
                has_range = true;
                if (read_range(each, tier)) continue;
                refuse(where, "is no range of tokens, such as [0, 32000]", each.line, true);
                return std::nullopt;
            }
            if (each.is_a(form::nothing) || key.topic == price_topic::level) continue;
            if (key.topic != price_topic::tokens || key.above_input != 0) {
                refuse(where, "is not known", each.line, true);
                return std::nullopt;
            }
            const auto price = price_in(each, where);
            if (!price) return std::nullopt;
            state(tier.prices.*(key.price), *price);
        }
        if (has_range) return tier;
        refuse(path, "has no range of tokens", v.line, true);
        return std::nullopt;
    }

    static bool read_range(const written_value& v, written_tier& tier) {
        if (!v.is_a(form::list) || v.members.size() != 2) return false;
        const written_value& until = v.members[1];
        const auto count = [](const written_value& n) -> checked<std::int64_t> {
            return n.is_a(form::number) ? parse_decimal(n.text, 0) : errc::invalid_argument;
        };
        const checked<std::int64_t> first = count(v.members[0]);
        const checked<std::int64_t> last =
            until.is_a(form::nothing) ? std::numeric_limits<std::int64_t>::max() : count(until);
        if (!first || !last || *first < 0 || *last <= *first) return false;
        tier.from = *first;
        tier.until = *last;
        return true;
    }

    /// The lowest range holds from the first token on, and beside it a price without a range.
    void begin_with(const token_prices& lowest) {
        for (const token_price_key& known : token_price_keys) {
            const auto& in_range = lowest.*(known.price);
            auto& flat = model_.base.*(known.price);
            if (!in_range) continue;
            if (flat && flat->each != in_range->each) contradict(*flat, *in_range);
            flat = in_range;
        }
    }

    model_prices model_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

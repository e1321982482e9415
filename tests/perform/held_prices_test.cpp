#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"
#include "support/dice.hpp"

#include <coffer/perform/held_prices.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
namespace held = coffer::detail;
using coffer::errc;
using coffer::linear_price;
using coffer::usage;

namespace {

struct price_dice : edgy_prices {
    using edgy_prices::edgy_prices;

    coffer::rounding mode() { return static_cast<coffer::rounding>(below(4)); }
    coffer::factor times() {
        return {count(), below(3) == 0 ? 1 : 1 + static_cast<std::int64_t>(below(1'000'000))};
    }
    cost::tokens tokens() {
        cost::tokens model{.mode = mode(), .places = places()};
        for (const auto& field : held::token_rate_fields) {
            if (below(2) == 0) model.rates.*field.each = each();
            if (below(4) == 0) model.implied.add(field.kind);
        }
        return model;
    }
    usage used() {
        usage u{.action = "work"};
        if (below(3) != 0) u.quantity = units();
        for (const auto& field : coffer::detail::token_fields<usage>) {
            if (below(3) == 0) u.*field.count = count();
        }
        if (below(9) == 0) u.output_tokens = -1;
        return u;
    }
};

linear_price kept_of(const linear_price& p) {
    const auto read = held::unpack(held::pack(p));
    REQUIRE(read);
    REQUIRE(read->linear);
    CHECK(*read->linear == p);
    return *read->linear;
}

/// What a model answers now, and what a hold that keeps it answers later, are the same.
template <class Model>
void check_kept(const Model& model, const usage& used) {
    const coffer::kept_price kept = model.keep(used);
    REQUIRE(kept.version != 0);
    if (!kept.linear) return;
    const auto then = held::price_by(kept_of(*kept.linear), used);
    const auto now = model.price(used);
    // Before its factor, a price at the end of 64 bits may fit or not by the last rounding.
    const bool at_the_end = now == errc::amount_overflow || then == errc::amount_overflow;
    if (at_the_end && !kept.linear->times.is_one()) return;
    CHECK(then.has_value() == now.has_value());
    if (!now || !then) {
        CHECK(then.error().code() == now.error().code());
        return;
    }
    CHECK(then->total == now->total);
    CHECK(sum_of(then->lines) == sum_of(now->lines));
    CHECK(coffer::token_kinds_of(model, used) == kept.linear->kinds);
}

}  // namespace

TEST_CASE("rule 33: a linear price that is kept prices each usage as its list does") {
    price_dice d{5};
    int scaled_prices = 0;
    for (int i = 0; i < 3'000; ++i) {
        CAPTURE(i);
        const usage used = d.used();
        check_kept(cost::free{}, used);
        check_kept(cost::flat{d.amount()}, used);
        const cost::per_unit by_unit{
            .each = d.each(), .per = d.some_units(), .mode = d.mode(), .places = d.places()};
        check_kept(by_unit, used);
        check_kept(d.tokens(), used);
        const cost::scaled<cost::scaled<cost::per_unit>> scaled{
            .list = {.list = by_unit, .by = d.times()},
            .by = d.times(),
            .mode = d.mode(),
            .places = d.places()};
        check_kept(scaled, used);
        check_kept(cost::scaled<cost::tokens>{.list = d.tokens(), .by = d.times()}, used);
        if (scaled.keep(used).linear) ++scaled_prices;
    }
    CHECK(scaled_prices > 100);
}

TEST_CASE("what is no linear price keeps its version alone") {
    const usage used{.action = "work", .quantity = 1_units};
    CHECK_FALSE(cost::per_unit{.each = 1_cr_each, .minimum = 1_cr}.keep(used).linear);
    CHECK_FALSE(cost::per_unit{.each = 1_cr_each, .minimum_if_used = 1_cr}.keep(used).linear);
    CHECK_FALSE(cost::per_unit{.each = 1_cr_each, .increment = 1_units}.keep(used).linear);
    CHECK_FALSE(cost::per_unit{.each = coffer::rate::from_picos(-1)}.keep(used).linear);
    CHECK_FALSE(cost::flat{coffer::credits::max()}.keep(used).linear);  // no rate is so high
    CHECK_FALSE(cost::flat{coffer::credits::from_micros(-1)}.keep(used).linear);
    CHECK_FALSE(cost::tokens{.tiers = {{.above_input = 1}}}.keep(used).linear);
    CHECK_FALSE(cost::graduated{}.keep(used).linear);
    CHECK_FALSE(cost::volume{}.keep(used).linear);
    CHECK_FALSE(cost::package{.size = 1_units}.keep(used).linear);
    CHECK_FALSE(cost::between{}.keep(used).linear);
    CHECK(coffer::kept_price_of(coffer::cost_table{}, used).version == 0);
}

TEST_CASE("prices of other figures have other versions, of the same figures the same") {
    const usage used{.action = "work"};
    const cost::tier low{.up_to = 5_units, .each = 1_cr_each};
    const cost::tier high{.each = 2_cr_each};
    const cost::tier flat{.each = 2_cr_each, .flat = 1_cr};
    const std::vector<coffer::action_price> all{
        cost::free{},
        cost::flat{1_cr},
        cost::flat{2_cr},
        cost::per_unit{.each = 1_cr_each},
        cost::per_unit{.each = 2_cr_each},
        cost::per_unit{.each = 1_cr_each, .per = 2_units},
        cost::per_unit{.each = 1_cr_each, .minimum = 1_cr},
        cost::per_unit{.each = 1_cr_each, .minimum_if_used = 1_cr},
        cost::per_unit{.each = 1_cr_each, .increment = 1_units},
        cost::per_unit{.each = 1_cr_each, .mode = coffer::rounding::down},
        cost::per_unit{.each = 1_cr_each, .places = 5},
        cost::between{.least = 1_cr, .most = 2_cr},
        cost::between{.least = 0_cr, .most = 2_cr},
        cost::tokens{.rates = {.input = 1_cr_each}},
        cost::tokens{.rates = {.output = 1_cr_each}},
        cost::tokens{.rates = {.input = 1_cr_each}, .places = 2},
        cost::tokens{.rates = {.input = 1_cr_each}, .implied = {coffer::token_kind::cached}},
        cost::tokens{.rates = {.input = 1_cr_each}, .tiers = {{.above_input = 1}}},
        cost::tokens{.rates = {.input = 1_cr_each}, .tiers = {{.above_input = 2}}},
        cost::graduated{.tiers = {low, high}},
        cost::graduated{.tiers = {low, flat}},
        cost::graduated{.tiers = {high}},
        cost::volume{.tiers = {low, high}},
        cost::volume{.tiers = {low, high}, .places = 1},
        cost::package{.size = 1_units, .each = 1_cr},
        cost::package{.size = 1_units, .each = 1_cr, .free = 1_units},
    };
    std::vector<std::uint64_t> versions;
    for (const coffer::action_price& each : all) {
        const std::uint64_t version = each.keep(used).version;
        CHECK(version == coffer::action_price{each}.keep(used).version);
        for (std::uint64_t known : versions) CHECK(version != known);
        versions.push_back(version);
    }
    // The same on every machine and in every release: holds remember it.
    CHECK(cost::flat{1_cr}.keep(used).version == 3'708'181'350'372'397'476u);
}

TEST_CASE("rule 33: a version is kept with the plan and the instant under which to look for it") {
    const coffer::instant at{std::chrono::microseconds{-5}};
    const std::string plan(63, 'p');
    const auto text = held::pack({.version = ~std::uint64_t{0}}, at, plan);
    REQUIRE_FALSE(text.too_long());
    const auto read = held::unpack(text);
    REQUIRE(read);
    CHECK(read->version == ~std::uint64_t{0});
    CHECK(read->at == at);
    CHECK(read->plan == plan);
    CHECK_FALSE(read->linear);
    CHECK(held::pack(coffer::kept_price{}, at, plan).empty());
    CHECK(held::unpack({})->version == 0);
}

TEST_CASE("the longest linear price fits into a hold") {
    linear_price longest{.by = coffer::counted::tokens, .places = 6};
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    for (coffer::rate& r : longest.rates) r = coffer::rate::from_picos(most);
    for (std::size_t i = 0; i < coffer::token_kind_count; ++i) {
        longest.kinds.add(static_cast<coffer::token_kind>(i));
    }
    longest.times = {most, most};
    longest.mode = coffer::rounding::half_even;
    CHECK_FALSE(held::pack(longest).too_long());
    kept_of(longest);
    linear_price by_unit{.by = coffer::counted::units, .each = coffer::rate::from_picos(most)};
    by_unit.per = coffer::quantity::from_micros(most);
    kept_of(by_unit);
}

TEST_CASE("a text that no prices pack to is corrupt_record") {
    const std::string sound{
        held::pack(linear_price{.by = coffer::counted::units, .each = 3_cr_each}).view()};
    REQUIRE(held::unpack(sound));
    for (std::size_t size = 1; size < sound.size(); ++size) {
        CHECK(held::unpack(std::string_view{sound}.substr(0, size)) == errc::corrupt_record);
    }
    CHECK(held::unpack(sound + '\0') == errc::corrupt_record);
    CHECK(held::unpack("\x03") == errc::corrupt_record);
    CHECK(held::unpack("\x02") == errc::corrupt_record);
    for (std::size_t i = 0; i < 3; ++i) {
        std::string wrong = sound;
        wrong[i] = '\x7f';
        CHECK(held::unpack(wrong) == errc::corrupt_record);
    }
    fair_dice d{3};
    for (int i = 0; i < 20'000;
         ++i) {  // whatever the bytes, what is read makes a price or an error
        std::string bytes(static_cast<std::size_t>(1 + d.below(143)), '\0');
        for (char& byte : bytes) byte = static_cast<char>(d.below(256));
        bytes[0] = static_cast<char>(1 + d.below(2));
        const auto read = held::unpack(bytes);
        if (!read || !read->linear) continue;
        const usage used{.action = "work", .quantity = 1_units, .input_tokens = 1};
        const auto priced = held::price_by(*read->linear, used);
        if (priced) CHECK_FALSE(priced->total.is_negative());
    }
}

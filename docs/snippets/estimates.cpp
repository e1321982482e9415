// The program of the page on estimates: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

using namespace coffer::literals;
namespace cost = coffer::cost;

namespace {

// [campaign_plan]
struct campaign_plan {
    coffer::cost_table cost{
        {"post", cost::flat{1_cr}},
        {"strategy", cost::between{.least = 2_cr, .most = 5_cr}},
        {"content", cost::between{.least = 1_cr, .most = 3_cr}},
        {"variant", cost::between{.least = 1_cr, .most = 2_cr}},  // for one more platform
        {"video", cost::per_unit{.each = 3_cr_each}},             // a minute
        {"publish", cost::free{}},
    };

    struct {
        coffer::refill::monthly refill{.amount = 20_cr};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } allowance{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
        coffer::only only{"video"};
    } bonus{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::after expiry{coffer::months{12}};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"bonus", &campaign_plan::bonus},
                         coffer::bucket{"allowance", &campaign_plan::allowance},
                         coffer::bucket{"package", &campaign_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::catalogue catalogue{
        {.offer = "small", .credits = 50_cr, .price = usd("6.00"), .into = "package"},
        {.offer = "large", .credits = 200_cr, .price = usd("20.00"), .into = "package"},
        {.offer = "reel", .credits = 30_cr, .price = usd("3.00"), .into = "bonus"}};
};
static_assert(coffer::check_plan<campaign_plan>());
// [/campaign_plan]

// [campaign]
/// A campaign as its form has it: complexity chooses the action, the rest says how often.
std::vector<coffer::estimate_line> campaign(std::string_view complexity, std::int64_t platforms,
                                            std::int64_t weeks, std::int64_t posts_a_week) {
    const std::int64_t posts = platforms * weeks * posts_a_week;
    return {{.action = complexity, .count = posts}, {.action = "publish", .count = posts}};
}
// [/campaign]

void estimates() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-10T00:00:00Z")};
    coffer::wallets wallets{campaign_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start().or_throw();

    // [first]
    const auto e = acme.estimate({{.action = "strategy"},
                                  {.action = "content", .count = 6},
                                  {.action = "post", .quantity = 4_units}})
                       .or_throw();
    holds(e.least == 12_cr && e.most == 27_cr);
    holds(e.available == 20_cr);
    holds(e.missing.least == 0_cr && e.missing.most == 7_cr);
    holds(e.affordable() == coffer::affordability::perhaps);
    // [/first]

    // [times]
    holds(e.perhaps_at == clock.now());
    holds(e.surely_at == at("2026-02-10T00:00:00Z"));  // the next allowance: 40 by then
    // [/times]

    // [estimated_lines]
    holds(e.lines[1] == coffer::cost_bounds{6_cr, 18_cr});  // six times 1 to 3
    // [/estimated_lines]

    // [typical]
    const auto one = acme.estimate(campaign("variant", 1, 1, 10)).or_throw();
    const auto several = acme.estimate(campaign("variant", 3, 2, 5)).or_throw();
    const auto full = acme.estimate(campaign("content", 5, 5, 2)).or_throw();
    holds(one.least == 10_cr && one.most == 20_cr);
    holds(several.least == 30_cr && several.most == 60_cr);
    holds(full.least == 50_cr && full.most == 150_cr);
    holds(full.affordable() == coffer::affordability::no && full.missing.least == 30_cr);
    // [/typical]

    // [cover]
    const auto advice = acme.cover(campaign("content", 5, 5, 2)).or_throw();
    holds(advice.missing == 130_cr);  // 150 at most, less 20
    holds(advice.packs.packs[0].pack->offer == "small" && advice.packs.packs[0].count == 3);
    holds(advice.packs.price == usd("18.00"));
    holds(advice.pack->pack->offer == "large");  // the cheapest that suffices by itself
    holds(acme.cover({{.action = "post", .count = 20}}).or_throw().packs.packs.empty());
    // [/cover]

    // [uncertain]
    const auto unsure =
        acme.estimate({{.action = "post", .count = 3, .count_up_to = 5},
                       {.action = "video", .quantity = 1.5_units, .quantity_up_to = 2_units},
                       {.action = "strategy", .amount = 2.5_cr}})
            .or_throw();
    holds(unsure.least == 10_cr);   // 3 + 4.5 + 2.5
    holds(unsure.most == 13.5_cr);  // 5 + 6 + 2.5
    // [/uncertain]

    // [limited]
    acme.grant({.bucket = "bonus", .amount = 10_cr}).or_throw();  // for videos alone
    const std::vector<coffer::estimate_line> both{{.action = "post", .count = 22},
                                                  {.action = "video", .quantity = 3_units}};
    const auto short_of = acme.estimate(both).or_throw();
    holds(short_of.most == 31_cr && short_of.available == 30_cr);
    holds(short_of.missing.most == 2_cr);  // a post cannot be paid by the bonus
    acme.grant({.bucket = "package", .amount = 2_cr}).or_throw();
    holds(acme.estimate(both).or_throw().affordable() == coffer::affordability::surely);
    // [/limited]

    // [cover_limited]
    const auto longer = acme.cover({{.action = "video", .quantity = 12_units}}).or_throw();
    holds(longer.missing == 4_cr);  // 36, less 10 and 22
    holds(longer.packs.packs[0].pack->offer == "reel");
    const auto posts = acme.cover({{.action = "post", .count = 26}}).or_throw();
    holds(posts.missing == 4_cr);  // a reel would bring nothing to post with
    holds(posts.packs.packs[0].pack->offer == "small");
    // [/cover_limited]

    // [refused_estimate]
    holds(acme.estimate({{.action = "fax"}}) == coffer::errc::unknown_action);
    const auto negative = acme.estimate({{.action = "post", .count = -1}});
    holds(negative == coffer::errc::invalid_argument && negative.error().field() == "count");
    // [/refused_estimate]
}

}  // namespace

int main() {
    estimates();
    return figures.verdict(27);
}

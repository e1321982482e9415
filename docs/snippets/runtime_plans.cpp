// The program of the page on plans at run time: erased parts, plans put together while the program
// runs, sets, books, and plan files.

#include <coffer/coffer.hpp>

#if __has_include(<nlohmann/json.hpp>)
#include <coffer/io/plan_file.hpp>
#endif

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;

// [erased_part]
/// All is known when this compiles, but how the prices are kept.
struct render_plan {
    coffer::any_cost cost;

    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &render_plan::allowance});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<render_plan>());

coffer::any_cost prices_of(bool is_trial) {
    if (is_trial) return coffer::cost::free{};
    return coffer::cost_table{{"render", coffer::cost::flat{4_cr}}};
}
// [/erased_part]

// [any_plan]
/// What an administrator entered in a form.
struct form {
    std::string bucket{};
    coffer::credits monthly{};
    bool keeps_rest = false;
    std::vector<std::string> actions{};  // none: all
};

coffer::any_plan plan_of(const form& entered, const coffer::cost_table& prices) {
    coffer::any_rollover rollover = coffer::rollover::none{};
    if (entered.keeps_rest) rollover = coffer::rollover::capped{.limit = entered.monthly};
    return {{.cost = prices,
             .buckets = {{.name = entered.bucket,
                          .refill = coffer::refill::monthly{.amount = entered.monthly},
                          .rollover = rollover,
                          .expiry = coffer::expiry::at_period_end{},
                          .refund = coffer::refund::none{},
                          .only = entered.actions}},
             .overdraft = coffer::overdraft::deny{},
             .access = coffer::access::anyone{}}};
}
// [/any_plan]

bool check_form() {
    // [check]
    coffer::any_plan plan = plan_of({.bucket = "", .monthly = 50_cr}, {});
    if (auto sound = plan.check(); !sound) {
        std::cout << sound.error().text() << '\n';
        // plan.buckets[0].name: a bucket's name has 1 to 63 bytes
    }
    // [/check]
    return !plan.check();
}

bool sell_by_set() {
    coffer::memory_store store;
    // [plan_set]
    coffer::plan_set plans{
        coffer::named{"free", coffer::plans::prepaid<>{}},
        coffer::named{"pro", render_plan{.cost = prices_of(false)}},
    };
    coffer::wallets wallets{plans, store};

    auto acme = wallets["acme"];             // has "free", the first of the set
    acme.start({.plan = "pro"}).or_throw();  // from now on "pro"; its journal says so
    // [/plan_set]
    return acme.balance().or_throw().available == 100_cr;
}

bool sell_by_book() {
    coffer::memory_store store;
    // [plan_book]
    coffer::plan_book book;
    book.add("trial", render_plan{.cost = prices_of(true)}).or_throw();
    book.set_default("trial").or_throw();
    coffer::wallets wallets{book, store};

    // At any time, from any thread:
    book.add("pro", plan_of({.bucket = "allowance", .monthly = 500_cr}, {})).or_throw();
    wallets["acme"].change({.plan = "pro", .how = coffer::upgrade::later}).or_throw();

    // With a plan itself:
    auto buckets = book.visit("pro", [](const auto& plan) { return plan.buckets.size(); });
    // [/plan_book]
    return buckets == std::size_t{1};
}

// [monthly]
/// So many a month, and nothing else.
struct monthly_plan {
    coffer::cost_table cost{{"render", coffer::cost::flat{4_cr}}};

    struct {
        coffer::refill::monthly refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &monthly_plan::allowance});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

auto free_and_pro() {
    return coffer::plan_set{
        coffer::named{"free", monthly_plan{.allowance = {.refill = {.amount = 20_cr}}}},
        coffer::named{"pro", monthly_plan{.allowance = {.refill = {.amount = 100_cr}}}},
    };
}
// [/monthly]

bool go_over() {
    coffer::memory_store store;
    coffer::manual_clock clock{coffer::parse_instant("2026-01-10T00:00:00Z").or_throw()};
    coffer::wallets wallets{free_and_pro(), store, clock};
    for (std::string_view id : {"later", "now", "anew", "same_day"}) {
        wallets[id].start().or_throw();
        wallets[id].charge({.action = "render"}).or_throw();
    }
    clock.set(coffer::parse_instant("2026-01-20T00:00:00Z").or_throw());

    auto stands_at = [](const auto& wallet, coffer::credits available, std::string_view until) {
        const coffer::balance b = wallet.balance().or_throw();
        return b.available == available && coffer::iso8601(b.running->until) == until;
    };
    auto later = wallets["later"];
    auto anew = wallets["anew"];
    auto same_day = wallets["same_day"];
    auto now = wallets["now"];
    bool good = true;
    // [go_over]
    later.change({.plan = "pro", .how = coffer::upgrade::later}).or_throw();
    good = good && stands_at(later, 16_cr, "2026-02-10T00:00:00Z");

    now.change({.plan = "pro", .request = "invoice-6"}).or_throw();
    good = good && stands_at(now, 96_cr, "2026-02-10T00:00:00Z");

    anew.start({.plan = "pro", .request = "invoice-7"}).or_throw();
    good = good && stands_at(anew, 100_cr, "2026-02-20T00:00:00Z");

    const coffer::instant begun = same_day.balance().or_throw().running->from;
    same_day.start({.anchor = begun, .plan = "pro", .request = "invoice-8"}).or_throw();
    good = good && stands_at(same_day, 100_cr, "2026-02-10T00:00:00Z");
    // [/go_over]
    return good;
}

bool replace_terms() {
    coffer::memory_store store;
    coffer::manual_clock clock{coffer::parse_instant("2026-01-10T00:00:00Z").or_throw()};
    coffer::plan_book book;
    book.add("pro", monthly_plan{.allowance = {.refill = {.amount = 100_cr}}}).or_throw();
    book.set_default("pro").or_throw();
    coffer::wallets wallets{book, store, clock};
    wallets["acme"].start().or_throw();
    clock.set(coffer::parse_instant("2026-02-11T00:00:00Z").or_throw());

    const monthly_plan new_terms{.allowance = {.refill = {.amount = 10_cr}}};
    // [replace]
    while (wallets.sweep(1'000).or_throw() == 1'000) {  // each wallet up to now, by the old terms
    }
    book.replace("pro", new_terms).or_throw();
    // [/replace]
    bool good = wallets["acme"].balance().or_throw().available == 100_cr;
    clock.set(coffer::parse_instant("2026-03-11T00:00:00Z").or_throw());
    return good && wallets["acme"].balance().or_throw().available == 10_cr;
}

bool read_a_file() {
#if __has_include(<nlohmann/json.hpp>)
    // [plan_file]
    constexpr std::string_view json = R"({
      "zone": "Europe/Berlin",
      "buckets": [
        { "name": "allowance", "refill": {"every": "1 month", "amount": "100"},
          "rollover": {"fraction": "0.5", "hops": 1}, "expiry": "period_end" },
        { "name": "package", "rollover": "all", "expiry": {"after": "12 months"},
          "refund": {"within": "14 days"} }
      ],
      "costs": { "chat": {"rates": {"input": "0.001", "output": "0.005"}, "category": "ai/fast"},
                 "voice": {"rate": "3", "per": "1 minute"} }
    })";
    auto plan = coffer::read_plan(json);  // or load_plan("pro.json")
    // [/plan_file]
    if (!plan || plan->buckets.size() != 2) return false;

    // [plan_file_error]
    auto wrong = coffer::read_plan(R"({"buckets": [{"name": "a", "rollover": {"hop": 1}}]})");
    std::cout << wrong.error().text() << '\n';
    // plan.buckets[0].rollover.hop: there is no such key
    // [/plan_file_error]
    return wrong.error().text() == "plan.buckets[0].rollover.hop: there is no such key";
#else
    return true;
#endif
}

int main() {
    const bool good = check_form() && sell_by_set() && sell_by_book() && go_over() &&
                      replace_terms() && read_a_file();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

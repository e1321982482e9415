// The program of the README: an endpoint that sells answers of a language model.

#include "http_status.hpp"

#include <coffer/coffer.hpp>
#include <coffer/format.hpp>

#include <fmt/core.h>

#include <string>
#include <string_view>

using namespace coffer::literals;
using namespace std::chrono_literals;

// clang-format off
// [plan]
// What "pro" means, as a product manager would say it.
struct pro_plan {
    coffer::cost_table cost;                                    // action → price

    struct {                                                    // monthly allowance, burned first
        coffer::refill::monthly       refill{.amount = 2'000_cr};
        coffer::rollover::none        rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none          refund{};
    } allowance{};

    struct {                                                    // bought packs, burned last
        coffer::refill::none          refill{};
        coffer::rollover::all         rollover{};
        coffer::expiry::after         expiry{coffer::months{12}};
        coffer::refund::within        refund{coffer::days{14}};
    } package{};

    static constexpr auto buckets = coffer::in_order(           // burn order
        coffer::bucket{"allowance", &pro_plan::allowance},
        coffer::bucket{"package", &pro_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone  access{};
};
static_assert(coffer::check_plan<pro_plan>());                  // says what is missing
// [/plan]
// clang-format on

namespace {

struct usage_report {
    std::int64_t prompt, completion;
};
usage_report call_model() { return {1'840, 212}; }

std::string refuse(const coffer::error& why) { return fmt::format("{} {}", http_status(why), why); }
std::string retry_later(coffer::hold_id held, const coffer::error& why) {
    return fmt::format("503 hold {}: {}", held, why);
}

template <class Wallet>
std::string answer(Wallet acme, std::string_view request) {
    // [hold]
    auto hold =
        acme.hold({.action = "chat", .at_most = 5_cr, .expires_in = 10min, .request = request});
    if (!hold) return refuse(hold.error());  // 402 without credits; 409 if it is in work or done

    auto used = call_model();  // if this throws, the hold releases itself

    auto receipt = hold->settle({.input_tokens = used.prompt, .output_tokens = used.completion});
    if (!receipt) return retry_later(hold->detach(), receipt.error());  // still held
    return fmt::format("200, {} credits, {} left", receipt->cost, receipt->after.available);
    // [/hold]
}

}  // namespace

int main() {
    // [set_up]
    coffer::cost_table prices{
        {"chat",
         coffer::cost::tokens{.rates = {.input = 0.0003_cr_each, .output = 0.0015_cr_each}}},
        {"image", coffer::cost::flat{4_cr}},
        {"web_search", coffer::cost::free{}},  // what is free is listed as free
    };

    coffer::memory_store store;
    coffer::wallets wallets{pro_plan{.cost = prices}, store};  // long-lived, shared by threads
    auto acme = wallets["acme"];                               // a cheap handle on one wallet

    acme.start({.zone = coffer::zone::find("Europe/Berlin").or_throw()}).or_throw();
    // [/set_up]

    const std::string said = answer(acme, "request-1");
    fmt::print("{}\n", said);
    const std::string again = answer(acme, "request-1");
    fmt::print("{}\n", again);
    const std::string poor = answer(wallets["nobody"], "request-1");
    fmt::print("{}\n", poor);
    bool good = said == "200, 0.87 credits, 1999.13 left";
    good = good && again == "409 hold_settled";
    good = good && poor == "402 insufficient_credits: needs 5, would accept 0";
    return good ? 0 : 1;
}

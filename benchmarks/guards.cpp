// What alerts, limits and a recharge add to a charge in memory. Method and figures:
// docs/design/performance.md. Usage: guards [--wallets N] [--calls N] [--rounds N] [--only PLAN]
// With --only, charges under one plan: for a profiler, which counts two runs of different lengths.
#include "support/counting_new.hpp"
#include "support/measure.hpp"

#include <coffer/coffer.hpp>
#include <coffer/store/memory.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;

namespace {

struct sizes {
    std::size_t wallets = 50'000;
    std::size_t calls = 20'000;  ///< In one slice.
    int rounds = 11;
    std::string_view only{};  ///< A plan: plain, guarded or counted.
};

/// What is measured: a plan without guards.
struct plain_plan {
    coffer::cost_table cost;
    struct {
        coffer::refill::monthly refill{.amount = 1'000_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } budget{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"budget", &plain_plan::budget},
                         coffer::bucket{"package", &plain_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

/// Three alerts and a recharge far below the balance, two limits on others.
struct guarded_plan : plain_plan {
    coffer::alerts alerts{{.name = "low", .at = coffer::percent{25}},
                          {.name = "few", .at = 10_cr, .of = {"package"}},
                          {.name = "out", .at = 0_cr, .once_per_period = true}};
    coffer::limits limits{{.member = "design", .per = coffer::window::day, .amount = 50_cr},
                          {.tag = "batch", .per = coffer::window::ever, .amount = 10_cr}};
    coffer::recharge recharge{.amount = 500_cr,
                              .into = "package",
                              .price = coffer::money::from_minor(1'000, "EUR"),
                              .below = 5_cr};
};

/// The same, and a limit that counts each charge.
struct counted_plan : guarded_plan {
    counted_plan() {
        limits = coffer::limits{
            limits.begin()[0],
            limits.begin()[1],
            {.member = "ada", .per = coffer::window::period, .amount = 1'000'000_cr}};
    }
};

const coffer::instant today = coffer::parse_instant("2026-03-01T00:00:00Z").or_throw();

/// A charge or a hold, drawn beforehand: all plans get the same ones.
struct call {
    std::size_t wallet;
    std::uint64_t request[2];
    std::int64_t amount;

    std::string_view key() const noexcept {
        return {reinterpret_cast<const char*>(request), sizeof request};
    }
};

std::vector<call> draw(std::size_t count, std::size_t wallets, measure::random& from) {
    std::vector<call> calls(count);
    for (call& c : calls) {
        c = {from.below(wallets), {from(), from()}, static_cast<std::int64_t>(1 + from.below(8))};
    }
    return calls;
}

/// Some wallets of a plan, opened, with a handle on each.
template <class Plan>
struct opened {
    using wallets_type = coffer::wallets<Plan, coffer::memory_store, coffer::manual_clock>;

    coffer::memory_store store{};
    coffer::manual_clock clock{today};
    wallets_type wallets{Plan{}, store, clock};
    std::vector<typename wallets_type::wallet_type> handles{};

    explicit opened(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto w = wallets["w" + std::to_string(i)];
            const bool started = w.start().has_value();
            const bool granted = w.grant({.bucket = "package", .amount = 1'000_cr}).has_value();
            measure::require(started && granted, "a wallet could not be opened");
            handles.push_back(w);
        }
    }

    [[gnu::noinline]] void charge(const std::vector<call>& calls) {
        std::size_t done = 0;
        for (const call& c : calls) {
            done += handles[c.wallet]
                        .charge({.amount = coffer::credits::from_micros(c.amount),
                                 .member = "ada",
                                 .request = c.key()})
                        .has_value();
        }
        measure::require(done == calls.size(), "a charge was refused");
    }
    [[gnu::noinline]] void hold_and_settle(const std::vector<call>& calls) {
        std::size_t done = 0;
        for (const call& c : calls) {
            auto held =
                handles[c.wallet].hold({.amount = coffer::credits::from_micros(c.amount + 8),
                                        .member = "ada",
                                        .request = c.key()});
            if (!held) break;
            done += held->settle({.amount = coffer::credits::from_micros(c.amount)}).has_value();
        }
        measure::require(done == calls.size(), "a hold or settle was refused");
    }

    /// Each wallet has spent what its limits counted, nothing is held, and no order was placed.
    void check(std::int64_t spent, bool counts) {
        std::int64_t left = 0;
        std::int64_t counted = 0;
        for (const auto& w : handles) {
            const auto state = coffer::load(store, w.id());
            measure::require(state && state->totals.held.is_zero(), "something is held");
            measure::require(state->rest->orders.empty(), "a guard has fired");
            left += state->totals.available.micros();
            for (const auto& c : state->counters) counted += c.spent.micros();
        }
        const auto all = (2'000_cr).micros() * static_cast<std::int64_t>(handles.size());
        measure::require(all - spent == left, "the sums do not add up");
        measure::require(counted == (counts ? spent : 0), "the counters do not add up");
        const auto page = store.entries(handles[0].id(), {.limit = 1'000'000});
        measure::require(
            page && coffer::replay(page->entries) == *coffer::load(store, handles[0].id()),
            "a journal does not replay to its account");
    }
};

void contest_on(std::size_t wallets, const sizes& size) {
    opened<plain_plan> plain{wallets};
    opened<guarded_plan> guarded{wallets};
    opened<counted_plan> counted{wallets};
    measure::random dice{42};
    std::vector<call> calls;
    std::int64_t spent = 0;

    measure::contest contest;
    const auto add = [&](const char* name, auto& of, auto work) {
        contest.add(name, [&, work](int) {
            if (&of == static_cast<void*>(&plain)) {
                calls = draw(size.calls, wallets, dice);
                for (const call& c : calls) spent += c.amount;
            }
            return measure::nanoseconds_each(calls.size(), [&] { work(of); });
        });
    };
    const auto charge = [&](auto& of) { of.charge(calls); };
    const auto hold = [&](auto& of) { of.hold_and_settle(calls); };
    add("plain", plain, charge);
    add("guarded", guarded, charge);
    add("counted", counted, charge);
    add("hold and settle, plain", plain, hold);
    add("hold and settle, guarded", guarded, hold);
    add("hold and settle, counted", counted, hold);
    contest.run(size.rounds);
    std::printf("# %zu wallets\n", wallets);
    contest.print({"plain", "hold and settle, plain"});
    plain.check(spent, false);
    guarded.check(spent, false);
    counted.check(spent, true);
}

template <class Plan>
void charge_only(const sizes& size, bool counts) {
    opened<Plan> one{size.wallets};
    measure::random dice{42};
    std::int64_t spent = 0;
    for (int round = 0; round < size.rounds; ++round) {
        const std::vector<call> calls = draw(size.calls, size.wallets, dice);
        for (const call& c : calls) spent += c.amount;
        one.charge(calls);
    }
    one.check(spent, counts);
}

sizes read_arguments(int count, char** arguments) {
    sizes size;
    for (int i = 1; i < count; i += 2) {
        const std::string_view word = arguments[i];
        const auto number = std::strtoull(i + 1 < count ? arguments[i + 1] : "", nullptr, 10);
        if (word == "--wallets") {
            size.wallets = number;
        } else if (word == "--calls") {
            size.calls = number;
        } else if (word == "--rounds") {
            size.rounds = static_cast<int>(number);
        } else if (word == "--only" && i + 1 < count) {
            size.only = arguments[i + 1];
        } else {
            measure::require(false,
                             "usage: guards [--wallets N] [--calls N] [--rounds N] [--only PLAN]");
        }
    }
    measure::require(size.wallets > 0 && size.calls > 0 && size.rounds > 0, "sizes");
    return size;
}

}  // namespace

int main(int count, char** arguments) {
    const sizes size = read_arguments(count, arguments);
    if (size.only == "plain") charge_only<plain_plan>(size, false);
    if (size.only == "guarded") charge_only<guarded_plan>(size, false);
    if (size.only == "counted") charge_only<counted_plan>(size, true);
    if (!size.only.empty()) return 0;
    std::printf("# %zu calls a slice, %d rounds\n", size.calls, size.rounds);
    const std::size_t calls = size.calls * static_cast<std::size_t>(size.rounds + 1);
    measure::touch_heap(3 * size.wallets * 3'000 + calls * 8'000);
    contest_on(64, size);
    contest_on(size.wallets, size);
}

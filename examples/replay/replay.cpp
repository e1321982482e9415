#include "replay.hpp"

#include "journal.hpp"
#include "plan.hpp"

#include <coffer/format.hpp>
#include <coffer/store/memory.hpp>
#if EXAMPLE_HAS_SQLITE
#include <coffer/store/sqlite.hpp>
#endif

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

namespace {

using namespace coffer::literals;

constexpr std::string_view wallet_name = "acme";

assistant_plan plan_of(const replay_terms& terms) {
    assistant_plan plan;
    plan.cost.set("chat", terms.prices);
    plan.allowance.refill.amount = terms.allowance;
    return plan;
}

/// Begins the subscription and grants the package.
template <class Wallet>
coffer::result<void> open(const Wallet& wallet, const replay_terms& terms) {
    if (auto started = wallet.start({.zone = terms.zone, .request = "start"}); !started) {
        return started.error();
    }
    if (terms.package.is_zero()) return {};
    auto granted =
        wallet.grant({.bucket = "package", .amount = terms.package, .request = "package"});
    if (!granted) return granted.error();
    return {};
}

/// One request as a server has it: hold the ceiling, call the model, settle what it really used.
// [serve]
template <class Wallet>
coffer::result<void> serve(const Wallet& wallet, const traced_request& request,
                           std::int64_t max_output, const coffer::request_id& id) {
    auto hold = wallet.hold({.action = "chat",
                             .input_tokens = request.context_tokens,
                             .output_tokens = max_output,
                             .request = id});
    if (!hold) return hold.error();

    auto settled = hold->settle({.input_tokens = request.context_tokens,
                                 .output_tokens = request.generated_tokens,
                                 .others_zero = true});  // the trace knows no other kinds
    if (!settled) return settled.error();
    return {};  // refused or not, the hold is over when its handle is gone
}
// [/serve]

/// The trace's steps are 100 ns; what is below a microsecond is cut off.
std::chrono::microseconds distance(const traced_request& request, std::int64_t stretch) {
    constexpr std::int64_t steps_per_microsecond = 10;
    return std::chrono::microseconds{request.after * stretch / steps_per_microsecond};
}

void note(std::vector<refusal_report>& refusals, const coffer::error& why, coffer::instant at) {
    const auto same =
        std::find_if(refusals.begin(), refusals.end(),
                     [&](const refusal_report& known) { return known.why.code() == why.code(); });
    if (same != refusals.end()) {
        ++same->count;
    } else {
        refusals.push_back({.why = why, .first = at, .count = 1});
    }
}

/// The whole trace, on a wallet that nobody has used yet.
template <class Store>
coffer::result<report> replay_on(Store& store, const replay_terms& terms,
                                 std::span<const traced_request> requests,
                                 const progress_callback& progress) {
    constexpr std::size_t progress_step = 1'024;
    coffer::manual_clock clock{terms.start};
    coffer::wallets wallets{plan_of(terms), store, clock};
    auto acme = wallets[wallet_name];
    if (auto opened = open(acme, terms); !opened) return opened.error();

    report all{.requests = static_cast<std::int64_t>(requests.size()), .package = terms.package};
    for (std::size_t i = 0; i < requests.size(); ++i) {
        clock.set(terms.start + distance(requests[i], terms.stretch));
        const auto id = fmt::format("request {}", i + 1);
        if (auto served = serve(acme, requests[i], terms.max_output, id); !served) {
            if (is_transient(served.error())) return served.error();  // the store, not the wallet
            ++all.refused;
            note(all.refusals, served.error(), clock.now());
        }
        if (i % progress_step == 0) progress(i);
    }
    if (auto swept = acme.sweep(); !swept) return swept.error();

    auto balance = acme.balance();
    if (!balance) return balance.error();
    all.balance = *balance;
    auto account = coffer::load(store, wallet_name);
    if (!account) return account.error();
    journal_reader journal{all};
    if (auto read = journal.read(acme); !read) return read.error();
    all.replay_equal = journal.replayed() == *account;
    return all;
}

bad_input refused(const coffer::error& why) {
    return {fmt::format("replay: the wallet refuses this: {}", why)};
}

#if EXAMPLE_HAS_SQLITE
coffer::result<report, bad_input> replay_in_file(const std::string& file, const replay_terms& terms,
                                                 std::span<const traced_request> requests,
                                                 const progress_callback& progress) {
    // A replay can be made again, so that it need not wait for the disk at each step.
    auto store = coffer::sqlite_store::open(file, {.synchronous = coffer::sqlite_synchronous::off});
    if (!store) return bad_input{fmt::format("{}: {}", file, store.error())};
    const auto known = coffer::load(*store, wallet_name);
    if (!known) return bad_input{fmt::format("{}: {}", file, known.error())};
    if (known->last) {
        return bad_input{fmt::format("{}: a replay is in this file already; name a new one", file)};
    }
    const auto done = replay_on(*store, terms, requests, progress);
    if (!done) return refused(done.error());
    return *done;
}
#else
coffer::result<report, bad_input> replay_in_file(const std::string& file, const replay_terms&,
                                                 std::span<const traced_request>,
                                                 const progress_callback&) {
    return bad_input{fmt::format("{}: this build found no SQLite", file)};
}
#endif

}  // namespace

coffer::result<report, bad_input> replay(const replay_terms& terms,
                                         std::span<const traced_request> requests,
                                         const std::optional<std::string>& file,
                                         const progress_callback& progress) {
    if (file) return replay_in_file(*file, terms, requests, progress);
    coffer::memory_store store;
    const auto done = replay_on(store, terms, requests, progress);
    if (!done) return refused(done.error());
    return *done;
}

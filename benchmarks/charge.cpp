// What a charge in memory costs, beside what a hand-written one costs. Method and figures:
// docs/design/performance.md. Usage: charge [--quick] [--wallets N] [--calls N] [--rounds N]
#include "support/counting_new.hpp"
#include "support/hand_written.hpp"
#include "support/measure.hpp"

#include <coffer/coffer.hpp>
#include <coffer/store/memory.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

using namespace coffer::literals;

namespace {

struct sizes {
    std::size_t wallets = 1'000'000;
    std::size_t calls = 100'000;  ///< In one slice.
    int rounds = 11;
    std::size_t history = 1'000'000;
    const char* only = nullptr;  ///< For profilers: this workload alone.
};

struct plan {
    coffer::cost_table cost;
    struct {
        coffer::refill::monthly refill{.amount = coffer::credits::from_micros(1'000'000'000)};
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

    static constexpr auto buckets = coffer::in_order(coffer::bucket{"budget", &plan::budget},
                                                     coffer::bucket{"package", &plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

using wallets_type = coffer::wallets<plan, coffer::memory_store, coffer::manual_clock>;
using wallet_type = wallets_type::wallet_type;

constexpr auto lot_size = coffer::credits::from_micros(1'000'000'000);
const coffer::instant today = coffer::parse_instant("2026-03-01T00:00:00Z").or_throw();

/// One call of the program's users, drawn beforehand: both sides read the same ones.
struct alignas(64) call {
    std::uint64_t sparse;  ///< The wallet for the hand-written side.
    std::uint32_t index;   ///< The wallet's handle.
    std::uint32_t id_size;
    std::array<char, 16> id;  ///< The wallet for coffer: "w123456".
    hand_written::key request;
    std::int64_t amount;

    std::string_view wallet() const noexcept { return {id.data(), id_size}; }
    std::string_view key() const noexcept {
        return {reinterpret_cast<const char*>(&request), sizeof request};
    }
    coffer::charge_request charge() const noexcept {
        return {.amount = coffer::credits::from_micros(amount), .request = key()};
    }
};

void name_wallet(call& c, std::size_t index) {
    c.index = static_cast<std::uint32_t>(index);
    c.sparse = hand_written::scatter(index);
    c.id_size = static_cast<std::uint32_t>(std::snprintf(c.id.data(), c.id.size(), "w%zu", index));
}

std::vector<call> draw(std::size_t count, std::size_t wallets, measure::random& from) {
    std::vector<call> calls(count);
    for (call& c : calls) {
        name_wallet(c, from.below(wallets));
        c.request = {from(), from()};
        c.amount = static_cast<std::int64_t>(1 + from.below(8));
    }
    return calls;
}

std::int64_t sum_of(const std::vector<call>& calls) {
    std::int64_t sum = 0;
    for (const call& c : calls) sum += c.amount;
    return sum;
}

/// Three lots: an allowance that ends with its period, a package that expires, one that does not.
void open(const wallet_type& w) {
    bool started = bool(w.start());
    bool expiring = bool(w.grant({.bucket = "package",
                                  .amount = lot_size,
                                  .expires = today + std::chrono::hours{24 * 365}}));
    bool lasting = bool(w.grant({.bucket = "package", .amount = lot_size}));
    measure::require(started && expiring && lasting, "a wallet could not be opened");
}

template <hand_written::keeps Level>
[[gnu::noinline]] void charge_by_hand(hand_written::ledger<Level>& ledger,
                                      const std::vector<call>& calls) {
    std::size_t done = 0;
    for (const call& c : calls) {
        done += ledger.charge(c.sparse, c.amount, c.request, 1'000).has_value();
    }
    measure::require(done == calls.size(), "a hand-written charge was refused");
}

/// As many charges in one call.
constexpr std::size_t batch_size = 16;

/// The charges of a batch are announced before the first of them is decided.
template <hand_written::keeps Level>
[[gnu::noinline]] void charge_by_hand_in_batches(hand_written::ledger<Level>& ledger,
                                                 const std::vector<call>& calls) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < calls.size(); i += batch_size) {
        const std::size_t end = std::min(i + batch_size, calls.size());
        for (std::size_t k = i; k < end; ++k) ledger.prefetch(calls[k].sparse, calls[k].request);
        for (std::size_t k = i; k < end; ++k) {
            const call& c = calls[k];
            done += ledger.charge(c.sparse, c.amount, c.request, 1'000).has_value();
        }
    }
    measure::require(done == calls.size(), "a hand-written charge of a batch was refused");
}

[[gnu::noinline]] void charge_by_id(wallets_type& wallets, const call* calls, std::size_t count) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) {
        done += bool(wallets[calls[i].wallet()].charge(calls[i].charge()));
    }
    measure::require(done == count, "a charge was refused");
}

[[gnu::noinline]] void charge_by_handle(const std::vector<wallet_type>& handles,
                                        const std::vector<call>& calls) {
    std::size_t done = 0;
    for (const call& c : calls) done += bool(handles[c.index].charge(c.charge()));
    measure::require(done == calls.size(), "a charge was refused");
}

[[gnu::noinline]] void charge_by_batch(wallets_type& wallets,
                                       const std::vector<wallet_type>& handles,
                                       const std::vector<call>& calls) {
    std::size_t done = 0;
    std::vector<coffer::charge_by_handle> batch;
    batch.reserve(batch_size);
    for (std::size_t i = 0; i < calls.size(); i += batch_size) {
        batch.clear();
        for (std::size_t k = i; k < std::min(i + batch_size, calls.size()); ++k) {
            batch.push_back({handles[calls[k].index], calls[k].charge()});
        }
        for (const auto& answer : wallets.charge(batch)) done += bool(answer);
    }
    measure::require(done == calls.size(), "a charge of a batch was refused");
}

[[gnu::noinline]] void charge_by_batch_of_ids(wallets_type& wallets,
                                              const std::vector<call>& calls) {
    std::size_t done = 0;
    std::vector<coffer::charge_by_id> batch;
    batch.reserve(batch_size);
    for (std::size_t i = 0; i < calls.size(); i += batch_size) {
        batch.clear();
        for (std::size_t k = i; k < std::min(i + batch_size, calls.size()); ++k) {
            batch.push_back({calls[k].wallet(), calls[k].charge()});
        }
        for (const auto& answer : wallets.charge(batch)) done += bool(answer);
    }
    measure::require(done == calls.size(), "a charge of a batch was refused");
}

[[gnu::noinline]] void hold_and_settle(const std::vector<wallet_type>& handles,
                                       const std::vector<call>& calls) {
    std::size_t done = 0;
    for (const call& c : calls) {
        auto held = handles[c.index].hold(
            {.amount = coffer::credits::from_micros(c.amount + 8), .request = c.key()});
        if (!held) break;
        done += bool(held->settle({.amount = coffer::credits::from_micros(c.amount)}));
    }
    measure::require(done == calls.size(), "a hold or settle was refused");
}

[[gnu::noinline]] void charge_too_much(const std::vector<wallet_type>& handles,
                                       const std::vector<call>& calls) {
    std::size_t refused = 0;
    for (const call& c : calls) {
        auto answer =
            handles[c.index].charge({.amount = coffer::credits::max(), .request = c.key()});
        refused += answer == coffer::errc::insufficient_credits;
    }
    measure::require(refused == calls.size(), "a charge beyond the balance was not refused");
}

[[gnu::noinline]] void charge_again(const std::vector<wallet_type>& handles,
                                    const std::vector<call>& calls) {
    std::size_t repeated = 0;
    for (const call& c : calls) {
        auto answer = handles[c.index].charge(c.charge());
        repeated += answer && answer->repeated;
    }
    measure::require(repeated == calls.size(), "a repeated request was not recognised");
}

/// All wallets of a store, opened, with a handle on each.
struct opened_store {
    coffer::memory_store store{};
    coffer::manual_clock clock{today};
    wallets_type wallets{plan{}, store, clock};
    std::vector<wallet_type> handles;

    explicit opened_store(std::size_t count) {
        handles.reserve(count);
        call c{};
        for (std::size_t i = 0; i < count; ++i) {
            name_wallet(c, i);
            open(wallets[c.wallet()]);
        }
        for (std::size_t i = 0; i < count; ++i) {
            name_wallet(c, i);
            handles.push_back(wallets[c.wallet()]);
        }
    }

    struct sums {
        std::int64_t available = 0;
        std::int64_t held = 0;
        std::uint64_t entries = 0;
    };
    sums add_up() {
        sums all;
        for (const wallet_type& w : handles) {
            auto state = coffer::load(store, w.id());
            measure::require(bool(state), "a wallet could not be loaded");
            all.available += state->totals.available.micros();
            all.held += state->totals.held.micros();
            all.entries += state->last.value();
        }
        return all;
    }
    /// The journal of some wallets, replayed, must give their accounts.
    void check_journals(std::size_t some) {
        for (std::size_t i = 0; i < handles.size(); i += handles.size() / some + 1) {
            auto page = store.entries(handles[i].id(), {.limit = 1'000'000});
            measure::require(bool(page) && coffer::replay(page->entries) ==
                                               *coffer::load(store, handles[i].id()),
                             "a journal does not replay to its account");
        }
    }
};

void main_contest(const sizes& size) {
    using hand_written::keeps;
    std::size_t planned = size.calls * static_cast<std::size_t>(size.rounds + 1);
    hand_written::ledger<keeps::wallets> f1{size.wallets, 0};
    hand_written::ledger<keeps::journal> f2{size.wallets, 0};
    hand_written::ledger<keeps::requests> f3{size.wallets, planned};
    for (std::size_t i = 0; i < size.wallets; ++i) {
        std::uint64_t id = hand_written::scatter(i);
        f1.open(id, lot_size.micros(), 2'000);
        f2.open(id, lot_size.micros(), 2'000);
        f3.open(id, lot_size.micros(), 2'000);
    }
    std::int64_t bytes_before = measure::live_bytes;
    double begin = measure::seconds();
    opened_store all{size.wallets};
    std::printf("# opened in %.1f s\n", measure::seconds() - begin);
    std::int64_t bytes_open = measure::live_bytes - bytes_before -
                              static_cast<std::int64_t>(size.wallets * sizeof(wallet_type));
    auto before = all.add_up();

    measure::random dice{42};
    std::int64_t spent_by_hand = 0;
    std::int64_t spent = 0;
    std::uint64_t charges = 0;
    std::uint64_t allocations = 0;
    std::int64_t bytes_grown = 0;
    std::vector<call> calls;      // of this slice
    std::vector<call> by_handle;  // of the latest slice through handles, to be repeated
    auto fresh = [&] { calls = draw(size.calls, size.wallets, dice); };
    auto timed = [&](auto&& work) { return measure::nanoseconds_each(size.calls, work); };
    auto counted = [&](auto&& work) {
        std::uint64_t had = measure::allocations;
        std::int64_t bytes = measure::live_bytes;
        double each = timed(work);
        allocations += measure::allocations - had;
        bytes_grown += measure::live_bytes - bytes;
        charges += size.calls;
        spent += sum_of(calls);
        return each;
    };

    measure::contest contest;
    auto add = [&](const char* name, auto slice) {
        if (!size.only || std::strcmp(size.only, name) == 0) contest.add(name, slice);
    };
    add("F1 flat table", [&](int) {
        fresh();
        return timed([&] { charge_by_hand(f1, calls); });
    });
    add("F2 and journal", [&](int) {
        fresh();
        return timed([&] { charge_by_hand(f2, calls); });
    });
    add("F3 and keys", [&](int) {
        fresh();
        spent_by_hand += sum_of(calls);
        return timed([&] { charge_by_hand(f3, calls); });
    });
    add("F4 F3 in batches of 16", [&](int) {
        fresh();
        spent_by_hand += sum_of(calls);
        return timed([&] { charge_by_hand_in_batches(f3, calls); });
    });
    add("charge by id", [&](int) {
        fresh();
        return counted([&] { charge_by_id(all.wallets, calls.data(), calls.size()); });
    });
    add("charge by handle", [&](int) {
        fresh();
        by_handle = calls;
        return counted([&] { charge_by_handle(all.handles, calls); });
    });
    add("batch of 16 by handle", [&](int) {
        fresh();
        spent += sum_of(calls);
        return timed([&] { charge_by_batch(all.wallets, all.handles, calls); });
    });
    add("batch of 16 by id", [&](int) {
        fresh();
        spent += sum_of(calls);
        return timed([&] { charge_by_batch_of_ids(all.wallets, calls); });
    });
    add("hold and settle", [&](int) {
        fresh();
        spent += sum_of(calls);
        return timed([&] { hold_and_settle(all.handles, calls); });
    });
    add("refused", [&](int) {
        fresh();
        return timed([&] { charge_too_much(all.handles, calls); });
    });
    add("repeated", [&](int) {
        if (size.only) {
            fresh();
            by_handle = calls;
            spent += sum_of(calls);
            charge_by_handle(all.handles, calls);
        }
        return timed([&] { charge_again(all.handles, by_handle); });
    });
    add("two threads by id", [&](int) {
        fresh();
        return counted([&] {
            std::size_t half = calls.size() / 2;
            std::thread other{[&] { charge_by_id(all.wallets, calls.data(), half); }};
            charge_by_id(all.wallets, calls.data() + half, calls.size() - half);
            other.join();
        });
    });
    contest.run(size.rounds);

    auto after = all.add_up();
    measure::require(before.available - spent == after.available, "coffer's sums do not add up");
    measure::require(after.held == 0, "something is still held");
    all.check_journals(1'000);
    std::int64_t opened_by_hand = 3 * lot_size.micros() * static_cast<std::int64_t>(size.wallets);
    measure::require(opened_by_hand - spent_by_hand == f3.total(), "F3's sums do not add up");

    if (size.only) {
        contest.print({});
        return;
    }
    contest.print({"F3 and keys", "F4 F3 in batches of 16", "charge by handle"});
    double each_entry = static_cast<double>(bytes_grown) / static_cast<double>(charges);
    double each_wallet = static_cast<double>(bytes_open) / static_cast<double>(size.wallets);
    double opening = static_cast<double>(before.entries) / static_cast<double>(size.wallets);
    std::printf("bytes per charge, journal and request table: %.0f\n", each_entry);
    std::printf("bytes per wallet with 3 lots, without its %.0f entries: %.0f\n", opening,
                each_wallet - opening * each_entry);
    std::printf("allocations per charge: %.4f\n",
                static_cast<double>(allocations) / static_cast<double>(charges));
}

/// 64 wallets with so many lots of ten that each charge of ten is paid by two, of which one ends.
struct piecemeal_wallets {
    coffer::memory_store store{1};
    coffer::manual_clock clock{today};
    wallets_type wallets{plan{}, store, clock};
    std::vector<wallet_type> handles{};

    piecemeal_wallets(std::size_t count, std::size_t charges) {
        constexpr auto ten = coffer::credits::from_micros(10);
        call c{};
        for (std::size_t i = 0; i < count; ++i) {
            name_wallet(c, i);
            wallet_type w = wallets[c.wallet()];
            for (std::size_t lot = 0; lot < charges + 2; ++lot) {
                measure::require(bool(w.grant({.bucket = "package", .amount = ten})), "grant");
            }
            measure::require(bool(w.charge({.amount = coffer::credits::from_micros(5)})), "half");
            handles.push_back(wallets[c.wallet()]);
        }
    }
};

/// What a wallet's past costs: lots that are spent, entries that were written.
void growth_contest(const sizes& size) {
    constexpr std::size_t few = 64;
    coffer::memory_store store{1};  // one request table for all, so that only the wallets differ
    coffer::manual_clock clock{today};
    wallets_type wallets{plan{}, store, clock};
    measure::random dice{7};

    std::vector<wallet_type> young;
    std::vector<wallet_type> worn;
    std::vector<wallet_type> old;
    call c{};
    for (std::size_t i = 0; i < few; ++i) {
        name_wallet(c, i);
        young.push_back(wallets[c.wallet()]);
        open(young.back());
        young.back() = wallets[c.wallet()];
    }
    for (std::size_t i = 0; i < few; ++i) {
        name_wallet(c, 1'000 + i);
        wallet_type w = wallets[c.wallet()];
        for (int lot = 0; lot < 999; ++lot) {
            measure::require(bool(w.grant({.bucket = "package", .amount = 1_cr})), "grant");
        }
        measure::require(bool(w.charge({.amount = 999_cr})), "spending 999 lots");
        measure::require(bool(w.grant({.bucket = "package", .amount = lot_size})), "grant");
        worn.push_back(wallets[c.wallet()]);
    }
    name_wallet(c, 2'000);
    open(wallets[c.wallet()]);
    old.push_back(wallets[c.wallet()]);
    for (std::size_t written = 0; written < size.history;) {
        auto calls = draw(std::min<std::size_t>(size.calls, size.history - written), 1, dice);
        charge_by_handle(old, calls);
        written += calls.size();
    }

    measure::contest contest;
    auto slice = [&](const std::vector<wallet_type>& of) {
        return [&](int) {
            auto calls = draw(size.calls / 4, of.size(), dice);
            return measure::nanoseconds_each(calls.size(), [&] { charge_by_handle(of, calls); });
        };
    };
    hand_written::ledger<hand_written::keeps::requests> by_hand{
        few, size.calls / 4 * static_cast<std::size_t>(size.rounds + 1)};
    for (std::size_t i = 0; i < few; ++i) {
        by_hand.open(hand_written::scatter(i), lot_size.micros(), 1'000'000);
    }
    contest.add("F3 on 64 wallets", [&](int) {
        auto calls = draw(size.calls / 4, few, dice);
        return measure::nanoseconds_each(calls.size(), [&] { charge_by_hand(by_hand, calls); });
    });
    contest.add("64 wallets, two lots pay, one ends", [&](int) {
        auto calls = draw(size.calls / 4, few, dice);
        for (std::size_t i = 0; i < calls.size(); ++i) {
            calls[i].index = static_cast<std::uint32_t>(i % few);
            calls[i].amount = 10;
        }
        const piecemeal_wallets piecemeal{few, calls.size() / few + 1};
        return measure::nanoseconds_each(calls.size(),
                                         [&] { charge_by_handle(piecemeal.handles, calls); });
    });
    std::vector<wallet_type> one{young.front()};
    contest.add("64 wallets, 3 lots", slice(young));
    contest.add("64 wallets, 999 of 1,000 lots spent", slice(worn));
    contest.add("1 wallet, short history", slice(one));
    contest.add("1 wallet, long history", slice(old));
    contest.run(size.rounds);
    contest.print({"F3 on 64 wallets", "64 wallets, 3 lots", "1 wallet, short history"});
}

sizes read_arguments(int count, char** arguments) {
    sizes size;
    for (int i = 1; i < count; ++i) {
        std::string_view word = arguments[i];
        auto number = [&] {
            return std::strtoull(i + 1 < count ? arguments[++i] : "", nullptr, 10);
        };
        if (word == "--quick") {
            size.wallets = 20'000;
            size.calls = 10'000;
            size.rounds = 7;
            size.history = 50'000;
        } else if (word == "--wallets") {
            size.wallets = number();
        } else if (word == "--calls") {
            size.calls = number();
        } else if (word == "--rounds") {
            size.rounds = static_cast<int>(number());
        } else if (word == "--only" && i + 1 < count) {
            size.only = arguments[++i];
        } else {
            measure::require(false,
                             "usage: charge [--quick] [--wallets N] [--calls N] "
                             "[--rounds N] [--only WORKLOAD]");
        }
    }
    measure::require(size.wallets > 0 && size.calls >= 100 && size.rounds > 0, "sizes");
    return size;
}

}  // namespace

int main(int count, char** arguments) {
    sizes size = read_arguments(count, arguments);
    std::printf("# %zu wallets, %zu calls a slice, %d rounds\n", size.wallets, size.calls,
                size.rounds);
    std::size_t calls = size.calls * static_cast<std::size_t>(size.rounds + 1);
    measure::touch_heap(size.wallets * 2'500 + calls * 1'200 + size.history * 300);
    main_contest(size);
    if (!size.only) growth_contest(size);
}

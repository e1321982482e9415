// What a charge in a file costs that waits for the disk: one by one, and in batches that are one
// transaction. Usage: sqlite [FOLDER] [--charges N]; the folder's disk is the one that is measured.
#include "support/measure.hpp"

#include <coffer/plan/ready.hpp>
#include <coffer/store/sqlite.hpp>
#include <coffer/wallet/wallets.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;

namespace {

using prepaid = coffer::plans::prepaid<>;
using wallets_type = coffer::wallets<prepaid, coffer::sqlite_store>;

constexpr std::size_t wallet_count = 100;

/// Charges in batches of so many, the wallets in turn. Answers the seconds that it took.
double charge_all(wallets_type& wallets, const std::vector<std::string>& names, std::size_t charges,
                  std::size_t batch_size) {
    std::vector<coffer::charge_by_id> batch;
    std::size_t done = 0;
    const double begin = measure::seconds();
    for (std::size_t i = 0; i < charges; i += batch_size) {
        const std::size_t end = std::min(i + batch_size, charges);
        if (batch_size == 1) {
            done += bool(wallets[names[i % names.size()]].charge({.amount = 1_cr}));
            continue;
        }
        batch.clear();
        for (std::size_t k = i; k < end; ++k) {
            batch.push_back({names[k % names.size()], {.amount = 1_cr}});
        }
        for (const auto& answer : wallets.charge(batch)) done += bool(answer);
    }
    const double taken = measure::seconds() - begin;
    measure::require(done == charges, "a charge was refused");
    return taken;
}

void measure_file(const std::string& path, const char* name, coffer::sqlite_options options,
                  std::size_t charges) {
    auto opened = coffer::sqlite_store::open(path, options);
    measure::require(bool(opened), "the file could not be opened");
    coffer::sqlite_store& store = *opened;
    wallets_type wallets{prepaid{}, store};
    std::vector<std::string> names;
    for (std::size_t i = 0; i < wallet_count; ++i) {
        names.push_back("wallet " + std::to_string(i));
        auto granted = wallets[names.back()].grant({.bucket = "package", .amount = 1'000'000_cr});
        measure::require(bool(granted), "a wallet could not be opened");
    }
    for (const std::size_t batch : {std::size_t{1}, std::size_t{16}, std::size_t{64}}) {
        std::vector<double> rounds;
        for (int round = 0; round < 3; ++round) {
            rounds.push_back(charge_all(wallets, names, charges, batch));
        }
        std::sort(rounds.begin(), rounds.end());
        const double each = rounds[1] / static_cast<double>(charges);
        std::printf("%s, batches of %zu: %.1f us each, %.0f charges/s\n", name, batch, each * 1e6,
                    1 / each);
    }
}

}  // namespace

int main(int count, char** arguments) {
    std::filesystem::path folder = std::filesystem::temp_directory_path();
    std::size_t charges = 6'400;
    for (int i = 1; i < count; ++i) {
        if (std::string_view{arguments[i]} == "--charges" && i + 1 < count) {
            charges = std::strtoull(arguments[++i], nullptr, 10);
        } else {
            folder = arguments[i];
        }
    }
    measure::require(charges > 0, "usage: sqlite [FOLDER] [--charges N]");
    std::printf("# %zu charges a round, the middle one of three rounds, in %s\n", charges,
                folder.c_str());
    const struct {
        const char* name;
        coffer::sqlite_options options;
    } ways[] = {
        {"full, rollback", {}},
        {"full, write_ahead", {.journal = coffer::sqlite_journal::write_ahead}},
        {"off, rollback", {.synchronous = coffer::sqlite_synchronous::off}},
    };
    for (const auto& way : ways) {
        const std::string path = (folder / "coffer-benchmark.db").string();
        for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
            std::filesystem::remove(path + suffix);
        }
        measure_file(path, way.name, way.options, charges);
        for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
            std::filesystem::remove(path + suffix);
        }
    }
}

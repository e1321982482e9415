#include "support/wallet_fixture.hpp"

#include <coffer/report/print.hpp>

#include <sstream>
#include <string>

using namespace coffer_test;

namespace {

template <class T>
std::string printed(const T& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

}  // namespace

TEST_CASE("a receipt prints what was done, what it cost, and what it left") {
    coffer::receipt r{.id = coffer::entry_id{12},
                      .kind = coffer::entry_kind::charged,
                      .cost = 0.87_cr,
                      .after = {.available = 1'999.13_cr}};
    CHECK(printed(r) == "charged 0.87 (entry 12): available 1999.13");
    r.after.held = 5_cr;
    r.after.debt = 3_cr;
    r.repeated = true;
    CHECK(printed(r) == "charged 0.87 (repeated, entry 12): available 1999.13, held 5, debt 3");
    CHECK(printed(coffer::result<coffer::receipt>{r}) == printed(r));
}

TEST_CASE("the longest receipt has a text that is whole") {
    const coffer::credits low = coffer::credits::min();
    const coffer::receipt r{.id = coffer::entry_id{4'294'967'295},
                            .kind = coffer::entry_kind::purchase_refunded,
                            .repeated = true,
                            .cost = low,
                            .after = {.available = low, .held = low, .debt = low}};
    CHECK(printed(r).ends_with("debt -9223372036854.775808"));
}

TEST_CASE("a balance prints its totals, its period and its buckets in burn order") {
    coffer::balance b{.available = 1'999.13_cr};
    CHECK(printed(b) == "available 1999.13; used 0");
    b.used = 0.87_cr;
    b.allowance = 2'000_cr;
    b.held = 5_cr;
    b.running = {1, at("2026-01-31T10:00:00Z"), at("2026-02-28T10:00:00Z")};
    b.buckets = {{.bucket = coffer::bucket_id::of("budget"), .available = 1'500_cr},
                 {.bucket = coffer::bucket_id::of("package"), .available = 499.13_cr}};
    CHECK(printed(b) ==
          "available 1999.13, held 5; used 0.87 of 2000 until 2026-02-28T10:00:00Z; "
          "budget 1500, package 499.13");
}

TEST_CASE("a balance of very many buckets ends in an ellipsis, not within a number") {
    coffer::balance b{};
    for (int i = 0; i < 1'000; ++i) {
        b.buckets.push_back({.bucket = coffer::bucket_id::of("bucket"), .available = 12_cr});
    }
    CHECK(printed(b).ends_with("bucket 12, …"));
}

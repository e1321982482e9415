// What stands in records stays readable: versions, numbers and names.
#include "store/detail/entry_source.hpp"

#include <coffer/store/detail/entry_codec.hpp>
#include <coffer/store/detail/entry_sections.hpp>

#include <string_view>

using namespace coffer_test;

TEST_CASE("an entry of another version is corrupt_record") {
    codec::byte_list list;
    REQUIRE(codec::pack(entry{.id = coffer::entry_id{1}, .kind = entry_kind::started}, list));
    list.resize(list.size() - codec::seal_size);
    list[0] = std::byte{codec::entry_version + 1};
    codec::seal(list, 0);
    entry read;
    CHECK(codec::unpack(list.data(), list.size(), read) == errc::corrupt_record);
}

namespace {

/// A charge as it was written by the first version.
entry charged_once() {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    e.at = e.event = instant{std::chrono::seconds{1'700'000'000}};
    e.amount = credits::from_micros(1'500'000);
    e.after.available = credits::from_micros(8'500'000);
    e.parts.push_back(
        {.lot = lot_id{3}, .amount = e.amount, .bucket = coffer::bucket_id::of("package")});
    e.request = "r-1";
    e.requested_by = request_id::scope::caller;
    e.content = 0x0123456789abcdef;
    return e;
}

}  // namespace

TEST_CASE("a portable entry of version 1 reads as it always has") {
    // A file that was written once is read for ever: these bytes do not change.
    entry e = charged_once();
    e.usage.action = "chat";
    e.refusal = errc::limit_exceeded;
    constexpr std::string_view hex =
        "010100077061636b6167650700000008040100100002000000000000401e18240a060060e3160000"
        "00000020b3810000000000efcdab89674523010304000000000000722d3103000000010063686174"
        "0e6c696d69745f65786365656465644ce48bf5e6f2fb17";
    const codec::byte_list golden = bytes_of(hex);
    entry read;
    REQUIRE(codec::unpack(golden.data(), golden.size(), read));
    CHECK(read == e);
    codec::byte_list again;
    REQUIRE(codec::pack(e, again));
    CHECK(again == golden);
}

TEST_CASE("an entry from before there were more than five kinds of tokens reads as it was") {
    entry e = charged_once();
    e.usage = {.action = "chat",
               .quantity = coffer::quantity::from_micros(9),
               .input_tokens = 1,
               .output_tokens = -2,
               .reasoning_tokens = 3,
               .cached_tokens = 4,
               .cache_write_tokens = 5};
    const codec::byte_list golden = bytes_of(
        "010100077061636b6167650700000008040100d00000000000000000401e18240a060060e3160000"
        "00000020b3810000000000efcdab89674523010304000000000000722d3103000000010063686174"
        "09000000000000000100000000000000feffffffffffffff03000000000000000400000000000000"
        "05000000000000006717abc573392fb7");
    entry read;
    REQUIRE(codec::unpack(golden.data(), golden.size(), read));
    CHECK(read == e);
    codec::byte_list again;
    REQUIRE(codec::pack(e, again));
    CHECK(again == golden);
    e.usage.citation_tokens = 6;
    again.clear();
    REQUIRE(codec::pack(e, again));
    CHECK(again.size() == golden.size() + 48);
    REQUIRE(codec::unpack(again.data(), again.size(), read));
    CHECK(read == e);
}

TEST_CASE("the numbers that stand in records never change") {
    int next = 1;
    for (const char* name :
         {"started",     "period_began",   "granted",   "activated",    "rolled",
          "forfeited",   "expired",        "charged",   "held",         "settled",
          "released",    "timed_out",      "refunded",  "regranted",    "purchase_refunded",
          "voided",      "expiry_changed", "repaid",    "reordered",    "disputed",
          "dispute_won", "dispute_lost",   "collected", "debt_dropped", "refused",
          "noted",       "plan_assigned"}) {
        CHECK(to_string(static_cast<entry_kind>(next++)) == name);
    }
    next = 0;
    for (const char* name :
         {"plan", "purchase", "bonus", "promo", "referral", "adjustment", "refund"}) {
        CHECK(to_string(static_cast<coffer::lot_source>(next++)) == name);
    }
    using coffer::lot_origin;
    CHECK(static_cast<int>(lot_origin::granted) == 0);
    CHECK(static_cast<int>(lot_origin::refilled) == 1);
    CHECK(static_cast<int>(lot_origin::rolled) == 2);
    CHECK(static_cast<int>(lot_origin::regranted) == 3);
    CHECK(static_cast<int>(lot_origin::upgraded) == 4);
    next = static_cast<int>(entry_kind::change_pending);
    CHECK(next == 32);
    for (const char* name : {"change_pending", "change_revoked", "allowance_raised", "refilled",
                             "paused", "unpaused", "past_due", "paid", "ended", "add_on_set"}) {
        CHECK(to_string(static_cast<entry_kind>(next++)) == name);
    }
    CHECK(next == 42);
    for (const char* name : {"ordered", "purchased", "order_failed", "order_expired",
                             "recharge_checked", "billed", "configured", "rules_adopted"}) {
        CHECK(to_string(static_cast<entry_kind>(next++)) == name);
    }
    using scope = request_id::scope;
    CHECK(static_cast<int>(scope::caller) == 1);
    CHECK(static_cast<int>(scope::settle) == 2);
    CHECK(static_cast<int>(scope::release) == 3);
}

TEST_CASE("every error is journalled by a name that reads back") {
    int known = 0;
    for (int code = 1; code < 256; ++code) {
        const auto refusal = static_cast<errc>(code);
        if (to_string(refusal) == "unknown_error") continue;
        ++known;
        entry e{.id = coffer::entry_id{7}, .kind = entry_kind::refused, .refusal = refusal};
        entry read;
        REQUIRE(portable_form::read(packed(e), read));
        CHECK(read == e);
    }
    CHECK(known >= 31);
}

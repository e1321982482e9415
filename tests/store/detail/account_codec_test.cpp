#include "support/account_source.hpp"
#include "support/catch.hpp"
#include "support/effort.hpp"

#include <coffer/store/detail/account_codec.hpp>
#include <coffer/store/detail/account_io.hpp>
#include <coffer/store/detail/account_limits.hpp>
#include <coffer/store/detail/account_names.hpp>
#include <coffer/store/detail/account_orders.hpp>
#include <coffer/store/detail/account_settings.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>

using coffer::account;
using coffer::credits;
using coffer::errc;
using coffer::instant;
using coffer::lot_id;
namespace codec = coffer::detail;

namespace {

/// A field that somebody adds does not compile here: the codec has to write it too, and the
/// accounts below have to have it.
[[maybe_unused]] void list_all_fields(const account& a) {
    [[maybe_unused]] const auto& [burning, last, time, next_due, period_from, totals, used, order,
                                  floor] = static_cast<const coffer::account_head&>(a);
    static_assert(sizeof(account) == sizeof(coffer::account_head) + sizeof a.body());
    [[maybe_unused]] const auto& [rest, counters] = a.body();
    [[maybe_unused]] const auto& [available, held, debt] = totals;
    [[maybe_unused]] const auto& [s_available, s_held, s_expires, s_lot, s_bucket] =
        *burning.begin();
    [[maybe_unused]] const auto& [started, anchor, zone, plan, lots, pending, holds, debts, claims,
                                  cycles, carries, alerts, armed, raised, limits, limits_made,
                                  counters_made, subscription, orders, purchases, settings] = *rest;
    [[maybe_unused]] const auto& [revision, rules, chosen] = *settings;
    [[maybe_unused]] const auto& [number, limit, of_customer] = (*limits)[0];
    [[maybe_unused]] const auto& [t_member, t_action, t_resource, t_tag, per, most, warn] = limit;
    [[maybe_unused]] const auto& [n_id, n_limit, n_from, n_until, n_spent, n_held, n_value] =
        counters[0];
    [[maybe_unused]] const auto& [paused, past_due, ended, keeps, ended_at, grace, trial, goes_on,
                                  then, changes, next, courses, raises, add_ons] = *subscription;
    [[maybe_unused]] const auto& [u_bucket, u_plan, stays] = courses[0];
    [[maybe_unused]] const auto& [i_bucket, i_granted, i_count, i_owed] = raises[0];
    [[maybe_unused]] const auto& [o_bucket, o_allowance, o_price, o_changes, o_next, o_next_price] =
        add_ons[0];
    [[maybe_unused]] const auto& [name, level, is_share, once, own, of] = alerts[0];
    [[maybe_unused]] const auto& [l_id, active, revoked, closed, touched, terms, made, granted,
                                  l_available, l_held, spent, expired, voided, rolled, refunded] =
        lots[0];
    [[maybe_unused]] const auto& [bucket, source, origin, ends, ordinal, cycle, from, priority,
                                  effective, expires, lapses, kept, paid, paid_for] = terms;
    [[maybe_unused]] const auto& [h_id, until, amount, tolerance, action, tags, member, resource,
                                  prices, parts, counted] = holds[0];
    [[maybe_unused]] const auto& [p_lot, before, p_amount, p_bucket] = *parts.begin();
    [[maybe_unused]] const auto& [charge, open, d_action, d_lot] = debts[0];
    [[maybe_unused]] const auto& [c_lot, taken, uncollected, dropped, repaid, dispute, lost,
                                  c_opened, contested, whole, disputed, disputed_dropped,
                                  returned] = claims[0];
    [[maybe_unused]] const auto& [y_bucket, index, since, y_from, y_until, allowance] = cycles[0];
    [[maybe_unused]] const auto& [w_id, w_origin, w_number, what, placed, w_until] = orders[0];
    [[maybe_unused]] const auto& [w_name, into, w_amount, w_price, bonus_into, bonus] = what;
    [[maybe_unused]] const auto& [b_placed, automatic, failures, back_off, month_from, month_until,
                                  month_count, month_spent, watched, check] = *purchases;
    [[maybe_unused]] const auto& [r_bucket, after, first, count, r_granted] = carries[0];
}

/// Bytes in a block of their own, so that a sanitizer sees each step beyond them.
struct bytes {
    std::size_t size = 0;
    std::unique_ptr<std::byte[]> at{};

    bytes(const std::byte* from, std::size_t n) : size{n}, at{new std::byte[n]} {
        std::copy(from, from + n, at.get());
    }
    auto read() const { return codec::unpack_account(at.get(), size); }
};

using coffer_test::account_source;

codec::byte_list packed(const account& a) {
    codec::byte_list list;
    REQUIRE(codec::pack(a, list));
    return list;
}

bytes resealed(codec::byte_list list) {
    list.resize(list.size() - codec::seal_size);
    codec::seal(list, 0);
    return {list.data(), list.size()};
}

/// The plainest wallet with something in it.
account small_account() {
    account a;
    a.last = coffer::entry_id{9};
    a.time = instant{std::chrono::seconds{1'700'000'000}};
    a.totals.available = credits::from_micros(7'500'000);
    coffer::lot l{.id = lot_id{1}};
    l.terms.bucket = coffer::bucket_id::of("package");
    l.terms.effective = l.made = instant{std::chrono::seconds{1'600'000'000}};
    l.terms.paid = coffer::money::from_minor(1'000, "USD");
    l.granted = credits::from_micros(10'000'000);
    l.active = true;
    a.rest.edit().lots.push_back(l);
    a.burning.push_back({.available = a.totals.available,
                         .lot = lot_id{1},
                         .bucket = coffer::bucket_id::of("package")});
    return a;
}

}  // namespace

TEST_CASE("an account with any fields reads back as it was written") {
    account_source source{1};
    for (int i = 0; i < coffer_test::draws(10'000); ++i) {
        const account written = source.next();
        const codec::byte_list form = packed(written);
        const auto read = bytes{form.data(), form.size()}.read();
        INFO("account " << i);
        REQUIRE(read);
        REQUIRE(*read == written);
        REQUIRE(packed(*read) == form);
    }
}

TEST_CASE("a new account is a few bytes, one with a lot less than a hundred") {
    CHECK(packed(account{}).size() < 40);
    CHECK(bytes{packed(account{}).data(), packed(account{}).size()}.read() == account{});
    CHECK(packed(small_account()).size() < 100);
}

TEST_CASE("an account of a hundred thousand lots reads back") {
    account a;
    a.last = coffer::entry_id{100'000};
    for (std::uint32_t i = 1; i <= 100'000; ++i) {
        coffer::lot l{.id = lot_id{i}};
        l.granted = credits::from_micros(i);
        l.active = true;
        a.rest.edit().lots.push_back(l);
        a.burning.push_back({.available = l.granted, .lot = l.id});
        a.totals.available = (a.totals.available + l.granted).or_throw();
    }
    const codec::byte_list form = packed(a);
    CHECK(*bytes{form.data(), form.size()}.read() == a);
}

TEST_CASE("the bytes of an account that end too soon or too late are corrupt_record") {
    account_source source{2};
    for (int i = 0; i < 60; ++i) {
        codec::byte_list form = packed(source.next());
        for (std::size_t size = 0; size < form.size(); ++size) {
            REQUIRE(bytes{form.data(), size}.read() == errc::corrupt_record);
            if (size <= codec::seal_size) continue;
            codec::byte_list cut{form.begin(), form.begin() + static_cast<std::ptrdiff_t>(size)};
            REQUIRE(resealed(cut).read() == errc::corrupt_record);
        }
        form.insert(form.end() - codec::seal_size, std::byte{0});
        REQUIRE(bytes{form.data(), form.size()}.read() == errc::corrupt_record);
        REQUIRE(resealed(form).read() == errc::corrupt_record);
    }
}

TEST_CASE("a flipped bit of an account is corrupt_record") {
    account_source source{3};
    for (int i = 0; i < 40; ++i) {
        const codec::byte_list form = packed(source.next());
        bytes hurt{form.data(), form.size()};
        for (std::size_t bit = 0; bit < hurt.size * 8; ++bit) {
            const auto mask = static_cast<std::byte>(1u << (bit % 8));
            hurt.at[bit / 8] ^= mask;
            REQUIRE(hurt.read() == errc::corrupt_record);
            hurt.at[bit / 8] ^= mask;
        }
    }
}

TEST_CASE("a forged account is corrupt_record, or adds up and can be written again") {
    std::mt19937_64 random{4};
    account_source source{5};
    int taken = 0;
    for (int i = 0; i < coffer_test::draws(30'000); ++i) {
        codec::byte_list form = packed(source.next());
        // Names stay as they are: a program keeps each that it meets.
        std::size_t names = 3;
        for (int left = std::to_integer<int>(form[1]); left > 0; --left) {
            names += 1 + std::to_integer<std::size_t>(form[names]);
        }
        for (std::size_t n = random() % 3 + 1; n > 0; --n) {
            const std::size_t at = names + random() % (form.size() - codec::seal_size - names);
            form[at] = random() % 4 == 0 ? std::byte{0xff} : static_cast<std::byte>(random());
        }
        const auto read = resealed(form).read();
        if (!read) {
            REQUIRE(read == errc::corrupt_record);
            continue;
        }
        ++taken;
        REQUIRE(codec::is_sound(*read));
        const codec::byte_list again = packed(*read);
        REQUIRE(bytes{again.data(), again.size()}.read() == *read);
    }
    CHECK(taken > coffer_test::draws(100));
}

TEST_CASE("a count beyond what can be there is corrupt_record, and allocates nothing for it") {
    codec::byte_list form = packed(account{});
    // last, time, next_due, period_from, three totals, used, order: one byte each; then a count.
    const std::size_t at = 1 + 2 + 9;
    REQUIRE(form[at] == std::byte{0});
    form[at] = std::byte{0x7f};
    CHECK(resealed(form).read() == errc::corrupt_record);
    codec::byte_list huge{form.begin(), form.begin() + at};
    for (int i = 0; i < 9; ++i) huge.push_back(std::byte{0xff});
    huge.push_back(std::byte{0x01});
    huge.insert(huge.end(), form.begin() + at + 1, form.end());
    CHECK(resealed(huge).read() == errc::corrupt_record);
}

TEST_CASE("a number that is written longer than it needs is corrupt_record") {
    codec::byte_list form = packed(account{});
    form[3] = std::byte{0x80};  // the number of the newest entry
    form.insert(form.begin() + 4, std::byte{0x00});
    CHECK(resealed(form).read() == errc::corrupt_record);
}

TEST_CASE("an account that contradicts itself is neither written nor read") {
    account a = small_account();
    coffer::account_details& d = a.rest.edit();
    d.holds.push_back({.id = coffer::hold_id{5}, .amount = credits::from_micros(3), .parts = {}});
    d.holds.edit(0).parts.push_back({.lot = lot_id{1}, .amount = credits::from_micros(3)});
    a.burning.edit(0).held = credits::from_micros(3);
    a.totals.held = credits::from_micros(3);
    d.debts.push_back({.charge = coffer::entry_id{2}, .open = credits::from_micros(4)});
    a.totals.debt = credits::from_micros(4);
    d.pending.push_back(lot_id{1});
    d.claims.push_back({.lot = lot_id{1}});
    REQUIRE(codec::is_sound(a));

    const credits one = credits::from_micros(1);
    SECTION("available") { a.totals.available = one; }
    SECTION("held") { a.totals.held = one; }
    SECTION("debt") { a.totals.debt = one; }
    SECTION("a hold's parts") { d.holds.edit(0).parts[0].amount = one; }
    SECTION("a negative lot") {
        const credits all = a.burning[0].available;
        a.burning.edit(0).available = (all + one).or_throw();
        a.burning.push_back({.available = credits::from_micros(-1), .lot = lot_id{1}});
    }
    SECTION("a sum that overflows") {
        a.burning.push_back({.available = credits::max(), .lot = lot_id{1}});
    }
    SECTION("a lot in the burn order that is not there") { a.burning.edit(0).lot = lot_id{2}; }
    SECTION("a lot of a hold that is not there") { d.holds.edit(0).parts[0].lot = lot_id{2}; }
    SECTION("a pending lot that is not there") { d.pending[0] = lot_id{2}; }
    SECTION("a claim on a lot that is not there") { d.claims[0].lot = lot_id{2}; }
    SECTION("a lot twice") { d.lots.push_back(d.lots[0]); }
    SECTION("a period's end of what is no allowance") {
        d.lots.edit(0).terms.lapses = instant{std::chrono::seconds{5}};
    }
    SECTION("a lot made after the newest entry") { a.last = coffer::entry_id{0}; }
    SECTION("a pile of lots that are not there") {
        d.carries.push_back({.bucket = a.burning[0].bucket, .first = lot_id{2}, .count = 1});
    }
    SECTION("a pile of more lots than there are") {
        d.carries.push_back({.bucket = a.burning[0].bucket,
                             .first = lot_id{1},
                             .count = 2,
                             .granted = d.lots[0].granted});
    }
    SECTION("a pile that does not add up") {
        d.carries.push_back({.bucket = a.burning[0].bucket,
                             .first = lot_id{1},
                             .count = 1,
                             .granted = (d.lots[0].granted + one).or_throw()});
    }
    CHECK_FALSE(codec::is_sound(a));
    codec::byte_list list(3);
    CHECK_FALSE(codec::pack(a, list));
    CHECK(list.size() == 3);
}

TEST_CASE("an account whose bucket has no name is not written") {
    account a = small_account();
    a.burning.edit(0).bucket = coffer::bucket_id::stored(65'001);
    codec::byte_list list(3);
    CHECK_FALSE(codec::pack(a, list));
    CHECK(list.size() == 3);
}

TEST_CASE("an account of another version is corrupt_record") {
    codec::byte_list form = packed(small_account());
    form[0] = std::byte{codec::account_version + 1};
    CHECK(resealed(form).read() == errc::corrupt_record);
}

TEST_CASE("a portable account of version 1 reads as it always has") {
    // A file that was written once is read for ever: these bytes do not change.
    constexpr std::string_view hex =
        "010100077061636b616765098280f281838985060001c0c393070000000001c0c393070001010002"
        "00000181010100008280a0faa0ccd7058280a0faa0ccd7050080dac40900d00f0355534400000000"
        "00000000c126124327c67ad3";
    codec::byte_list golden;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const std::string byte{hex.substr(i, 2)};
        golden.push_back(static_cast<std::byte>(std::stoi(byte, nullptr, 16)));
    }
    CHECK(bytes{golden.data(), golden.size()}.read() == small_account());
    CHECK(packed(small_account()) == golden);
}

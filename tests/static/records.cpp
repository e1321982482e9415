// What the compiler holds about the records: how large they are, what copies and moves them. To
// build this file is to pass. A size that changes is a decision: it is memory per wallet, and the
// form of what hosts may have laid out. Change the number here with it.
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/ledger.hpp>
#include <coffer/store/store.hpp>

#include <string>
#include <type_traits>

namespace {

template <class T, std::size_t Size>
inline constexpr bool of_size = sizeof(void*) != 8 || sizeof(T) == Size;

// ---- Layout ---------------------------------------------------------------------------------

static_assert(of_size<coffer::account_head, 184>, "three lines, copied with each page");
static_assert(of_size<coffer::account, 216>);
static_assert(of_size<coffer::spendable, 32>);
static_assert(of_size<coffer::part, 24>);
static_assert(of_size<coffer::part_list, 64>);
static_assert(of_size<coffer::lot, 168>);
static_assert(of_size<coffer::lot_terms, 80>);
static_assert(of_size<coffer::hold, 528>);
static_assert(of_size<coffer::debt, 88>);
static_assert(of_size<coffer::cycle, 40>);
static_assert(of_size<coffer::entry, 728>);
static_assert(of_size<coffer::balance_totals, 24>);
static_assert(of_size<coffer::error, 64>);
static_assert(of_size<coffer::wallet_id, 64>, "one cache line");
static_assert(sizeof(coffer::entry_id) == 4 && sizeof(coffer::bucket_id) == 2);
static_assert(sizeof(coffer::action_name) == 64 && sizeof(coffer::zone_name) == 48);

// ---- What is copied as bytes ----------------------------------------------------------------

template <class... T>
inline constexpr bool plain = ((std::is_trivially_copyable_v<T> &&
                                std::is_default_constructible_v<T>)&&...);

static_assert(plain<coffer::lot, coffer::lot_terms, coffer::part, coffer::spendable, coffer::cycle,
                    coffer::debt, coffer::balance_totals, coffer::overdraft_terms>);
static_assert(plain<coffer::wallet_id, coffer::request_id, coffer::bucket_id, coffer::entry_id,
                    coffer::lot_id, coffer::hold_id>);
static_assert(plain<coffer::usage, coffer::period, coffer::timespan, coffer::journal_query,
                    coffer::action_name, coffer::zone_name>);
static_assert(std::is_trivially_copyable_v<coffer::error> &&
              std::is_trivially_copyable_v<coffer::checked<coffer::credits>> &&
              std::is_trivially_copyable_v<coffer::result<void>>);

// ---- What moves without throwing, so that lists of it can grow ------------------------------

template <class... T>
inline constexpr bool moves = ((std::is_nothrow_move_constructible_v<T> &&
                                std::is_nothrow_move_assignable_v<T> &&
                                std::is_copy_constructible_v<T>)&&...);

static_assert(
    moves<coffer::account, coffer::entry, coffer::hold, coffer::part_list, coffer::account_body,
          coffer::account_details, coffer::journal_page, coffer::notice>);
static_assert(moves<coffer::result<coffer::account>, coffer::result<std::string>>);

// ---- Numbers and names do not mix -----------------------------------------------------------

template <class A, class B>
inline constexpr bool mix = std::is_constructible_v<A, B> || std::is_convertible_v<A, B> ||
                            std::is_assignable_v<A&, B> || std::equality_comparable_with<A, B>;

static_assert(!mix<coffer::lot_id, coffer::hold_id> && !mix<coffer::hold_id, coffer::lot_id> &&
              !mix<coffer::entry_id, coffer::lot_id> && !mix<coffer::entry_id, coffer::hold_id>);
static_assert(!mix<coffer::wallet_id, coffer::request_id> &&
              !mix<coffer::request_id, coffer::wallet_id> &&
              !mix<coffer::bucket_id, coffer::lot_id>);
static_assert(!std::is_convertible_v<std::uint32_t, coffer::lot_id> &&
              !std::is_convertible_v<coffer::lot_id, std::uint32_t> &&
              !std::is_convertible_v<std::uint16_t, coffer::bucket_id> &&
              !std::is_convertible_v<int, coffer::wallet_id>);
static_assert(std::is_convertible_v<std::string, coffer::wallet_id> &&
              std::is_convertible_v<const char*, coffer::wallet_id> &&
              std::is_convertible_v<std::string_view, coffer::request_id>);

// ---- noexcept -------------------------------------------------------------------------------

static_assert(noexcept(coffer::find_record(coffer::account{}, coffer::lot_id{})));
static_assert(noexcept(coffer::find_hold(coffer::account{}, coffer::hold_id{})));
static_assert(noexcept(coffer::insufficient({}, {})));
static_assert(noexcept(coffer::bucket_id::of("")));
static_assert(noexcept(coffer::bucket_id{}.name()));

// ---- While compiling ------------------------------------------------------------------------

static_assert(coffer::wallet_id{"acme"}.text() == "acme" && coffer::wallet_id{"acme"}.is_valid());
static_assert(coffer::request_id::derived(coffer::request_id::scope::settle, 4'294'967'295)
                  .text() == "4294967295");
static_assert(coffer::request_id{""}.empty() && !coffer::request_id{"r"}.empty());
static_assert(coffer::lot_id{1} < coffer::lot_id{2} && !coffer::lot_id{});
static_assert(to_string(coffer::entry_kind::charged) == "charged");

constexpr coffer::error explained() {
    coffer::error e = coffer::errc::insufficient_credits;
    return e.with_amounts(coffer::credits::from_micros(2), coffer::credits::from_micros(1))
        .about("chat");
}
static_assert(explained() == coffer::errc::insufficient_credits &&
              explained().required().micros() == 2 && explained().subject() == "chat");

constexpr coffer::result<int> next(int n) {
    if (n > 2) return coffer::errc::too_many;
    return n + 1;
}
static_assert(next(1).and_then(next) == 3 && next(2).and_then(next) == coffer::errc::too_many);
static_assert(next(3).value_or(7) == 7 && *next(0) == 1);

}  // namespace

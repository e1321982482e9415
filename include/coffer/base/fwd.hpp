/// Declarations alone, for headers that only name coffer's types.
#pragma once

#include <cstdint>

namespace coffer {
inline namespace v0 {

enum class errc : std::uint8_t;
class error;
template <class T, class E>
class result;

class credits;
class rate;
class quantity;
class currency;
class money;
class price_sum;

class wallet_id;
class request_id;
class bucket_id;

class timespan;
struct period;
class zone;
class schedule;

struct usage;
struct price;
class cost_table;

struct lot;
struct lot_terms;
struct hold;
struct debt;
struct part;
struct entry;
struct account;

struct page_request;
struct page;
struct commit_batch;
struct journal_query;
struct journal_page;
struct notice;
class memory_store;

class system_clock;
class manual_clock;

struct receipt;
struct estimate_line;
struct estimation;
struct balance;
struct start_request;
struct change_request;
struct add_on_request;
struct subscription_request;
struct configure_request;
struct grant_request;
struct buy_request;
struct confirm_request;
struct fail_request;
struct placed_order;
struct charge_request;
struct hold_request;
struct settle_request;
struct release_request;
struct refund_request;
struct purchase_refund_request;
struct void_request;
struct expiry_request;
class observer;
struct committed;
class wallet;
class reservation;
template <class Plan, class Store, class Clock>
class wallets;

}  // namespace v0
}  // namespace coffer

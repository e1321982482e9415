// Which types are policies, plans, stores and clocks, and which are not: a wrong one differs from a
// right one in a single thing. To build this file is to pass.
#include <coffer/plan/plan.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/store/store.hpp>
#include <coffer/time/clock.hpp>

#include <cstdint>
#include <vector>

namespace {

// ---- Ready-made policies --------------------------------------------------------------------

template <class... P>
inline constexpr bool costs = (coffer::cost_policy<P> && ...);
static_assert(costs<coffer::cost::free, coffer::cost::flat, coffer::cost::per_unit,
                    coffer::cost::tokens, coffer::cost_table>);

template <class... P>
inline constexpr bool refills = (coffer::refill_policy<P> && ...);
static_assert(refills<coffer::refill::none, coffer::refill::every, coffer::refill::monthly>);

template <class... P>
inline constexpr bool rollovers = (coffer::rollover_policy<P> && ...);
static_assert(rollovers<coffer::rollover::none, coffer::rollover::all, coffer::rollover::capped,
                        coffer::rollover::fraction>);

template <class... P>
inline constexpr bool expiries = (coffer::expiry_policy<P> && ...);
static_assert(
    expiries<coffer::expiry::never, coffer::expiry::after, coffer::expiry::at_period_end>);

template <class... P>
inline constexpr bool refunds = (coffer::refund_policy<P> && ...);
static_assert(refunds<coffer::refund::none, coffer::refund::full, coffer::refund::unspent,
                      coffer::refund::within>);

static_assert(coffer::restore_policy<coffer::restore::forfeit> &&
              coffer::restore_policy<coffer::restore::regrant>);
static_assert(coffer::overdraft_policy<coffer::overdraft::deny> &&
              coffer::overdraft_policy<coffer::overdraft::limit> &&
              coffer::overdraft_policy<coffer::overdraft::take_available>);
static_assert(coffer::access_policy<coffer::access::anyone> &&
              coffer::access_policy<coffer::access::members> &&
              coffer::access_policy<coffer::access::roles>);
static_assert(coffer::spend_order_policy<coffer::spend_order::by>);
static_assert(coffer::clock_policy<coffer::system_clock> &&
              coffer::clock_policy<coffer::manual_clock>);

// ---- A host's own, right and wrong ----------------------------------------------------------

struct own_cost {
    coffer::result<coffer::price> price(const coffer::usage&) const;
};
struct cost_not_const {
    coffer::result<coffer::price> price(const coffer::usage&);
};
struct cost_of_changed_usage {
    coffer::result<coffer::price> price(coffer::usage&) const;
};
struct cost_in_credits {
    coffer::result<coffer::credits> price(const coffer::usage&) const;
};
struct cost_that_cannot_fail {
    coffer::price price(const coffer::usage&) const;
};
static_assert(costs<own_cost>);
static_assert(!costs<cost_not_const> && !costs<cost_of_changed_usage> && !costs<cost_in_credits> &&
              !costs<cost_that_cannot_fail> && !costs<int> && !costs<coffer::refund::none>);

struct own_rollover {
    coffer::credits carry(const coffer::ended_allowance&) const;
};
struct rollover_of_a_share {
    double carry(const coffer::ended_allowance&) const;
};
static_assert(rollovers<own_rollover> && !rollovers<rollover_of_a_share>);

struct own_refill {
    coffer::timespan cadence() const;
    coffer::credits allowance(const coffer::period&) const;
    coffer::money paid() const;
};
struct refill_in_hours {
    std::chrono::hours cadence() const;
    coffer::credits allowance(const coffer::period&) const;
    coffer::money paid() const;
};
struct refill_without_price {
    coffer::timespan cadence() const;
    coffer::credits allowance(const coffer::period&) const;
};
static_assert(refills<own_refill> && !refills<refill_in_hours> && !refills<refill_without_price>);

struct own_expiry {
    coffer::result<coffer::lifetime> life(const coffer::lot_birth&) const;
};
struct expiry_at_an_instant {
    coffer::result<coffer::instant> life(const coffer::lot_birth&) const;
};
static_assert(expiries<own_expiry> && !expiries<expiry_at_an_instant>);

struct own_refund {
    coffer::result<coffer::money> worth(const coffer::purchase&) const;
};
struct refund_in_credits {
    coffer::result<coffer::credits> worth(const coffer::purchase&) const;
};
static_assert(refunds<own_refund> && !refunds<refund_in_credits>);

struct own_restore {
    coffer::timespan grace() const;
};
struct restore_in_days {
    coffer::days grace() const;
};
static_assert(coffer::restore_policy<own_restore> && !coffer::restore_policy<restore_in_days>);

struct own_overdraft {
    coffer::overdraft_terms terms() const;
};
struct overdraft_of_an_amount {
    coffer::credits terms() const;
};
static_assert(coffer::overdraft_policy<own_overdraft> &&
              !coffer::overdraft_policy<overdraft_of_an_amount>);

struct own_access {
    bool allows(const coffer::access_question&) const;
};
struct access_of_a_member {
    bool allows(std::string_view) const;
};
struct access_as_a_number {
    int allows(const coffer::access_question&) const;
};
static_assert(coffer::access_policy<own_access> && !coffer::access_policy<access_of_a_member> &&
              !coffer::access_policy<access_as_a_number>);

struct own_order {
    bool before(const coffer::burn_candidate&, const coffer::burn_candidate&) const;
    std::uint64_t fingerprint() const;
};
struct order_without_fingerprint {
    bool before(const coffer::burn_candidate&, const coffer::burn_candidate&) const;
};
static_assert(coffer::spend_order_policy<own_order> &&
              !coffer::spend_order_policy<order_without_fingerprint>);

struct clock_of_seconds {
    std::chrono::sys_seconds now() const;
};
struct clock_that_changes {
    coffer::instant now();
};
static_assert(!coffer::clock_policy<clock_of_seconds> && !coffer::clock_policy<clock_that_changes>);

// ---- Plans ----------------------------------------------------------------------------------

static_assert(coffer::plan<coffer::plans::prepaid<>> &&
              coffer::plan<coffer::plans::subscription<>> &&
              coffer::plan<coffer::plans::prepaid<coffer::cost::free>>);
static_assert(coffer::check_plan<coffer::plans::prepaid<>>() &&
              coffer::check_plan<coffer::plans::subscription<own_cost>>());
static_assert(!coffer::plan<int> && !coffer::plan<own_cost>);
static_assert(!coffer::plan<coffer::plans::prepaid<cost_not_const>>);

struct plan_without_buckets {
    coffer::cost::free cost{};
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(!coffer::plan<plan_without_buckets>);

// ---- Stores ---------------------------------------------------------------------------------

struct own_store {
    coffer::result<void> open(const coffer::page_request&, coffer::page&);
    coffer::result<coffer::journal_page> entries(const coffer::wallet_id&,
                                                 const coffer::journal_query&);
    coffer::commit_outcome commit(const coffer::commit_batch&);
    coffer::result<std::vector<coffer::due_wallet>> due(coffer::instant, std::size_t);
    coffer::result<std::vector<coffer::notice>> notices(std::size_t);
    coffer::result<void> acknowledge(std::uint64_t);
};
struct store_that_promises : own_store {
    bool commit(const coffer::commit_batch&);
};
struct store_that_cannot_fail : own_store {
    void open(const coffer::page_request&, coffer::page&);
};
static_assert(coffer::store<own_store>);
static_assert(!coffer::store<store_that_promises> && !coffer::store<store_that_cannot_fail> &&
              !coffer::store<const own_store> && !coffer::store<int>);
static_assert(coffer::store<coffer::memory_store>);

struct own_grouping_store : own_store {
    coffer::result<void> begin_group();
    coffer::commit_outcome end_group();
    void drop_group();
};
struct store_that_promises_groups : own_grouping_store {
    void begin_group();
};
static_assert(coffer::grouping_store<own_grouping_store> && !coffer::grouping_store<own_store> &&
              !coffer::grouping_store<store_that_promises_groups>);
static_assert(!std::is_copy_constructible_v<coffer::memory_store> &&
              !std::is_move_constructible_v<coffer::memory_store>);

// ---- While compiling ------------------------------------------------------------------------

using namespace coffer::literals;

static_assert(coffer::rollover::capped{50_cr}.carry({.unused = 60_cr}) == 50_cr);
static_assert(coffer::rollover::fraction{1, 3}.carry({.unused = 1_cr}) == 0.333333_cr);
static_assert(coffer::overdraft::limit{10_cr}.terms().limit == 10_cr);
static_assert(coffer::refill::monthly{100_cr}.allowance({}) == 100_cr);
static_assert(coffer::access::anyone{}.allows({}));
static_assert(coffer::access::everything.contains(coffer::verb::see) &&
              !coffer::access::of_host.contains(coffer::verb::charge));
static_assert(coffer::only{"chat"}.allows("chat") && !coffer::only{"chat"}.allows("image"));
static_assert(coffer::lifetime::unlimited().until == coffer::never);

}  // namespace

/// Whether a store keeps its contract: the suite that coffer's own stores pass. Call it from a test
/// of any framework; link the platform's threads.
///
///     auto report = coffer::testing::check_store_conformance([] { return my_store{}; });
///     if (!report.passed()) fail(report.to_text());
#pragma once

#include <coffer/store/memory.hpp>
#include <coffer/store/store.hpp>
#include <coffer/testing/conformance_report.hpp>
#include <coffer/testing/store_checks.hpp>
#include <coffer/testing/store_group_checks.hpp>
#include <coffer/testing/store_journal_checks.hpp>
#include <coffer/testing/store_races.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace testing {

/// How much is tried.
struct conformance_options {
    std::size_t lots = 2'000;  ///< Of the largest account.
    std::size_t threads = 4;
    std::size_t rounds = 25;  ///< Of each race.
    std::size_t lives = 3;    ///< Random lives that are compared with those on the memory store.
};

/// Runs every check on stores of its own. `make()` gives a new, empty store each time: the store
/// itself, or something that points to it. `reopen(made)` puts away and opens again what `make`
/// gave, where the store outlives that.
/// Guarantees: the same checks with the same names each time; those of groups only for a
/// `grouping_store`.
template <std::invocable Make, std::invocable<std::invoke_result_t<Make&>&> Reopen>
conformance_report check_store_conformance(Make&& make, Reopen&& reopen,
                                           const conformance_options& options = {}) {
    detail::store_suite suite{make};
    detail::check_loads_and_commits(suite);
    detail::check_requests(suite);
    detail::check_entries(suite);
    detail::check_told(suite);
    detail::check_large_accounts(suite, options.lots);
    detail::check_due(suite);
    detail::check_notices(suite);
    detail::check_races(suite, options.threads, options.rounds);
    if constexpr (grouping_store<typename decltype(suite)::probe::store_type>) {
        detail::check_groups(suite, options.threads, options.rounds);
    }
    if constexpr (coffer::detail::has_latest<typename decltype(suite)::probe::store_type>) {
        detail::check_latest(suite);
    }
    detail::check_lives(suite, options.lives);
    if constexpr (!std::is_same_v<std::remove_cvref_t<Reopen>, detail::no_reopening>) {
        detail::check_reopening(suite, reopen, options.lives);
    }
    return std::move(suite).report();
}

/// As above, for a store that does not outlive its object.
template <std::invocable Make>
conformance_report check_store_conformance(Make&& make, const conformance_options& options = {}) {
    return check_store_conformance(make, detail::no_reopening{}, options);
}

}  // namespace testing
}  // namespace v0
}  // namespace coffer

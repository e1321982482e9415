/// What the one path of `perform.hpp` is asked to do: a request, what its verb does with it, and
/// how it is performed.
#pragma once

#include <coffer/base/detail/function_ref.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/perform/asking.hpp>
#include <coffer/perform/observer.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/time/instant.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a request says about itself.
struct request_info {
    const request_id& id;
    asking by;
    std::uint64_t content = 0;
    std::optional<instant> at{};
    errc on_other_content = errc::request_mismatch;
    result<void> valid{};     ///< What is wrong with it, whatever the account says.
    std::string_view plan{};  ///< The plan that holds where the account's own is unknown.
    const request_id* refused = nullptr;  ///< Remembers a refusal for good, where `id` does not.
    const request_id* told = nullptr;     ///< Another request that it speaks of,
    entry_id told_entry{};                ///< or an entry.
    bool whole = true;                    ///< Else it may be decided by the head of the account.
    bool holds = false;  ///< It opens a hold: one that bought nothing is opened anew.
};

/// What a verb does. `check` says what is wrong with the request by the plan, whatever the account
/// says. `decide` adds the entries, the primary one by `add_primary`.
struct operation {
    function_ref<result<void>(const compiled_plan&, instant event)> check;
    function_ref<result<void>(attempt&, const compiled_plan&)> decide;
};

/// For verbs whose requests any plan understands.
inline constexpr auto understood = [](const compiled_plan&, instant) { return result<void>{}; };

/// How an operation is performed.
struct manner {
    bool dry = false;              ///< Nothing is written.
    bool once = false;             ///< Nothing is tried again.
    kept_commits* kept = nullptr;  ///< Is shown what is written once all of a group is.
};

/// An operation on a wallet, as it was asked for.
struct call {
    const target& wallet;
    const request_info& request;
    const operation& op;
    manner how{};
};

inline result<void> valid_if(bool sensible) {
    return sensible ? result<void>{} : result<void>{errc::invalid_argument};
}

/// The gravest of several answers, so that the order of checks does not matter.
template <class... Answers>
result<void> gravest(const Answers&... answers) {
    result<void> worst;
    const auto weigh = [&](const auto& answer) {
        if (!answer && (worst || answer.error().code() < worst.error().code())) {
            worst = answer.error();
        }
    };
    (weigh(answers), ...);
    return worst;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// Answers whether a refusal for lack of credit is the last word on its request.
#pragma once

#include <concepts>

namespace coffer {
inline namespace v0 {

/// Answers whether a request that was refused for lack of credit stays refused.
template <class P>
concept refusals_policy = requires(const P& policy) {
    { policy.stick() } -> std::same_as<bool>;
};

namespace refusals {

/// The same request may go ahead once credits have arrived.
struct retry {
    constexpr bool stick() const noexcept { return false; }
};

/// The same request is answered with the same refusal, which the journal records.
struct sticky {
    constexpr bool stick() const noexcept { return true; }
};

}  // namespace refusals
}  // namespace v0
}  // namespace coffer

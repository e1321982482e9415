/// Who asks for an operation on a wallet, what for and why, and whether the plan lets them.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/signature.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/policy/access.hpp>
#include <coffer/store/page.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// One wallet of one store, as somebody asks for it.
struct target {
    wallet_id id{};
    wallet_place place{};
    std::shared_ptr<const std::string> actor{};  ///< Of a handle in somebody's name.

    std::string_view who() const noexcept { return actor ? *actor : std::string_view{}; }
};

/// What a request asks for, in whose name and why. It refers to the request's texts.
class asking {
public:
    template <class Request>
    asking(coffer::verb what, const Request& r, const target& wallet) noexcept
        : verb_{what},
          actor_{r.actor.empty() ? wallet.who() : r.actor},
          is_sized_{actor_.size() <= max_actor_size && r.reason.size() <= max_reason_size},
          text_{actor_, r.reason} {
        if constexpr (requires { r.member; }) {
            member_ = r.member;
            action_ = r.action;
            resource_ = r.resource;
        }
    }

    const coffer::signature& signature() const noexcept { return text_.view(); }

    /// Whether its texts are as short as they have to be.
    bool is_sized() const noexcept { return is_sized_; }
    /// Errors: `invalid_argument` about a text that is too long.
    result<void> check_texts() const noexcept {
        if (is_sized_) return {};
        if (actor_.size() > max_actor_size) {
            return error{errc::invalid_argument}.in("actor", "has at most 95 bytes");
        }
        return error{errc::invalid_argument}.in("reason", "has at most 255 bytes");
    }

    /// Whether the plan lets it happen. What ends a hold was allowed when it was opened, and is
    /// asked only of an actor who is named. Errors: `access_denied` about the actor.
    result<void> check_access(const compiled_plan& plan, const wallet_id& wallet) const {
        if (plan.open_to_all || (actor_.empty() && ends_hold())) return {};
        const std::string_view who = actor_.empty() ? member_ : actor_;
        const bool allowed = plan.allows({.wallet = wallet.text(),
                                          .verb = verb_,
                                          .actor = who,
                                          .member = member_,
                                          .action = action_,
                                          .resource = resource_});
        return allowed ? result<void>{} : result<void>{error{errc::access_denied}.about(who)};
    }

private:
    bool ends_hold() const noexcept { return verb_ == verb::settle || verb_ == verb::release; }

    coffer::verb verb_;
    std::string_view actor_;
    bool is_sized_;
    std::string_view member_{};
    std::string_view action_{};
    std::string_view resource_{};
    signature_text text_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

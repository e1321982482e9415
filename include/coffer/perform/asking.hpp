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
    asking(coffer::verb what, const Request& r, const target& of) noexcept
        : verb_{what},
          actor_{r.actor.empty() ? of.who() : r.actor},
          is_sized_{actor_.size() <= max_actor_size && reason_of(r).size() <= max_reason_size},
          text_{actor_, reason_of(r)} {
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

    /// Whether the plan lets it happen. What ends a hold or an order was allowed when that began,
    /// and is asked only of an actor who is named, as questions are.
    /// Errors: `access_denied` about the actor.
    result<void> check_access(const compiled_plan& plan, const wallet_id& wallet) const {
        if (plan.open_to_all || (actor_.empty() && is_free_to_host())) return {};
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
    template <class Request>
    static std::string_view reason_of(const Request& r) noexcept {
        if constexpr (requires { r.reason; }) {
            return r.reason;
        } else {
            return {};
        }
    }

    bool is_free_to_host() const noexcept {
        switch (verb_) {
            case verb::settle:
            case verb::release:
            case verb::confirm:
            case verb::fail:
            case verb::see: return true;
            default: return false;
        }
    }

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

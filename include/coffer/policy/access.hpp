/// Access policies answer: may this actor do this to this wallet? They are asked before any other
/// rule.
///
/// When to use which: `access::anyone` where the host has checked already; `access::members` where
/// a wallet has members who may spend; `access::roles` where they may do more than that, each by
/// role; `access::members_if` and `access::roles_by` where a directory of your own knows who
/// belongs where; your own struct with one function for anything else.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What can be asked of a wallet: its verbs, and `see` for all questions.
enum class verb : std::uint8_t {
    charge,  ///< And `quote`.
    hold,
    settle,
    release,
    grant,
    expire_at,
    refund,
    refund_purchase,
    dispute,
    void_lot,
    buy,
    confirm,
    fail,
    start,
    change,
    add_on,
    keep,
    pause,
    unpause,
    past_due,
    paid,
    end,
    configure,
    see,  ///< The balance, the history, previews and all else that is only looked at.
};
inline constexpr std::size_t verb_count = static_cast<std::size_t>(verb::see) + 1;

constexpr std::string_view to_string(verb v) noexcept {
    switch (v) {
        case verb::charge: return "charge";
        case verb::hold: return "hold";
        case verb::settle: return "settle";
        case verb::release: return "release";
        case verb::grant: return "grant";
        case verb::expire_at: return "expire_at";
        case verb::refund: return "refund";
        case verb::refund_purchase: return "refund_purchase";
        case verb::dispute: return "dispute";
        case verb::void_lot: return "void_lot";
        case verb::buy: return "buy";
        case verb::confirm: return "confirm";
        case verb::fail: return "fail";
        case verb::start: return "start";
        case verb::change: return "change";
        case verb::add_on: return "add_on";
        case verb::keep: return "keep";
        case verb::pause: return "pause";
        case verb::unpause: return "unpause";
        case verb::past_due: return "past_due";
        case verb::paid: return "paid";
        case verb::end: return "end";
        case verb::configure: return "configure";
        case verb::see: return "see";
    }
    return "unknown";
}

/// What an access policy is asked.
struct access_question {
    std::string_view wallet{};
    coffer::verb verb = coffer::verb::charge;
    /// Who asks. Of a charge or hold that names nobody, its member; empty for the host itself.
    std::string_view actor{};
    std::string_view member{};    ///< Of a charge or hold: to whom it is attributed,
    std::string_view action{};    ///< its action
    std::string_view resource{};  ///< and its resource.
};

/// Answers whether something may be done.
template <class P>
concept access_policy = requires(const P& policy, const access_question& who) {
    { policy.allows(who) } -> std::same_as<bool>;
};

namespace access {

/// Any number of verbs.
class verbs {
public:
    constexpr verbs() noexcept = default;
    constexpr verbs(verb one) noexcept : bits_{bit_of(one)} {}
    constexpr verbs(std::initializer_list<verb> several) noexcept {
        for (verb each : several) bits_ |= bit_of(each);
    }

    constexpr bool contains(verb v) const noexcept { return (bits_ & bit_of(v)) != 0; }

    friend constexpr verbs operator|(verbs a, verbs b) noexcept { return of(a.bits_ | b.bits_); }
    /// Those of the first that are not among the second.
    friend constexpr verbs operator-(verbs a, verbs b) noexcept { return of(a.bits_ & ~b.bits_); }
    friend constexpr bool operator==(verbs, verbs) noexcept = default;

private:
    static constexpr std::uint64_t bit_of(verb v) noexcept {
        return std::uint64_t{1} << static_cast<unsigned>(v);
    }
    static constexpr verbs of(std::uint64_t bits) noexcept {
        verbs some;
        some.bits_ = bits;
        return some;
    }

    std::uint64_t bits_ = 0;
};
static_assert(verb_count <= 64);

/// Verbs that are allowed together.
enum class verb_group : std::uint8_t { spend, buy, grant, refund, configure, see };

/// Each verb is in one group.
constexpr verb_group group_of(verb v) noexcept {
    switch (v) {
        case verb::charge:
        case verb::hold:
        case verb::settle:
        case verb::release: return verb_group::spend;
        case verb::buy: return verb_group::buy;
        case verb::grant:
        case verb::expire_at:
        case verb::confirm:
        case verb::fail:
        case verb::past_due:
        case verb::paid: return verb_group::grant;
        case verb::refund:
        case verb::refund_purchase:
        case verb::dispute:
        case verb::void_lot: return verb_group::refund;
        case verb::start:
        case verb::change:
        case verb::add_on:
        case verb::keep:
        case verb::pause:
        case verb::unpause:
        case verb::end:
        case verb::configure: return verb_group::configure;
        case verb::see: return verb_group::see;
    }
    return verb_group::configure;
}

constexpr verbs verbs_of(verb_group group) noexcept {
    verbs some;
    for (std::size_t i = 0; i < verb_count; ++i) {
        if (group_of(static_cast<verb>(i)) == group) some = some | static_cast<verb>(i);
    }
    return some;
}

inline constexpr verbs spend = verbs_of(verb_group::spend);  ///< Charges and holds.
inline constexpr verbs buy = verbs_of(verb_group::buy);  ///< Orders, which are still to be paid.
/// Lots that come, and last longer; what was paid, and was not.
inline constexpr verbs grant = verbs_of(verb_group::grant);
inline constexpr verbs refund = verbs_of(verb_group::refund);  ///< What is given or taken back.
/// The subscription, its plan and what customers choose.
inline constexpr verbs configure = verbs_of(verb_group::configure);
inline constexpr verbs see = verbs_of(verb_group::see);  ///< All questions.
inline constexpr verbs everything = spend | buy | grant | refund | configure | see;

/// What the host does by itself, naming no actor: payments, failed jobs, subscriptions. Whoever
/// spends has to be named.
inline constexpr verbs of_host = everything - spend;

}  // namespace access

namespace detail {

/// Who may do what to which wallet.
class access_table {
public:
    /// An empty wallet is each of them.
    void add(std::string_view wallet, std::string_view member, access::verbs may) {
        row fresh{std::string{wallet}, std::string{member}, may};
        const auto at = std::lower_bound(rows_.begin(), rows_.end(), fresh, is_before<row>);
        rows_.insert(at, std::move(fresh));
    }

    access::verbs of(std::string_view wallet, std::string_view member) const noexcept {
        const access::verbs everywhere = exactly_of({}, member);
        return wallet.empty() ? everywhere : everywhere | exactly_of(wallet, member);
    }

private:
    struct row {
        std::string wallet;
        std::string member;
        access::verbs may;
    };
    struct name {
        std::string_view wallet;
        std::string_view member;
    };

    template <class Other>
    static bool is_before(const row& a, const Other& b) noexcept {
        const int wallets = std::string_view{a.wallet}.compare(b.wallet);
        return wallets != 0 ? wallets < 0 : std::string_view{a.member} < b.member;
    }

    access::verbs exactly_of(std::string_view wallet, std::string_view member) const noexcept {
        access::verbs may;
        const name wanted{wallet, member};
        auto at = std::lower_bound(rows_.begin(), rows_.end(), wanted, is_before<name>);
        for (; at != rows_.end() && at->wallet == wallet && at->member == member; ++at) {
            may = may | at->may;
        }
        return may;
    }

    std::vector<row> rows_;  // in the order of their names
};

inline access::verbs may_unnamed(const access_question& who, access::verbs host) noexcept {
    return who.actor.empty() ? host : access::verbs{};
}

}  // namespace detail

namespace access {

/// Everybody may do everything.
struct anyone {
    constexpr bool allows(const access_question&) const noexcept { return true; }
};

/// A member's name, as `members` takes it.
struct member_name {
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    constexpr member_name(const Text& name) noexcept : text{static_cast<std::string_view>(name)} {}

    std::string_view text;
};

/// The members of one wallet.
struct workspace {
    std::string wallet;
    std::vector<std::string> members;
};

/// The members of a wallet may spend its credits and see them. All else is done by the host, which
/// names no actor.
///
///     coffer::access::members{{"acme", {"ada", "grace"}}, {"globex", {"bob"}}}
class members {
public:
    members() = default;
    members(std::initializer_list<workspace> wallets) : members{std::vector<workspace>{wallets}} {}
    explicit members(const std::vector<workspace>& wallets) {
        for (const workspace& w : wallets) {
            for (const std::string& name : w.members) table_.add(w.wallet, name, spend | see);
        }
    }
    /// Members of every wallet.
    members(std::initializer_list<member_name> names) {
        for (const member_name& name : names) table_.add({}, name.text, spend | see);
    }

    bool allows(const access_question& who) const noexcept {
        const verbs may = table_.of(who.wallet, who.actor) | detail::may_unnamed(who, of_host);
        return may.contains(who.verb);
    }

private:
    detail::access_table table_;
};

/// As `members`, where `is_member(const access_question&)` knows who they are. It is asked of those
/// who want to spend or see, may read what changes meanwhile, and is called from any thread.
template <class IsMember>
class members_if {
public:
    explicit members_if(IsMember is_member) : is_member_{std::move(is_member)} {}

    bool allows(const access_question& who) const {
        if (detail::may_unnamed(who, of_host).contains(who.verb)) return true;
        return (spend | see).contains(who.verb) && is_member_(who);
    }

private:
    IsMember is_member_;
};

/// A role, and what it may do.
struct role {
    std::string name;
    verbs may;
};

/// A member, and the member's role.
struct member_role {
    std::string member;
    std::string role;
};

/// The members of one wallet, by role. Without a name it is every wallet.
struct role_list {
    std::string wallet;
    std::vector<member_role> members;
};

/// Each member of a wallet may do what the member's role may. The host, which names no actor, may
/// do all but spend, unless it is told otherwise.
///
///     coffer::access::roles{{{"member", access::spend | access::see}, {"owner", …}},
///                           {{"acme", {{"ada", "owner"}, {"grace", "member"}}}}}
class roles {
public:
    /// A role that is not listed may do nothing.
    roles(const std::vector<role>& known, const std::vector<role_list>& wallets,
          verbs host = of_host)
        : host_{host} {
        for (const role_list& w : wallets) {
            for (const member_role& m : w.members)
                table_.add(w.wallet, m.member, of(known, m.role));
        }
    }

    bool allows(const access_question& who) const noexcept {
        const verbs may = table_.of(who.wallet, who.actor) | detail::may_unnamed(who, host_);
        return may.contains(who.verb);
    }

    /// What a role may do.
    static verbs of(const std::vector<role>& known, std::string_view name) noexcept {
        for (const role& each : known) {
            if (each.name == name) return each.may;
        }
        return {};
    }

private:
    detail::access_table table_;
    verbs host_;
};

/// As `roles`, where `role_of(const access_question&)` says which role somebody has: an empty text
/// is none. It may read what changes meanwhile, and is called from any thread.
template <class RoleOf>
class roles_by {
public:
    roles_by(std::vector<role> known, RoleOf role_of, verbs host = of_host)
        : known_{std::move(known)}, role_of_{std::move(role_of)}, host_{host} {}

    bool allows(const access_question& who) const {
        if (detail::may_unnamed(who, host_).contains(who.verb)) return true;
        const std::string name{role_of_(who)};
        return roles::of(known_, name).contains(who.verb);
    }

private:
    std::vector<role> known_;
    RoleOf role_of_;
    verbs host_;
};

}  // namespace access
}  // namespace v0
}  // namespace coffer

/// Reads the access policy of a plan file.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/io/json_reader.hpp>
#include <coffer/ledger/signature.hpp>
#include <coffer/plan/any_policy.hpp>
#include <coffer/policy/access.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

class access_reader {
public:
    explicit access_reader(json_reader& by) noexcept : by_{by} {}

    /// "anyone", or an object with `members`, and with `roles` and `host` where they have some.
    any_access read(const json_place& at) {
        if (at.is_text()) return by_.choice<any_access>(at, {{"anyone", access::anyone{}}});
        if (!by_.object(at, {"members", "roles", "host"})) return access::members{};
        const json_place members = by_.need(at, "members");
        if (const auto p = at["roles"]) return with_roles(at, p, members);
        if (const auto p = at["host"]) by_.fail(p, "belongs to 'roles'");
        if (members && members.value->is_array()) {
            return access::members{{workspace_of({}, members)}};
        }
        std::vector<access::workspace> wallets;
        for (const auto& [wallet, p] : by_.members(members)) {
            wallets.push_back(workspace_of(wallet_named(wallet, p), p));
        }
        return access::members{wallets};
    }

private:
    any_access with_roles(const json_place& at, const json_place& roles,
                          const json_place& members) {
        std::vector<access::role> known;
        for (const auto& [name, p] : by_.members(roles)) known.push_back({name, verbs_of(p)});
        std::vector<access::role_list> wallets;
        for (const auto& [wallet, p] : by_.members(members)) {
            wallets.push_back({wallet_named(wallet, p), members_of(p, known)});
        }
        const json_place host = at["host"];
        return access::roles{known, wallets, host ? verbs_of(host) : access::of_host};
    }

    std::vector<access::member_role> members_of(const json_place& at,
                                                const std::vector<access::role>& known) {
        std::vector<access::member_role> all;
        for (const auto& [member, p] : by_.members(at)) {
            const std::string role{by_.text(p)};
            const auto is_it = [&](const access::role& r) { return r.name == role; };
            if (std::none_of(known.begin(), known.end(), is_it)) by_.fail(p, "is no role");
            if (member.empty() || member.size() > max_actor_size) {
                by_.fail(p, "a member's name has 1 to 95 bytes");
            }
            all.push_back({member, role});
        }
        return all;
    }

    access::verbs verbs_of(const json_place& at) {
        access::verbs may;
        for (const json_place& each : by_.elements(at)) {
            may = may | by_.choice<access::verbs>(each, {{"spend", access::spend},
                                                         {"buy", access::buy},
                                                         {"grant", access::grant},
                                                         {"refund", access::refund},
                                                         {"configure", access::configure},
                                                         {"see", access::see},
                                                         {"everything", access::everything}});
        }
        return may;
    }

    access::workspace workspace_of(std::string wallet, const json_place& at) {
        access::workspace w{std::move(wallet), {}};
        for (const json_place& each : by_.elements(at)) {
            w.members.emplace_back(by_.name(each, max_actor_size));
        }
        return w;
    }

    /// "*" is every wallet, which is the empty name.
    std::string wallet_named(const std::string& key, const json_place& at) {
        if (key == "*") return {};
        if (!wallet_id{key}.is_valid()) by_.fail(at, "a wallet's name has 1 to 63 bytes");
        return key;
    }

    json_reader& by_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

// Who may do what, and who asks. Only where the options ask for it.
#include "fuzz/generator.hpp"

#include <algorithm>

namespace lives {

namespace {

bool is_among(const std::string& verb, std::initializer_list<const char*> all) {
    return std::find(all.begin(), all.end(), verb) != all.end();
}

}  // namespace

/// Members of every wallet, or of some: ada is always one, zoe never.
json generator::make_members() {
    json names = json::array({"ada", "ann"});
    if (dice_.one_in(2)) names.push_back("bob");
    if (dice_.one_in(2)) names.push_back("design/ada");
    if (dice_.one_in(3)) return json{{"members", names}};
    json by_wallet{{"other", json::array({"zoe", "bob"})}};
    by_wallet[dice_.text_among({"scenario", "scenario", "*"})] = names;
    by_wallet[dice_.text_among({"scenario", "*", "elsewhere"})].push_back("sam");
    return json{{"members", by_wallet}};
}

/// Roles with groups by chance; ada owns the wallet.
json generator::make_roles() {
    const std::vector<std::string> groups{"spend", "buy", "grant", "refund", "configure", "see"};
    auto some_groups = [&] {
        json some = json::array();
        for (const std::string& group : groups) {
            if (dice_.one_in(3)) some.push_back(group);
        }
        if (dice_.one_in(20)) some.push_back("everything");
        return some;
    };
    json roles{{"owner", json::array({"everything"})},
               {"member", json::array({"spend", "see"})},
               {"support", some_groups()},
               {"clerk", some_groups()}};
    json own{{"ada", "owner"}};
    json all = json::object();
    for (const char* name : {"ann", "bob", "sam", "design/ada"}) {
        if (dice_.one_in(2)) own[name] = dice_.text_among({"member", "support", "clerk"});
        if (dice_.one_in(3)) all[name] = dice_.text_among({"member", "support", "clerk"});
    }
    json members{{"scenario", own}, {"*", all}, {"other", json{{"zoe", "owner"}}}};
    if (dice_.one_in(5)) std::swap(members["scenario"], members["*"]);
    json access{{"roles", roles}, {"members", members}};
    if (dice_.one_in(2)) access["host"] = some_groups();
    return access;
}

void generator::make_access() {
    if (!options_.access) return;
    signs_ = dice_.one_in(3);
    if (!signs_) return;
    if (dice_.one_in(4)) return;
    plan_["access"] = dice_.one_in(2) ? make_members() : make_roles();
    if (dice_.one_in(20)) plan_["access"] = "anyone";
}

/// Mostly one who may.
std::string generator::actor_for(const std::string& verb) {
    if (dice_.one_in(8)) {
        return dice_.text_among({"ada", "ann", "bob", "sam", "zoe", "design/ada", "design", ""});
    }
    const bool ends = is_among(verb, {"settle", "release", "confirm_recharge", "fail_recharge"});
    if (ends && dice_.one_in(3)) return {};
    const bool spends = is_among(verb, {"charge", "hold", "settle", "release"});
    const bool by_roles = plan_.contains("access") && plan_["access"].contains("roles");
    return spends || by_roles ? "ada" : "";
}

void generator::sign(json& step) {
    std::string verb;
    for (const auto& [key, content] : step.items()) {
        if (content.is_object()) verb = key;
    }
    if (verb == "pass" || verb == "reprice") return;
    std::string actor = actor_for(verb);
    const bool by_member = (verb == "charge" || verb == "hold") && step[verb].contains("member");
    if (by_member && dice_.one_in(2)) actor.clear();
    if (dice_.one_in(80)) actor = std::string(static_cast<std::size_t>(dice_.between(95, 96)), 'a');
    if (!actor.empty() || dice_.one_in(10)) step["actor"] = actor;
    if (dice_.one_in(6)) step["reason"] = dice_.text_among({"ticket 4711", "the job failed", ""});
    if (dice_.one_in(80)) {
        step["reason"] = std::string(static_cast<std::size_t>(dice_.between(255, 256)), 'r');
    }
}

}  // namespace lives

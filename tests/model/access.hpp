/// Who may do what in the wallet of a scenario.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>

namespace model {

/// Names of groups of verbs: spend, grant, refund, configure and so on.
using verb_groups = std::set<std::string>;

struct access_rule {
    bool allows_anyone = true;
    std::map<std::string, verb_groups> by_name;  // of those who are listed for this wallet
    verb_groups of_host;                         // who names nobody

    /// Whether a verb of a step is done for this actor, or, of a charge or hold that has none, for
    /// its member.
    bool allows(std::string const& verb, std::string const& actor, std::string const& member) const;
};

access_rule parse_access(nlohmann::json const& source);

}  // namespace model

#include "plan.hpp"

#include "plan_values.hpp"

namespace model {

namespace {

using namespace values;

std::optional<refill_rule> parse_refill(json const& source, std::string const& path) {
    if (source == "none") return {};
    check_keys(source, path, {"every", "amount", "paid"});
    refill_rule rule;
    rule.every = positive_duration_of(need(source, "every", path), path + ".every");
    rule.amount = amount_of(need(source, "amount", path), path + ".amount");
    if (source.contains("paid")) rule.paid = money_of(source["paid"], path + ".paid");
    return rule;
}

rollover_rule parse_rollover(json const& source, std::string const& path) {
    rollover_rule rule;
    if (source == "none") return rule;
    rule.kind = rollover_rule::form::all;
    if (source == "all") return rule;
    check_keys(source, path, {"all", "cap", "fraction", "cap_percent", "hops", "keeps", "trim"});
    int forms = 0;
    if (source.contains("all")) {
        ++forms;
        if (!flag_of(source["all"], path + ".all")) rule.kind = rollover_rule::form::none;
    }
    if (source.contains("cap")) {
        ++forms;
        rule.kind = rollover_rule::form::cap;
        rule.figure = amount_of(source["cap"], path + ".cap");
    }
    if (source.contains("fraction")) {
        ++forms;
        rule.kind = rollover_rule::form::fraction;
        rule.figure = figure_of(source["fraction"], path + ".fraction", rate_places);
        if (rule.figure > 1'000'000'000'000) invalid(path + ".fraction", "above one");
    }
    if (source.contains("cap_percent")) {
        ++forms;
        rule.kind = rollover_rule::form::cap_percent;
        rule.figure = amount_of(source["cap_percent"], path + ".cap_percent");
    }
    if (forms != 1) invalid(path, "needs one of all, cap, fraction, cap_percent");
    if (source.contains("hops")) rule.hops = count_of(source["hops"], path + ".hops");
    if (source.contains("keeps")) rule.keeps = duration_of(source["keeps"], path + ".keeps");
    if (source.contains("trim")) {
        rule.trims_oldest =
            one_of<bool>(source["trim"], path + ".trim", {{"oldest", true}, {"newest", false}});
    }
    return rule;
}

expiry_rule parse_expiry(json const& source, std::string const& path) {
    using form = expiry_rule::form;
    if (source.is_string()) {
        return {
            one_of<form>(source, path, {{"never", form::never}, {"period_end", form::period_end}}),
            {}};
    }
    check_keys(source, path, {"after"});
    return {form::after, positive_duration_of(need(source, "after", path), path + ".after")};
}

refund_rule parse_refund(json const& source, std::string const& path) {
    using form = refund_rule::form;
    refund_rule rule;
    if (source.is_string()) {
        rule.kind = one_of<form>(source, path, {{"none", form::none}, {"full", form::full}});
        return rule;
    }
    check_keys(source, path, {"within", "basis", "first_purchase_only"});
    rule.kind = form::unspent;
    if (source.contains("within")) rule.within = duration_of(source["within"], path + ".within");
    if (source.contains("basis")) {
        rule.kind = one_of<form>(source["basis"], path + ".basis",
                                 {{"full", form::full}, {"unspent", form::unspent}});
    }
    if (source.contains("first_purchase_only")) {
        rule.first_purchase_only =
            flag_of(source["first_purchase_only"], path + ".first_purchase_only");
    }
    return rule;
}

std::optional<duration> parse_restore(json const& source, std::string const& path) {
    if (source == "forfeit") return {};
    check_keys(source, path, {"regrant"});
    return positive_duration_of(need(source, "regrant", path), path + ".regrant");
}

std::vector<std::string> parse_only(json const& source, std::string const& path) {
    if (!source.is_array()) invalid(path, "not a list");
    std::vector<std::string> names;
    for (auto const& name : source) names.push_back(text_of(name, path));
    return names;
}

bucket_rules parse_bucket(json const& source, std::string const& path) {
    check_keys(source, path, {"name", "refill", "rollover", "expiry", "refund", "restore", "only"});
    bucket_rules rules;
    rules.name = text_of(need(source, "name", path), path + ".name");
    auto given = [&](char const* key) { return source.contains(key); };
    if (given("refill")) rules.refill = parse_refill(source["refill"], path + ".refill");
    if (given("rollover")) rules.rollover = parse_rollover(source["rollover"], path + ".rollover");
    if (given("expiry")) rules.expiry = parse_expiry(source["expiry"], path + ".expiry");
    if (given("refund")) rules.refund = parse_refund(source["refund"], path + ".refund");
    if (given("restore")) rules.regrant = parse_restore(source["restore"], path + ".restore");
    if (given("only")) rules.only = parse_only(source["only"], path + ".only");
    return rules;
}

std::vector<bucket_rules> parse_buckets(json const& source, std::string const& path) {
    if (!source.is_array()) invalid(path, "not a list");
    std::vector<bucket_rules> buckets;
    for (std::size_t i = 0; i < source.size(); ++i) {
        std::string own = path + "[" + std::to_string(i) + "]";
        buckets.push_back(parse_bucket(source[i], own));
        for (std::size_t other = 0; other < i; ++other) {
            if (buckets[other].name == buckets[i].name) invalid(own + ".name", "used twice");
        }
    }
    return buckets;
}

std::vector<tier> parse_tiers(json const& source, std::string const& path) {
    if (!source.is_array() || source.empty()) invalid(path, "not a list of tiers");
    std::vector<tier> tiers;
    for (std::size_t i = 0; i < source.size(); ++i) {
        std::string own = path + "[" + std::to_string(i) + "]";
        json const& stated = source[i];
        check_keys(stated, own, {"up_to", "rate", "flat"});
        tier t;
        if (stated.contains("up_to")) t.up_to = positive_of(stated["up_to"], own + ".up_to");
        if (stated.contains("rate")) t.rate = figure_of(stated["rate"], own + ".rate", rate_places);
        if (stated.contains("flat")) t.flat = amount_of(stated["flat"], own + ".flat");
        if (t.up_to.has_value() == (i + 1 == source.size())) {
            invalid(own + ".up_to", "every tier but the last needs it");
        }
        if (i > 0 && t.up_to && *t.up_to <= *tiers.back().up_to) {
            invalid(own + ".up_to", "must rise");
        }
        tiers.push_back(t);
    }
    return tiers;
}

/// "1 minute", "1000 tokens" or "minute".
wide parse_per(json const& source, std::string const& path) {
    std::string text = text_of(source, path);
    auto space = text.find(' ');
    if (space == std::string::npos) {
        if (text.empty() || (text[0] >= '0' && text[0] <= '9')) invalid(path, "names no unit");
        return 1'000'000;
    }
    return positive_of(text.substr(0, space), path);
}

void parse_rate(price& rule, json const& source, std::string const& path) {
    check_keys(source, path,
               {"rate", "per", "minimum", "minimum_if_used", "increment", "rounding", "places",
                "category"});
    rule.kind = price::form::rate;
    rule.rate = figure_of(source["rate"], path + ".rate", rate_places);
    if (source.contains("per")) rule.per = parse_per(source["per"], path + ".per");
    if (source.contains("minimum")) rule.minimum = amount_of(source["minimum"], path + ".minimum");
    if (source.contains("minimum_if_used")) {
        rule.minimum_if_used = amount_of(source["minimum_if_used"], path + ".minimum_if_used");
    }
    if (source.contains("increment")) {
        rule.increment = positive_of(source["increment"], path + ".increment");
    }
    if (source.contains("rounding")) {
        rule.mode = one_of<rounding>(source["rounding"], path + ".rounding",
                                     {{"up", rounding::up},
                                      {"down", rounding::down},
                                      {"half_up", rounding::half_up},
                                      {"half_even", rounding::half_even}});
    }
    if (source.contains("places")) {
        std::int64_t places = count_of(source["places"], path + ".places");
        if (places > amount_places) invalid(path + ".places", "at most six");
        rule.places = static_cast<int>(places);
    }
}

void parse_range(price& rule, json const& source, std::string const& path) {
    check_keys(source, path, {"range", "category"});
    json const& range = source["range"];
    if (!range.is_array() || range.size() != 2) invalid(path + ".range", "not [LOW, HIGH]");
    rule.kind = price::form::range;
    rule.low = amount_of(range[0], path + ".range[0]");
    rule.high = amount_of(range[1], path + ".range[1]");
    if (rule.low > rule.high) invalid(path + ".range", "LOW is above HIGH");
}

void parse_rates(price& rule, json const& source, std::string const& path) {
    check_keys(source, path, {"rates", "category"});
    json const& rates = source["rates"];
    if (!rates.is_object()) invalid(path + ".rates", "not an object");
    rule.kind = price::form::rates;
    for (auto const& item : rates.items()) {
        if (!is_token_kind(item.key())) invalid(path + ".rates." + item.key(), "unknown key");
        rule.rates[item.key()] =
            figure_of(item.value(), path + ".rates." + item.key(), rate_places);
    }
}

void parse_package(price& rule, json const& source, std::string const& path) {
    check_keys(source, path, {"package", "category"});
    json const& package = source["package"];
    std::string own = path + ".package";
    check_keys(package, own, {"size", "price", "free"});
    rule.kind = price::form::package;
    rule.size = positive_of(need(package, "size", own), own + ".size");
    rule.flat = amount_of(need(package, "price", own), own + ".price");
    if (package.contains("free")) rule.free = amount_of(package["free"], own + ".free");
}

price parse_price(json const& source, std::string const& path) {
    price rule;
    if (source.is_string()) {
        rule.flat = amount_of(source, path);
        return rule;
    }
    if (!source.is_object()) invalid(path, "not a price");
    if (source.contains("category")) {
        rule.category = text_of(source["category"], path + ".category");
    }
    if (source.contains("rate")) {
        parse_rate(rule, source, path);
    } else if (source.contains("range")) {
        parse_range(rule, source, path);
    } else if (source.contains("rates")) {
        parse_rates(rule, source, path);
    } else if (source.contains("package")) {
        parse_package(rule, source, path);
    } else if (source.contains("graduated")) {
        check_keys(source, path, {"graduated", "category"});
        rule.kind = price::form::graduated;
        rule.tiers = parse_tiers(source["graduated"], path + ".graduated");
    } else if (source.contains("volume")) {
        check_keys(source, path, {"volume", "category"});
        rule.kind = price::form::volume;
        rule.tiers = parse_tiers(source["volume"], path + ".volume");
    } else {
        check_keys(source, path, {"price", "category"});
        rule.flat = amount_of(need(source, "price", path), path + ".price");
    }
    return rule;
}

std::vector<spend_key> parse_spend_order(json const& source, std::string const& path) {
    if (!source.is_array()) invalid(path, "not a list");
    std::vector<spend_key> keys;
    for (auto const& key : source) {
        keys.push_back(one_of<spend_key>(key, path,
                                         {{"bucket", spend_key::bucket},
                                          {"priority", spend_key::priority},
                                          {"expiry", spend_key::expiry},
                                          {"paid_last", spend_key::paid_last},
                                          {"cost_basis", spend_key::cost_basis},
                                          {"effective", spend_key::effective},
                                          {"newest", spend_key::newest},
                                          {"id", spend_key::id}}));
    }
    return keys;
}

overdraft_rule parse_overdraft(json const& source, std::string const& path) {
    using form = overdraft_rule::form;
    overdraft_rule rule;
    if (source == "bill_later") {
        rule.later.emplace();
        return rule;
    }
    if (source.is_string()) {
        rule.kind = one_of<form>(source, path,
                                 {{"deny", form::deny}, {"take_available", form::take_available}});
        return rule;
    }
    if (source.is_object() && source.contains("bill_later")) {
        check_keys(source, path, {"bill_later"});
        rule.later = parse_bill_later(source["bill_later"]);
        return rule;
    }
    check_keys(source, path, {"limit", "partial"});
    rule.kind = form::limit;
    rule.limit = amount_of(need(source, "limit", path), path + ".limit");
    if (source.contains("partial")) rule.partial = flag_of(source["partial"], path + ".partial");
    return rule;
}

}  // namespace

std::optional<std::size_t> plan::first_refilling() const {
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        if (buckets[i].refill) return i;
    }
    return {};
}

bool is_path(std::string const& text) {
    bool begins = true;  // a segment
    for (char c : text) {
        if (static_cast<unsigned char>(c) < 32 || c == 127 || (begins && c == '/')) return false;
        begins = c == '/';
    }
    return !begins;
}

bool lies_below(std::string const& path, std::string const& upper) {
    if (path.compare(0, upper.size(), upper) != 0) return false;
    return path.size() == upper.size() || path[upper.size()] == '/';
}

price_list parse_costs(json const& source, std::string const& path) {
    if (!source.is_object()) invalid(path, "not an object");
    price_list prices;
    for (auto const& item : source.items()) {
        prices[item.key()] = parse_price(item.value(), path + "." + item.key());
    }
    return prices;
}

plan parse_plan(json const& source) {
    check_keys(source, "plan",
               {"zone", "buckets", "costs", "spend_order", "overdraft", "debt_at_reset", "refusals",
                "late", "clawback", "unit", "alerts", "limits", "unnamed", "recharge", "choices",
                "revision", "catalogue", "access"});
    auto given = [&](char const* key) { return source.contains(key); };
    plan p;
    std::string zone_name = given("zone") ? text_of(source["zone"], "plan.zone") : "UTC";
    p.in = zone::find(zone_name);
    if (p.in == nullptr) invalid("plan.zone", "unknown zone " + zone_name);
    if (given("buckets")) p.buckets = parse_buckets(source["buckets"], "plan.buckets");
    if (given("costs")) p.costs = parse_costs(source["costs"], "plan.costs");
    using key = spend_key;
    p.spend_order = {key::bucket,     key::priority,  key::expiry,
                     key::cost_basis, key::effective, key::id};
    if (given("spend_order")) {
        p.spend_order = parse_spend_order(source["spend_order"], "plan.spend_order");
    }
    if (given("overdraft")) p.overdraft = parse_overdraft(source["overdraft"], "plan.overdraft");
    if (given("debt_at_reset")) {
        p.drops_debt = one_of<bool>(source["debt_at_reset"], "plan.debt_at_reset",
                                    {{"keep", false}, {"drop", true}});
    }
    if (given("refusals")) {
        p.sticky =
            one_of<bool>(source["refusals"], "plan.refusals", {{"retry", false}, {"sticky", true}});
    }
    if (given("late")) p.late = duration_of(source["late"], "plan.late");
    if (given("clawback")) {
        p.shortfall = one_of<clawback>(source["clawback"], "plan.clawback",
                                       {{"refuse", clawback::refuse},
                                        {"clamp", clawback::clamp},
                                        {"negative", clawback::negative}});
    }
    if (given("unit")) text_of(source["unit"], "plan.unit");
    if (given("alerts")) {
        p.alerts = parse_alerts(source["alerts"], "plan.alerts", p.buckets, figures{});
    }
    if (given("limits")) p.limits = parse_limits(source["limits"], "plan.limits", figures{});
    if (given("unnamed")) {
        p.refuses_unnamed =
            one_of<bool>(source["unnamed"], "plan.unnamed", {{"pass", false}, {"refuse", true}});
    }
    if (given("catalogue")) p.catalogue = parse_catalogue(source["catalogue"], p.buckets);
    if (given("recharge")) p.recharge = parse_recharge(source["recharge"], p);
    if (given("choices")) p.choices = parse_choices(source["choices"], p);
    if (given("revision")) count_of(source["revision"], "plan.revision");
    if (given("access")) p.access = parse_access(source["access"]);
    return p;
}

}  // namespace model

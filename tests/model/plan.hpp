/// The plan of a scenario, read and checked.
#pragma once

#include "access.hpp"
#include "bill.hpp"
#include "model.hpp"
#include "prices.hpp"
#include "time.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace model {

/// Some of the buckets, by their positions.
using bucket_set = std::vector<bool>;

struct refill_rule {
    duration every;
    wide amount = 0;
    std::optional<money> paid;
};

struct rollover_rule {
    enum class form { none, all, cap, fraction, cap_percent };
    form kind = form::none;
    wide figure = 0;  // cap in millionths, fraction and percent in 10^-12
    std::optional<std::int64_t> hops;
    std::optional<duration> keeps;
    bool trims_oldest = true;
};

struct expiry_rule {
    enum class form { never, period_end, after };
    form kind = form::never;
    duration after;
};

struct refund_rule {
    enum class form { none, full, unspent };
    form kind = form::none;
    std::optional<duration> within;
    bool first_purchase_only = false;
};

struct bucket_rules {
    std::string name;
    std::optional<refill_rule> refill;
    rollover_rule rollover;
    expiry_rule expiry;
    refund_rule refund;
    std::optional<duration> regrant;  // without it what comes back to an ended lot is forfeited
    std::optional<std::vector<std::string>> only;
};

enum class spend_key { bucket, priority, expiry, paid_last, cost_basis, effective, newest, id };

struct overdraft_rule {
    enum class form { deny, take_available, limit };
    form kind = form::deny;
    wide limit = 0;
    bool partial = false;
    std::optional<bill_later_rule> later;
};

enum class clawback { refuse, clamp, negative };

struct alert_rule {
    std::string name;
    bool is_percent = false;
    wide level = 0;  // millionths of a credit or of a percent
    bool once_per_period = false;
    bucket_set of;
};

enum class label { member, action, resource, tag };
enum class window { draw, day, week, period, ever };

struct limit_rule {
    std::map<label, std::string> paths;  // "*": each value by itself; of a budget none
    window per = window::ever;
    wide amount = 0;
    bool warns = false;

    /// Whether what the one counted goes on for the other.
    bool counts_like(limit_rule const& other) const {
        return paths == other.paths && per == other.per;
    }
};

/// A pack that is sold.
struct offer {
    std::string name;
    wide credits = 0;
    money price;
    std::size_t into = 0;
};

struct recharge_rule {
    wide threshold = 0;
    bool is_of_packs = false;  // so many of an offer at once as close the gap
    wide amount = 0;
    bool is_to_target = false;
    std::size_t bucket = 0;
    money price;
    bool is_per_credit = false;
    std::optional<money> monthly_limit;
    std::optional<std::int64_t> max_per_month;
    std::optional<wide> multiple_of;
    bucket_set of;

    void buy(offer const& pack);
};

/// How a customer has credits bought; what is left out is the plan's.
struct recharge_setting {
    bool is_on = true;
    std::optional<std::string> offer;
    std::optional<wide> threshold;
    std::optional<money> monthly_limit;
};

/// What was chosen; a member without a value was not.
struct settings {
    std::optional<std::vector<alert_rule>> alerts;
    std::optional<std::vector<limit_rule>> limits;
    std::optional<std::optional<limit_rule>> budget;
    std::optional<recharge_setting> recharge;
};

/// What customers may choose, and what holds for those who have not.
struct choice_rules {
    std::size_t alerts = 0;
    std::size_t limits = 0;
    bool budget = false;
    bool recharge = false;
    std::vector<std::string> offers;
    std::optional<wide> most_threshold;
    std::optional<money> most_monthly;
    settings defaults;
};

struct plan {
    zone const* in = nullptr;
    std::vector<bucket_rules> buckets;
    price_list costs;
    std::vector<spend_key> spend_order;
    overdraft_rule overdraft;
    bool drops_debt = false;
    bool sticky = false;
    duration late;
    clawback shortfall = clawback::clamp;
    std::vector<alert_rule> alerts;
    std::vector<limit_rule> limits;
    bool refuses_unnamed = false;
    std::vector<offer> catalogue;
    std::optional<recharge_rule> recharge;
    choice_rules choices;
    access_rule access;

    offer const* find_offer(std::string const& name) const;

    /// The bucket whose periods are the account's, if one refills.
    std::optional<std::size_t> first_refilling() const;
};

namespace values {
class figures;
}

plan parse_plan(nlohmann::json const& source);
price_list parse_costs(nlohmann::json const& source, std::string const& path);
std::vector<alert_rule> parse_alerts(nlohmann::json const& source, std::string const& path,
                                     std::vector<bucket_rules> const& buckets,
                                     values::figures const& read);
std::vector<limit_rule> parse_limits(nlohmann::json const& source, std::string const& path,
                                     values::figures const& read);
std::vector<offer> parse_catalogue(nlohmann::json const& source,
                                   std::vector<bucket_rules> const& buckets);
/// The plan's buckets and catalogue have been read.
recharge_rule parse_recharge(nlohmann::json const& source, plan const& of);

/// What customers may choose: the plan's own lists have been read.
choice_rules parse_choices(nlohmann::json const& source, plan const& of);
/// What is chosen, by the keys alerts, limits, budget and recharge.
settings parse_settings(nlohmann::json const& source, std::string const& path,
                        std::vector<bucket_rules> const& buckets, values::figures const& read);

/// Whether a text is segments between slashes, none of them empty and without control characters.
bool is_path(std::string const& text);
/// Whether a path is `upper` or lies below it, by whole segments.
bool lies_below(std::string const& path, std::string const& upper);

}  // namespace model

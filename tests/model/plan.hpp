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
    label key = label::member;
    std::string path;  // "*": each value by itself
    window per = window::ever;
    wide amount = 0;
    bool warns = false;

    bool is_of_each() const { return path == "*"; }
};

struct recharge_rule {
    wide threshold = 0;
    wide amount = 0;
    bool is_to_target = false;
    std::size_t bucket = 0;
    money price;
    bool is_per_credit = false;
    std::optional<wide> monthly_limit;  // minor units of the price's currency
    std::optional<std::int64_t> max_per_month;
    std::optional<wide> multiple_of;
    bucket_set of;
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
    std::optional<recharge_rule> recharge;
    access_rule access;

    /// The bucket whose periods are the account's, if one refills.
    std::optional<std::size_t> first_refilling() const;
};

plan parse_plan(nlohmann::json const& source);
price_list parse_costs(nlohmann::json const& source, std::string const& path);
std::vector<alert_rule> parse_alerts(nlohmann::json const& source,
                                     std::vector<bucket_rules> const& buckets);
std::vector<limit_rule> parse_limits(nlohmann::json const& source);
recharge_rule parse_recharge(nlohmann::json const& source,
                             std::vector<bucket_rules> const& buckets);

/// Whether a path is `upper` or lies below it, by whole segments.
bool lies_below(std::string const& path, std::string const& upper);

}  // namespace model

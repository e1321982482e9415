/// Random scenarios: a plan and the steps of a life, as the JSON of a scenario file. Swarm style:
/// each life has only some of the features, so that rare ones meet each other often.
#pragma once

#include "support/dice.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace lives {

using json = nlohmann::ordered_json;

class dice : public coffer_test::fair_dice {
public:
    using fair_dice::fair_dice;

    std::string text_among(std::initializer_list<const char*> all) { return of(all); }
};

struct options {
    bool alerts = false;
    bool limits = false;
    bool changes = false;  ///< Of plan; pauses.
    bool recharge = false;
    bool add_ons = false;
    bool trials = false;
    bool choices = false;  ///< Of customers.
    bool bills = false;    ///< What goes beyond the credits.
    bool access = false;   ///< Rules of it, and actors.
    bool reprices = false;
};

inline constexpr options everything{.alerts = true,
                                    .limits = true,
                                    .changes = true,
                                    .recharge = true,
                                    .add_ons = true,
                                    .trials = true,
                                    .choices = true,
                                    .bills = true,
                                    .access = true,
                                    .reprices = true};

class generator {
public:
    explicit generator(std::uint64_t seed, options wanted = {});

    const json& plan() const { return plan_; }
    /// The next step, seeing the lots and the period that there are. Its instant never lies before
    /// the last one.
    json next(const json& seen);

private:
    struct known_spend {
        std::string id;
        std::string action;
    };

    struct open_hold {
        std::string id;
        std::int64_t reserved = 0;  ///< Whole credits of it, and of what it tolerates.
        std::int64_t tolerance = 0;
    };

    void make_plan();
    json make_bucket(const std::string& name, bool refills);
    void make_costs();
    json some_costs();
    json make_tiers();

    // generator_settings.cpp
    void make_catalogue();
    void make_choices();
    bool may_recharge() const;
    json make_defaults();
    json own_alerts(std::int64_t most);
    json own_limits(std::int64_t most);
    json own_budget();
    json own_recharge();
    void add_nonsense(json& content);
    void narrow(json& limit);
    json configure();
    bool has_own_alert(const std::string& name) const;
    // generator_billing.cpp
    void make_bill_later();
    json beyond_credits();

    // generator_access.cpp
    void make_access();
    json make_members();
    json make_roles();
    void sign(json& step);
    std::string actor_for(const std::string& verb);

    // generator_prices.cpp
    void make_prices_change();
    json reprice();
    json settle_by_usage();
    json hold_by_action();
    json of_prices();

    // generator_guards.cpp
    void make_guards();
    bool counts_per_period() const;
    bool starts_another_plan() const;
    json make_alerts();
    json make_limits();
    json make_recharge();
    std::vector<std::string> buckets_to_buy_into() const;
    json some_buckets();
    std::string label(const char* key);
    void add_labels(json& content);
    void learn(const json& seen);
    json settle_opened();
    json guard_verb();
    json change_of_plan();
    json add_on();
    void maybe_try(json& start);
    json news_of_recharge();
    json state_of_subscription();

    json unsigned_next(const json& seen);
    void pass_time();
    void expect_at(std::int64_t when);
    std::int64_t some_instant(std::int64_t first_day, std::int64_t last_day);
    std::string some_expiry(std::int64_t first_day, std::int64_t last_day);
    json some_verb(const json& lot_names);
    json spend(bool hold);
    json settle();
    json repeat(json told);
    const std::string& some_hold();
    json refund();
    json grant();
    json purchase(const json& lot_names);
    json change_lot(const json& lot_names);

    std::string amount(std::int64_t most, bool with_zero = true);
    std::string some_lot(const json& lot_names);
    std::string fresh_id(const char* prefix);
    void maybe_id(json& content, const char* prefix);
    std::string instant(std::int64_t seconds) const;

    dice dice_;
    options options_;
    json plan_;
    std::vector<std::string> buckets_;
    std::vector<std::string> actions_;
    std::vector<std::string> holds_;
    std::vector<open_hold> opened_;  ///< Of these, not yet settled; only with guards.
    std::vector<known_spend> spends_;
    std::vector<std::string> bought_;
    std::vector<json> past_;
    std::vector<json> openings_;     ///< Of holds, to be opened anew.
    std::vector<std::int64_t> due_;  ///< Instants to come at which something happens.
    std::int64_t now_;
    std::int64_t late_ = 0;
    std::int64_t longest_ = 70 * 24 * 3'600;  ///< That passes at once: shorter, the more refills.
    std::uint32_t ids_ = 0;
    std::int64_t fine_ = 1;    ///< One in so many amounts has decimals.
    bool subscribed_ = false;  ///< A period runs, as far as was seen.
    bool paused_ = false;
    bool changed_ = false;
    bool ended_ = false;
    bool begun_ = false;        ///< A step was told.
    bool own_periods_ = false;  ///< Customers' limits may count by periods.
    bool bills_ = false;
    std::vector<std::string> charged_;  ///< Beyond the credits, if all went well.
    bool signs_ = false;                ///< Some steps say who asks, or why.
    std::int64_t reprices_ = 0;         ///< One in so many steps brings other prices; 0: none.
    bool bursts_ = false;               ///< Many lists in a row, so that some are forgotten.
    std::int64_t burst_ = 0;            ///< So many are still to come.
    std::vector<json> lists_;           ///< Prices of before.
    bool rolls_ = false;  ///< A life of short periods, in which much rolls over and little happens.
};

}  // namespace lives

/// What the ledger knows of a plan: plain data, and the few questions that only the plan's own code
/// can answer. The ledger decides by these; what a plan looks like in a program is no matter here.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/settings.hpp>
#include <coffer/ledger/subscription.hpp>
#include <coffer/ledger/watch.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// The allowance of a period that ends.
struct ended_allowance {
    credits unused{};   ///< The sum of what may still roll.
    credits granted{};  ///< The period's highest allowance.
    coffer::period period{};
};

/// Which lots lose what is not carried.
enum class trim : std::uint8_t { oldest, newest };

constexpr std::string_view to_string(trim which) noexcept {
    switch (which) {
        case trim::oldest: return "oldest";
        case trim::newest: return "newest";
    }
    return "unknown";
}

/// How often and how long credits roll. Each ready-made model has them as `terms`; a host's own
/// model may.
struct rollover_terms {
    static constexpr std::uint16_t any_number = std::numeric_limits<std::uint16_t>::max();

    std::uint16_t hops = any_number;  ///< What has rolled so often does not roll again.
    timespan keeps{};                 ///< From the first roll; zero for no bound.
    coffer::trim trim = coffer::trim::oldest;

    friend constexpr bool operator==(const rollover_terms&, const rollover_terms&) = default;
};

/// A lot that is about to be made.
struct lot_birth {
    instant effective{};
    std::optional<period> running{};  ///< The bucket's period in which it becomes effective.
    zone where{};
};

/// The end of a lot's life.
struct lifetime {
    instant until = never;
    bool with_period =
        false;  ///< It ends because its period does; an allowance may then roll over.

    static constexpr lifetime unlimited() noexcept { return {}; }
    static constexpr lifetime ends_at(instant end) noexcept { return {.until = end}; }
    static constexpr lifetime ends_with(const period& running) noexcept {
        return {.until = running.until, .with_period = true};
    }
};

/// A purchase that is to be refunded.
struct purchase {
    money paid{};
    money refunded{};  ///< Of what was paid, before.
    credits granted{};
    credits unspent{};  ///< Its available rest.
    instant bought{};
    instant now{};
    bool first = true;  ///< The bucket's first paid lot.
    zone where{};
};

/// A lot in question, with the place of its bucket in the plan; one that the plan does not have
/// comes after all others.
struct burn_candidate {
    const lot& what;
    std::uint32_t bucket_rank = 0;
};

/// The buckets that an operation may draw on: all but some.
struct bucket_filter {
    detail::inline_vector<bucket_id, 8> except{};

    bool everything() const noexcept { return except.empty(); }
    bool allows(bucket_id bucket) const noexcept {
        return everything() || std::find(except.begin(), except.end(), bucket) == except.end();
    }
};

/// How far a charge may go beyond the credits that are there.
struct overdraft_terms {
    credits limit{};       ///< The most that the wallet may owe in all.
    bool partial = false;  ///< Takes what fits, where not all does.
    bool bills = false;    ///< What charges owe at the end of the account's period is invoiced.
    money price{};         ///< Of `per` credits on an invoice; none where the host prices them.
    credits per{};

    /// Whether it keeps the contract.
    constexpr bool is_sound() const noexcept {
        const bool priced = price.has_currency();
        return !limit.is_negative() && !price.is_negative() && (!priced || per.is_positive());
    }

    friend constexpr bool operator==(const overdraft_terms&, const overdraft_terms&) = default;
};

/// What becomes of spent credits that are to be taken back.
enum class shortfall : std::uint8_t {
    refused,      ///< The claw-back is `refund_exceeds`.
    uncollected,  ///< It is recorded, and never repaid.
    owed,         ///< It becomes debt.
};

/// What is known of a bucket without asking its policies.
struct bucket_terms {
    bucket_id bucket{};
    timespan cadence{};  ///< How long its periods are; zero for a bucket that does not refill.
    money price{};       ///< Of one period's allowance.
    rollover_terms rollover{};
    timespan grace{};  ///< For how long refunded credits of an ended lot are granted anew.
    bool returns_spent = false;  ///< Its refunds give back the money of what was spent, too.
};

/// A plan as the ledger sees it. What was asked once stands in it as data; the questions are about
/// plain values, change nothing, and are answered by the policies of the plan.
class plan_terms {
public:
    plan_terms(const plan_terms&) = delete;
    plan_terms& operator=(const plan_terms&) = delete;

    std::vector<bucket_terms> buckets{};  ///< In burn order.
    overdraft_terms overdraft{};
    shortfall of_spent = shortfall::uncollected;  ///< What claw-backs do with spent credits.
    bool drops_debt = false;                      ///< Debt ends with the account's period.
    bool refusals_stick = false;                  ///< A refusal for lack of credit is for good.
    coffer::zone zone{};                          ///< Of the calendar where a start names none.
    std::uint64_t burn = 0;                       ///< Identifies the burn order.
    /// Identifies all that an account follows: the same with the alerts, the limits, the recharge
    /// and the rules of choices.
    std::uint64_t order = 0;
    std::vector<alert_terms> alerts{};
    std::vector<limit_terms> limits{};
    bool refuses_unnamed = false;       ///< A limit on members refuses what names none.
    upgrade how = upgrade::difference;  ///< How upgrades to it are made, where none is said.
    timespan payment_grace{};           ///< Past due for so long, it is paused; zero for never.
    bool locks_when_ended = false;      ///< What was bought can then not be spent.
    std::optional<recharge_terms> recharge{};  ///< When it buys by itself.
    choice_rules choices{};                    ///< What customers may choose.
    std::uint32_t revision = 0;  ///< Of two programs, the one with the higher one is followed.
    std::uint64_t rules = 0;  ///< Identifies `choices` and `revision`, and with one the recharge.

    // Each about the bucket of that place in `buckets`.
    virtual credits allowance(std::size_t bucket, const period& begun) const = 0;
    virtual credits carry(std::size_t bucket, const ended_allowance& ended) const = 0;
    virtual result<lifetime> life(std::size_t bucket, const lot_birth& born) const = 0;
    virtual result<money> worth(std::size_t bucket, const purchase& bought) const = 0;

    virtual bool before(const burn_candidate& a, const burn_candidate& b) const = 0;
    /// The buckets that an action may draw on.
    virtual bucket_filter filter(std::string_view action) const = 0;

    /// The place of a bucket in burn order; that of none for a bucket that the plan does not have.
    std::size_t rank(bucket_id bucket) const noexcept {
        auto at = std::find_if(buckets.begin(), buckets.end(),
                               [&](const bucket_terms& b) { return b.bucket == bucket; });
        return static_cast<std::size_t>(at - buckets.begin());
    }
    /// The place of a bucket by its name, which need not be one of the plan's.
    std::optional<std::size_t> find(std::string_view name) const noexcept {
        return find(bucket_id::find(name));
    }
    std::optional<std::size_t> find(bucket_id bucket) const noexcept {
        const std::size_t at = rank(bucket);
        return bucket && at < buckets.size() ? std::optional{at} : std::nullopt;
    }
    /// The same for a bucket that refills.
    std::optional<std::size_t> find_refill(bucket_id bucket) const noexcept {
        const std::optional<std::size_t> at = find(bucket);
        return at && !buckets[*at].cadence.is_zero() ? at : std::nullopt;
    }

    /// The bucket whose periods are the account's own: the first one that refills; none without.
    bucket_id account_bucket() const noexcept {
        for (const bucket_terms& b : buckets) {
            if (!b.cadence.is_zero()) return b.bucket;
        }
        return {};
    }
    /// How long the account's periods are; months where no bucket refills.
    timespan account_cadence() const noexcept {
        for (const bucket_terms& b : buckets) {
            if (!b.cadence.is_zero()) return b.cadence;
        }
        return months{1};
    }

    /// Looks up what an offer brings; it stays as it is where the plan does not sell that.
    virtual recharge_terms with_offer(recharge_terms t) const { return t; }

protected:
    plan_terms() = default;
    ~plan_terms() = default;
};

/// Where the plans are found that an account names beside the one by which it is decided.
class plan_shelf {
public:
    plan_shelf() = default;
    plan_shelf(const plan_shelf&) = delete;
    plan_shelf& operator=(const plan_shelf&) = delete;

    /// The plan of that id, kept as long as this lives. Errors: `unknown_plan` about the id.
    virtual result<const plan_terms*> find(std::string_view id) = 0;
    /// Looks up what an offer brings to accounts of which that is the plan's id.
    virtual recharge_terms with_offer(const plan_terms& plan, recharge_terms t,
                                      std::string_view id) const = 0;

protected:
    ~plan_shelf() = default;
};

}  // namespace v0
}  // namespace coffer

/// What a caller says to a wallet: one struct per verb, written with designated initialisers. Each
/// has `.at`, when it happened (default: the clock), and `.request`, the idempotency key; `.actor`
/// and `.reason` say who asks and why, which the journal keeps.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/hash.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/debt.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/ledger/signature.hpp>
#include <coffer/ledger/subscription.hpp>
#include <coffer/ledger/usage.hpp>
#include <coffer/perform/given.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// The longest action, member and resource.
inline constexpr std::size_t max_action_size = 63;
inline constexpr std::size_t max_label_size = 95;

/// What a trial ends in: a plan by its id, the plan that the wallet has then, or nothing.
class after_trial {
public:
    constexpr after_trial() noexcept = default;
    constexpr after_trial(std::string_view plan) noexcept : plan_{plan}, said_{true}, on_{true} {}
    constexpr after_trial(const char* plan) noexcept : after_trial{std::string_view{plan}} {}
    /// Nothing is refilled after it.
    static constexpr after_trial nothing() noexcept {
        after_trial then;
        then.said_ = true;
        return then;
    }
    /// The plan that the wallet has.
    static constexpr after_trial same_plan() noexcept {
        after_trial then = nothing();
        then.on_ = true;
        return then;
    }

    constexpr bool is_said() const noexcept { return said_; }
    constexpr bool goes_on() const noexcept { return on_; }
    /// Empty for the plan that the wallet has.
    constexpr std::string_view plan() const noexcept { return plan_; }

private:
    std::string_view plan_{};
    bool said_ = false;
    bool on_ = false;
};

/// Begins the subscription, or begins it anew from another anchor.
struct start_request {
    given<instant> anchor{};       ///< Where periods are counted from; default: now.
    given<coffer::zone> zone{};    ///< Of the anchor's local time of day; default: the plan's.
    stated<money> paid{};          ///< The price of the first refilled lot.
    std::string_view plan{};       ///< Of several, the plan to begin with; default: as it is.
    given<instant> trial_until{};  ///< It is a trial up to then,
    after_trial then{};            ///< which has to say what it ends in.
    std::string_view actor{};      ///< Who asks; at most 95 bytes.
    std::string_view reason{};     ///< Why; at most 255 bytes.
    given<instant> at{};
    request_id request{};
};

/// When a change begins.
enum class at : std::uint8_t {
    once,        ///< Now; what becomes less waits for the period's end all the same.
    period_end,  ///< All of it at the period's end.
};

/// Lets a wallet go over to another plan of a set or a book.
struct change_request {
    std::string_view plan{};
    coffer::at when = coffer::at::once;
    given<upgrade> how{};  ///< What an upgrade at once brings; default: as the plan has it.
    stated<money> paid{};  ///< What was paid for it: the price of the lot that it brings.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Adds a recurring grant to a bucket, or lets one be of another size; none ends it with the
/// period.
struct add_on_request {
    std::string_view bucket{};
    stated<credits> allowance{};  ///< Of each period.
    stated<money> price{};        ///< Of each period.
    coffer::at when = coffer::at::once;
    given<upgrade> how{};  ///< Default: as the plan has it.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Tells how a subscription stands, or takes back what waits.
struct subscription_request {
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Adds a lot. A purchase says what was paid for it, be it zero.
struct grant_request {
    std::string_view bucket{};
    stated<credits> amount{};
    given<std::int32_t> priority{};  ///< Lower burns first; none burns after all others.
    given<instant> effective{};      ///< Default: now.
    given<instant> expires{};        ///< In place of the bucket's expiry; `never` for none.
    stated<money> paid{};            ///< The cost basis.
    given<lot_source> source{};  ///< Default: a purchase if something was paid, else adjustment.
    std::string_view name{};     ///< What the host calls the lot; at most 95 bytes.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Orders an offer of the catalogue, or what the host says; it is granted once it is confirmed.
struct buy_request {
    std::string_view offer{};    ///< An offer of the plan's,
    std::string_view channel{};  ///< at the price of that channel;
    std::string_view bucket{};   ///< or so many credits into a bucket,
    stated<credits> amount{};    ///< at the price that is said.
    stated<money>
        price{};  ///< Of an offer: what the customer was shown, which has to be its price.
    given<std::chrono::microseconds> expires_in{};  ///< Unpaid for so long, it expires.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Says that an order was paid.
struct confirm_request {
    order_id order{};
    stated<money> paid{};  ///< What was paid, if it is known: it has to be the order's price.
    std::string_view reference{};  ///< What the provider calls the payment; at most 255 bytes.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Says that an order was not paid.
struct fail_request {
    order_id order{};
    bool expired = false;  ///< Nobody paid in time.
    std::string_view actor{};
    /// Why it was not paid: of this request it is content, and the order tells it, too.
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Spends now: the price of a usage, or an amount.
struct charge_request {
    std::string_view action{};
    given<credits> amount{};  ///< In place of an action.
    given<coffer::quantity> quantity{};
    std::int64_t input_tokens{};
    std::int64_t output_tokens{};
    std::int64_t reasoning_tokens{};
    std::int64_t cached_tokens{};
    std::int64_t cache_write_tokens{};
    std::int64_t cache_write_1h_tokens{};
    std::int64_t audio_input_tokens{};
    std::int64_t audio_output_tokens{};
    std::int64_t image_input_tokens{};
    std::int64_t image_output_tokens{};
    std::int64_t citation_tokens{};
    std::string_view member{};    ///< Who; at most 95 bytes.
    std::string_view resource{};  ///< On what; at most 95 bytes.
    std::string_view tags{};      ///< Names separated by commas; at most 95 bytes.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Reserves: the price of the highest usage, or an amount.
struct hold_request {
    std::string_view action{};
    given<credits> amount{};   ///< In place of an action.
    given<credits> at_most{};  ///< Reserved for an action in place of its price.
    given<coffer::quantity> quantity{};
    std::int64_t input_tokens{};
    std::int64_t output_tokens{};
    std::int64_t reasoning_tokens{};
    std::int64_t cached_tokens{};
    std::int64_t cache_write_tokens{};
    std::int64_t cache_write_1h_tokens{};
    std::int64_t audio_input_tokens{};
    std::int64_t audio_output_tokens{};
    std::int64_t image_input_tokens{};
    std::int64_t image_output_tokens{};
    std::int64_t citation_tokens{};
    stated<credits> tolerance{};  ///< How far a settle may exceed the hold.
    stated<std::chrono::microseconds> expires_in{std::chrono::minutes{15}};
    std::string_view member{};
    std::string_view resource{};
    std::string_view tags{};
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// What a hold really came to; without any of it, the whole hold.
///
/// Where the usage is stated, each kind of tokens for which the price has a rate has to be, be it
/// as zero, or `.others_zero` says so for all the rest: what is forgotten would be given away.
struct settle_request {
    given<credits> amount{};
    given<coffer::quantity> quantity{};
    given<std::int64_t> input_tokens{};
    given<std::int64_t> output_tokens{};
    given<std::int64_t> reasoning_tokens{};
    given<std::int64_t> cached_tokens{};
    given<std::int64_t> cache_write_tokens{};
    given<std::int64_t> cache_write_1h_tokens{};
    given<std::int64_t> audio_input_tokens{};
    given<std::int64_t> audio_output_tokens{};
    given<std::int64_t> image_input_tokens{};
    given<std::int64_t> image_output_tokens{};
    given<std::int64_t> citation_tokens{};
    bool others_zero = false;  ///< Of the kinds of tokens that are left out, there were none.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};  ///< Default: made from the hold.
};

/// Gives a hold back.
struct release_request {
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};  ///< Default: made from the hold.
};

/// Gives a charge or a settled hold back, all that is left of it or a part.
struct refund_request {
    request_id charge{};  ///< The request id under which it was charged or held.
    entry_id entry{};     ///< Or the entry itself, for a charge that had no id.
    given<credits> amount{};
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Takes a purchase back for money, as its bucket's refund policy has it: all that it is worth, or
/// so much that `money` is refunded in all.
struct purchase_refund_request {
    lot_id lot{};
    given<coffer::money> money{};  ///< The total, with what was refunded before.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Tells how a payment dispute stands. What is opened or lost is taken back, what is won returns.
struct dispute_request {
    lot_id lot{};
    dispute_state state = dispute_state::opened;
    given<coffer::money> money{};  ///< The total disputed; default: all that was paid.
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Takes back a lot's unspent rest, or a part of it.
struct void_request {
    lot_id lot{};
    given<credits> amount{};
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Changes when a lot expires.
struct expiry_request {
    lot_id lot{};
    instant expires = never;
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

/// Moves credits to another wallet.
struct transfer_request {
    wallet_id to{};
    stated<credits> amount{};
    std::string_view actor{};
    std::string_view reason{};
    given<instant> at{};
    request_id request{};
};

namespace detail {

constexpr std::int64_t count_of(std::int64_t tokens) noexcept { return tokens; }
constexpr std::int64_t count_of(const std::optional<std::int64_t>& tokens) noexcept {
    return tokens.value_or(0);
}

template <class Request>
usage usage_of(const Request& r, std::string_view action, std::string_view tags = {}) noexcept {
    return {.action = action,
            .quantity = r.quantity,
            .input_tokens = count_of(r.input_tokens),
            .output_tokens = count_of(r.output_tokens),
            .reasoning_tokens = count_of(r.reasoning_tokens),
            .cached_tokens = count_of(r.cached_tokens),
            .cache_write_tokens = count_of(r.cache_write_tokens),
            .cache_write_1h_tokens = count_of(r.cache_write_1h_tokens),
            .audio_input_tokens = count_of(r.audio_input_tokens),
            .audio_output_tokens = count_of(r.audio_output_tokens),
            .image_input_tokens = count_of(r.image_input_tokens),
            .image_output_tokens = count_of(r.image_output_tokens),
            .citation_tokens = count_of(r.citation_tokens),
            .tags = tags};
}

/// Why a lot is granted: what was paid for is a purchase, unless the request says otherwise.
inline lot_source source_of(const grant_request& r) noexcept {
    return r.source.value_or(r.paid.is_none() ? lot_source::adjustment : lot_source::purchase);
}

/// Errors: `invalid_argument` about a purchase that does not say what was paid.
inline result<void> names_price(const grant_request& r) {
    const bool unpriced = source_of(r) == lot_source::purchase && r.paid.is_none();
    return unpriced ? result<void>{error{errc::invalid_argument}.about("paid")} : result<void>{};
}

/// Whether the settle says what was used, be it nothing.
inline bool states_usage(const settle_request& r) noexcept {
    if (r.quantity || r.others_zero) return true;
    for (const auto& field : token_fields<settle_request>) {
        if (r.*field.count) return true;
    }
    return false;
}

/// Whether the settle states all the kinds of tokens that have a rate.
/// Errors: `invalid_argument` about the first field that is left out.
inline result<void> check_stated(const settle_request& r, token_kinds rated) noexcept {
    if (r.others_zero || rated.empty()) return {};
    for (const auto& field : token_fields<settle_request>) {
        if (rated.contains(field.kind) && !(r.*field.count)) {
            return error{errc::invalid_argument}.about(field.name);
        }
    }
    return {};
}

/// Digests what a request says, so that the same id with other content is noticed. Neither `.at`
/// nor the id itself belong to it.
class content {
public:
    explicit content(std::string_view verb) noexcept { digest_.add(verb); }

    content& add(std::string_view text) noexcept {
        digest_.add(text);
        return *this;
    }
    content& add(std::uint64_t value) noexcept {
        digest_.add(value);
        return *this;
    }
    content& add(credits amount) noexcept {
        return add(static_cast<std::uint64_t>(amount.micros()));
    }
    content& add(instant t) noexcept {
        return add(static_cast<std::uint64_t>(t.time_since_epoch().count()));
    }
    content& add(quantity units) noexcept {
        return add(static_cast<std::uint64_t>(units.micros()));
    }
    content& add(std::int32_t value) noexcept {
        return add(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
    }
    content& add(const money& m) noexcept {
        return add(static_cast<std::uint64_t>(m.minor_units())).add(m.in().code());
    }
    template <class T>
    content& add(const std::optional<T>& value) noexcept {
        add(std::uint64_t{value.has_value()});
        return value ? add(*value) : *this;
    }
    content& add(const usage& used) noexcept {
        add(used.action).add(used.quantity);
        if (!used.tags.empty()) add(used.tags);
        if (!used.has_tokens()) return *this;
        const auto& fields = token_fields<usage>;
        // Requests that were digested before the further kinds were known keep their digests.
        const std::size_t count = used.has_further_tokens() ? fields.size() : text_token_kinds;
        for (std::size_t i = 0; i < count; ++i) {
            add(static_cast<std::uint64_t>(used.*fields[i].count));
        }
        return *this;
    }

    std::uint64_t value() const noexcept { return digest_.value(); }

private:
    digest digest_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

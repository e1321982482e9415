/// What can go wrong, as values. Include it where you name an error; `result.hpp` carries one.
///
/// `errc` is ordered by precedence: when several things are wrong with one request, the first of
/// them in this list is the answer, so that an answer never depends on the order of checks.
#pragma once

#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/print.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

class credits;

/// Every refusal that coffer can answer, the gravest first.
enum class errc : std::uint8_t {
    corrupt_record = 1,  ///< The store holds something that is not an account; it is left as it is.
    wallet_poisoned,     ///< An invariant broke; this wallet answers nothing more until repaired.
    storage_full,        ///< The store has no room; nothing was written.
    unavailable,         ///< The store could not be reached; nothing was written.
    clock_disagrees,     ///< The clock leapt, or lies far from the store's; nothing was written.
    outcome_unknown,     ///< The commit may or may not have happened; repeat with the same id.
    conflict,            ///< Others changed the wallet at each attempt; nothing was written.
    request_mismatch,    ///< The request id is known, with other content.
    access_denied,       ///< The plan's access policy says no.
    unknown_plan,        ///< No such plan.
    unknown_action,      ///< The plan has no price for this action.
    unknown_bucket,      ///< The plan has no such bucket.
    unknown_lot,         ///< The wallet has no such lot.
    unknown_hold,        ///< The wallet has no such hold.
    unknown_charge,      ///< The wallet has no such charge.
    unknown_zone,        ///< The time zone cannot be read.
    invalid_argument,    ///< The request makes no sense as it is written.
    too_late,            ///< The event lies further back than the plan allows.
    amount_overflow,     ///< A sum or a product does not fit.
    policy_contract,     ///< A policy answered something that its contract forbids.
    too_many,            ///< A documented limit is reached.
    wallet_paused,       ///< The wallet is paused.
    transfer_refused,    ///< The plan allows no transfer.
    purchase_refused,    ///< The plan allows no purchase.
    choice_refused,      ///< The plan does not let its customers choose that.
    programme_refused,   ///< The programme's terms are not met, or it was used before.
    not_refundable,      ///< The bucket's refund policy says no.
    refund_exceeds,      ///< More than there is left to refund.
    hold_expired,        ///< The hold ran out before it was settled.
    hold_closed,         ///< The hold was settled or released before.
    hold_open,           ///< The request opened a hold before, which is still open.
    hold_settled,        ///< The request opened a hold before, which was settled.
    settle_exceeds,      ///< More than the hold and its tolerance; see `error::acceptable`.
    limit_exceeded,      ///< A spending limit is reached; see `error::level`.
    insufficient_credits,  ///< The credits do not suffice; see `error::required`.
};

/// The identifier of an error, as it stands in journals, scenario files and messages.
constexpr std::string_view to_string(errc code) noexcept {
    switch (code) {
        case errc::corrupt_record: return "corrupt_record";
        case errc::wallet_poisoned: return "wallet_poisoned";
        case errc::storage_full: return "storage_full";
        case errc::unavailable: return "unavailable";
        case errc::clock_disagrees: return "clock_disagrees";
        case errc::outcome_unknown: return "outcome_unknown";
        case errc::conflict: return "conflict";
        case errc::request_mismatch: return "request_mismatch";
        case errc::access_denied: return "access_denied";
        case errc::unknown_plan: return "unknown_plan";
        case errc::unknown_action: return "unknown_action";
        case errc::unknown_bucket: return "unknown_bucket";
        case errc::unknown_lot: return "unknown_lot";
        case errc::unknown_hold: return "unknown_hold";
        case errc::unknown_charge: return "unknown_charge";
        case errc::unknown_zone: return "unknown_zone";
        case errc::invalid_argument: return "invalid_argument";
        case errc::too_late: return "too_late";
        case errc::amount_overflow: return "amount_overflow";
        case errc::policy_contract: return "policy_contract";
        case errc::too_many: return "too_many";
        case errc::wallet_paused: return "wallet_paused";
        case errc::transfer_refused: return "transfer_refused";
        case errc::purchase_refused: return "purchase_refused";
        case errc::choice_refused: return "choice_refused";
        case errc::programme_refused: return "programme_refused";
        case errc::not_refundable: return "not_refundable";
        case errc::refund_exceeds: return "refund_exceeds";
        case errc::hold_expired: return "hold_expired";
        case errc::hold_closed: return "hold_closed";
        case errc::hold_open: return "hold_open";
        case errc::hold_settled: return "hold_settled";
        case errc::settle_exceeds: return "settle_exceeds";
        case errc::limit_exceeded: return "limit_exceeded";
        case errc::insufficient_credits: return "insufficient_credits";
    }
    return "unknown_error";
}

/// Whether the same request can succeed later without anybody changing it.
constexpr bool is_transient(errc code) noexcept {
    return code == errc::storage_full || code == errc::unavailable ||
           code == errc::clock_disagrees || code == errc::outcome_unknown ||
           code == errc::conflict || code == errc::hold_open;
}

namespace detail {

/// Not constexpr: to reach it while compiling is the message.
inline void what_an_error_says_is_longer_than_it_may_be() noexcept {}

/// A text of the program's own, so that an error can refer to it and need not keep it.
template <std::size_t Max>
class literal {
public:
    template <std::size_t Size>
    consteval literal(const char (&text)[Size]) noexcept : text_{text} {
        if (Size - 1 > Max) what_an_error_says_is_longer_than_it_may_be();
    }
    constexpr const char* text() const noexcept { return text_; }

private:
    const char* text_;
};

}  // namespace detail

/// A refusal: what it is, the amounts that explain it, what it speaks of, what is wrong with it.
///
/// Guarantees: it is copied without allocating, 64 bytes in all. It prints as its code and whatever
/// else it says: `invalid_argument (chat): expires_in has to be positive`.
class error {
public:
    static constexpr std::size_t max_subject = 31;
    static constexpr std::size_t max_field = 31;
    static constexpr std::size_t max_sentence = 95;

    constexpr error(errc code) noexcept : code_{code} {
        if (speaks_of_limit()) level_ = end_ = 0;
    }

    constexpr errc code() const noexcept { return code_; }

    /// Of `hold_open` the hold, of `hold_settled` its settle, by their numbers; else none.
    constexpr entry_id entry() const noexcept {
        return entry_id{speaks_of_hold() ? static_cast<std::uint32_t>(first_) : 0};
    }
    /// When the hold of a `hold_open` is over, or the window of the limit of a `limit_exceeded`, in
    /// microseconds since 1970; see `until_of`.
    constexpr std::int64_t until_micros() const noexcept {
        if (speaks_of_limit()) return end_;
        return code_ == errc::hold_open ? second_ : 0;
    }
    /// Of `limit_exceeded`, the limit's level; `acceptable` says what is left of it.
    constexpr credits level() const noexcept;
    constexpr error& of_limit(credits level, std::int64_t until_micros) noexcept;
    constexpr error& of_hold(entry_id entry, std::int64_t until_micros) noexcept {
        first_ = entry.value();
        second_ = until_micros;
        return *this;
    }

    /// What the operation needed; zero where no amount is concerned.
    constexpr credits required() const noexcept;
    /// The highest amount that would have been accepted; zero where no amount is concerned.
    constexpr credits acceptable() const noexcept;
    /// The action, bucket, zone … that the error speaks of; may be empty. One of more than 31 bytes
    /// is cut and ends in "…".
    constexpr std::string_view subject() const noexcept {
        std::size_t size = 0;
        while (size < max_subject && subject_[size] != '\0') ++size;
        return {subject_, size};
    }
    /// Which field of the request is wrong, by its name in the program; may be empty.
    constexpr std::string_view field() const noexcept {
        return speaks_of_limit() ? std::string_view{} : view(field_);
    }
    /// What is wrong with it, to be read after its name: `has to be positive`; may be empty.
    constexpr std::string_view sentence() const noexcept {
        return speaks_of_limit() ? std::string_view{} : view(sentence_);
    }

    constexpr error& with_amounts(credits required, credits acceptable) noexcept;
    constexpr error& about(std::string_view subject) noexcept {
        const std::string_view ending = subject.size() > max_subject ? cut : "";
        const std::size_t size = whole_letters(subject, max_subject - ending.size());
        for (std::size_t i = 0; i < max_subject; ++i) subject_[i] = i < size ? subject[i] : '\0';
        for (std::size_t i = 0; i < ending.size(); ++i) subject_[size + i] = ending[i];
        return *this;
    }
    /// Names the field and says what is wrong with it, both in literals.
    constexpr error& in(detail::literal<max_field> field,
                        detail::literal<max_sentence> sentence) noexcept {
        if (speaks_of_limit()) return *this;
        field_ = field.text();
        sentence_ = sentence.text();
        return *this;
    }
    /// Says what is wrong where no field is concerned.
    constexpr error& because(detail::literal<max_sentence> sentence) noexcept {
        if (speaks_of_limit()) return *this;
        field_ = nullptr;
        sentence_ = sentence.text();
        return *this;
    }

    friend constexpr bool operator==(const error& e, errc code) noexcept { return e.code_ == code; }

    /// `insufficient_credits (chat): needs 5, would accept 3.2`; without what the error does not
    /// say.
    friend constexpr auto to_string(const error& e) noexcept {
        detail::text_buffer<255> text;  // room for the longest of everything
        text.push(to_string(e.code_));
        if (!e.subject().empty()) {
            text.push(" (");
            text.push(e.subject());
            text.push(')');
        }
        std::string_view before = ": ";
        for (std::string_view said : {e.field(), e.sentence()}) {
            if (said.empty()) continue;
            text.push(before);
            text.push(said);
            before = " ";
        }
        if (!e.speaks_of_hold() && (e.first_ != 0 || e.second_ != 0)) {
            text.push(e.sentence().empty() ? ": needs " : "; needs ");
            detail::push_decimal(text, e.first_, 6, 0);
            text.push(", would accept ");
            detail::push_decimal(text, e.second_, 6, 0);
        }
        if (e.speaks_of_limit() && e.first_ != 0) {
            text.push(", of ");
            detail::push_decimal(text, e.level_, 6, 0);
        }
        return text;
    }

private:
    static constexpr std::string_view view(const char* text) noexcept {
        return text == nullptr ? std::string_view{} : std::string_view{text};
    }
    static constexpr std::string_view cut = "\xe2\x80\xa6";  // an ellipsis

    /// As many bytes as fit without cutting a letter of UTF-8 in two.
    static constexpr std::size_t whole_letters(std::string_view text, std::size_t room) noexcept {
        if (text.size() <= room) return text.size();
        std::size_t size = room;
        while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
        return size;
    }

    constexpr bool speaks_of_hold() const noexcept {
        return code_ == errc::hold_open || code_ == errc::hold_settled;
    }

    constexpr bool speaks_of_limit() const noexcept { return code_ == errc::limit_exceeded; }

    std::int64_t first_ = 0;   // what was needed; of a hold, the entry
    std::int64_t second_ = 0;  // what would be accepted; of a hold, its end
    union {
        const char* field_ = nullptr;
        std::int64_t level_;  // of a limit
    };
    union {
        const char* sentence_ = nullptr;
        std::int64_t end_;  // of the limit's window
    };
    errc code_;
    char subject_[max_subject] = {};
};
static_assert(sizeof(void*) > 8 || sizeof(error) <= 64);

constexpr bool is_transient(const error& e) noexcept { return is_transient(e.code()); }

}  // namespace v0
}  // namespace coffer

/// What passes between a wallet and its store: pages that are opened, changes that are committed,
/// entries that are read.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/time/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Where a store found a wallet, for its own use: it need not look for it again.
struct wallet_place {
    void* record = nullptr;
    void* home = nullptr;
    std::uint64_t number = 0;
};

/// What an operation wants to know before it decides.
struct page_request {
    const wallet_id& wallet;
    wallet_place place{};
    const request_id& request;  ///< What became of this request; an empty id is none.
    /// Whether all of the account is wanted: else its head suffices, `account_body` and the lots
    /// that burn later may be left out.
    bool whole = true;
    const request_id* told = nullptr;  ///< What became of another request,
    entry_id told_entry{};             ///< or of an entry.
};

/// What a store knows of one wallet at one moment: everything an operation decides by.
struct page {
    account state{};
    bool whole = true;  ///< Whether `state.body()` is there.
    wallet_place place{};
    /// For the store's own use: where it looked for the request, which it did not know.
    std::uint64_t unknown = 0;

    /// The newest entry under the request's id, then the entries that speak of it, and those that
    /// speak of these; empty for an id that is new.
    std::vector<entry> known{};
    std::vector<entry> told{};            ///< The same of what else was asked for.
    std::shared_ptr<const void> texts{};  ///< The memory that the texts of both stand in.
};

/// The kind of a notice that an alert was raised; its text is the alert's name. Besides there are
/// `depleted` and `resumed`.
inline constexpr std::string_view alert_notice = "alert";
/// The kind of a notice that a limit warns; its text says which: `limit:member:design`.
inline constexpr std::string_view limit_notice = "limit";
/// The kind of a notice that the plan's recharge placed an order, which is to be paid; its text is
/// the order's number. A payer is driven by it.
inline constexpr std::string_view order_notice = "order_placed";
/// The kind of a notice that such orders were not paid too often: none is placed any more before a
/// purchase is confirmed. Its text is the number of the last one.
inline constexpr std::string_view recharge_stopped_notice = "recharge_stopped";
/// The kind of a notice that a plan does not allow what was chosen; its text says what:
/// `choice:alert:mine`.
inline constexpr std::string_view choice_notice = "choice";
/// The kind of the notice that stands for all from its entry on: more than `max_waiting_notices` of
/// one wallet were waiting. `deliver` reads them again from the journal.
inline constexpr std::string_view overflow_notice = "overflow";
/// The most notices of a wallet that wait one by one.
inline constexpr std::size_t max_waiting_notices = 1'000;

/// A message for the world outside, committed together with what caused it. Wallet, entry and
/// ordinal name it for good.
struct notice {
    std::uint64_t id = 0;  ///< Given by the store; rising.
    wallet_id wallet{};
    entry_id entry{};           ///< What caused it.
    std::uint32_t ordinal = 0;  ///< Its place among those of the entry.
    std::string kind{};
    std::string text{};

    /// `WALLET/ENTRY/ORDINAL`: the same whenever and by whomever it is delivered, for a receiver
    /// that wants to see each once.
    std::string key() const {
        return std::string{wallet.text()} + "/" + std::to_string(entry.value()) + "/" +
               std::to_string(ordinal);
    }

    friend bool operator==(const notice&, const notice&) = default;
};

/// Everything that one operation changes.
struct commit_batch {
    const wallet_id& wallet;
    wallet_place place{};
    /// The request that the page did not know, and the page's `unknown`; null where nobody asked.
    const request_id* asked = nullptr;
    std::uint64_t unknown = 0;
    entry_id expected{};  ///< The newest entry that the store must hold; none for a new wallet.
    const account& after;
    bool whole = true;  ///< Else `after.body()` is left out, and stays as the store has it.
    /// The account as the store's page had it, of which `after` is a changed copy: what both share
    /// need not be written. Null where that is not at hand.
    const account* before = nullptr;
    std::span<const entry> entries;  ///< Continue the journal; at least one.
    std::span<const notice> notices{};
    /// The entry whose request id one of the entries takes over; none if all ids are new.
    entry_id reopened{};
};

/// What became of a commit.
enum class commit_outcome : std::uint8_t {
    committed,
    conflict,     ///< The store holds another newest entry; nothing was written.
    duplicate,    ///< One of the request ids is known; nothing was written.
    unavailable,  ///< Nothing was written.
    full,         ///< No room; nothing was written.
    unknown,      ///< It may have been written or not.
};

constexpr std::string_view to_string(commit_outcome outcome) noexcept {
    switch (outcome) {
        case commit_outcome::committed: return "committed";
        case commit_outcome::conflict: return "conflict";
        case commit_outcome::duplicate: return "duplicate";
        case commit_outcome::unavailable: return "unavailable";
        case commit_outcome::full: return "full";
        case commit_outcome::unknown: return "unknown";
    }
    return "no_outcome";
}

/// Which entries of a journal to read. All conditions hold together.
struct journal_query {
    entry_id after{};   ///< Only entries with higher numbers.
    entry_id before{};  ///< Only entries with lower numbers; none for no bound.
    entry_id about{};   ///< Only entries that speak of this one.
    lot_id lot{};       ///< Only entries that made or touched this lot.
    std::size_t limit = 1'000;
    bool newest_first = false;
};

/// Entries that were read, together with the memory that their texts stand in.
struct journal_page {
    std::vector<entry> entries{};
    bool more = false;  ///< The limit cut the answer short.
    std::shared_ptr<const void> texts{};
};

/// A wallet in which something is due.
struct due_wallet {
    wallet_id wallet{};
    instant due{};

    friend bool operator==(const due_wallet&, const due_wallet&) = default;
};

}  // namespace v0
}  // namespace coffer

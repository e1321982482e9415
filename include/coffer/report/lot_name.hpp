/// What lots are called: as the host named them, or by how they came to be.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/store/store.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a lot is called that the host did not name: "budget#3", the allowance of the fourth period;
/// "budget#3+1", what its first upgrade added; with "~1" when it has rolled over, with "!1" when it
/// was granted anew after a refund. `first` is the name of the lot that it is made from.
inline std::string name_by_origin(const lot_terms& made, std::string_view first) {
    switch (made.origin) {
        case lot_origin::refilled:
            return std::string{made.bucket.name()} + "#" + std::to_string(made.cycle);
        case lot_origin::rolled: return std::string{first} + "~" + std::to_string(made.ordinal);
        case lot_origin::regranted: return std::string{first} + "!" + std::to_string(made.ordinal);
        case lot_origin::upgraded:
            return std::string{made.bucket.name()} + "#" + std::to_string(made.cycle) + "+" +
                   std::to_string(made.ordinal);
        case lot_origin::granted: break;
    }
    return {};
}

/// The name that a grant gave its lot; its bucket and number, "package@17", if it gave none.
inline std::string name_by_grant(const entry& made) {
    if (!made.resource.empty()) return std::string{made.resource};
    return std::string{made.terms.bucket.name()} + "@" + std::to_string(made.id.value());
}

/// What a lot was called when it was made. Requires: it was not granted anew.
template <class Store>
result<std::string> first_name(Store& store, const wallet_id& wallet, const lot& of) {
    const lot_terms& terms = of.terms;
    const bool of_period =
        terms.origin == lot_origin::refilled || terms.origin == lot_origin::upgraded;
    if (of_period) return name_by_origin(terms, {});
    constexpr std::uint16_t countless = std::numeric_limits<std::uint16_t>::max();
    if (terms.origin == lot_origin::rolled && terms.ordinal < countless) {
        lot_terms made = terms;
        made.origin = lot_origin::refilled;
        made.cycle -= terms.ordinal;
        return name_by_origin(made, {});
    }
    const std::uint32_t number = of.id.value();
    result<journal_page> page = store.entries(
        wallet, {.after = entry_id{number - 1}, .before = entry_id{number + 1}, .limit = 1});
    if (!page) return page.error();
    if (page->entries.empty()) return errc::corrupt_record;
    const entry& made = page->entries[0];
    const bool by_grant = made.kind == entry_kind::granted || made.kind == entry_kind::purchased;
    if (!by_grant) return name_by_origin(made.terms, {});
    return name_by_grant(made);
}

inline result<std::string> lot_name(store_port& store, const wallet_id& wallet, const account& a,
                                    lot_id id) {
    const std::optional<lot> of = find_lot(a, id);
    if (!of) return errc::unknown_lot;
    const lot_terms& terms = of->terms;
    const bool rolled = terms.origin == lot_origin::rolled;
    if (!rolled && !terms.from) return first_name(store, wallet, *of);
    const std::optional<lot> from = find_lot(a, terms.from);
    if (!from) return errc::corrupt_record;
    result<std::string> first =
        rolled ? first_name(store, wallet, *from) : lot_name(store, wallet, a, terms.from);
    if (!first) return first;
    return name_by_origin(terms, *first);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

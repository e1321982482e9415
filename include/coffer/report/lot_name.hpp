/// What lots are called: as the host named them, or by how they came to be.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/store/store.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a lot is called that the host did not name: "budget#3", the allowance of the fourth period;
/// with "~1" when it has rolled over, with "!1" when it was granted anew after a refund. `first` is
/// the name of the lot that it is made from.
inline std::string name_by_origin(const lot_terms& made, std::string_view first) {
    switch (made.origin) {
        case lot_origin::refilled:
            return std::string{made.bucket.name()} + "#" + std::to_string(made.cycle);
        case lot_origin::rolled: return std::string{first} + "~" + std::to_string(made.ordinal);
        case lot_origin::regranted: return std::string{first} + "!" + std::to_string(made.ordinal);
        case lot_origin::granted: break;
    }
    return {};
}

/// The name that a grant gave its lot; its bucket and number, "package@17", if it gave none.
template <class Store>
result<std::string> name_by_grant(Store& store, const wallet_id& wallet, const lot& granted) {
    const std::uint32_t number = granted.id.value();
    result<journal_page> page = store.entries(
        wallet, {.after = entry_id{number - 1}, .before = entry_id{number + 1}, .limit = 1});
    if (!page) return page.error();
    if (page->entries.empty()) return errc::corrupt_record;
    const std::string_view given = page->entries[0].resource;
    if (!given.empty()) return std::string{given};
    return std::string{granted.terms.bucket.name()} + "@" + std::to_string(number);
}

inline result<std::string> lot_name(store_port& store, const wallet_id& wallet, const account& a,
                                    lot_id id) {
    const lot* of = find_record(a, id);
    if (!of) return errc::unknown_lot;
    if (of->terms.origin == lot_origin::granted) return name_by_grant(store, wallet, *of);
    if (!of->terms.from) return name_by_origin(of->terms, {});
    result<std::string> first = lot_name(store, wallet, a, of->terms.from);
    if (!first) return first;
    return name_by_origin(of->terms, *first);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// What lots are called: as the host named them, or by how they came to be.
#pragma once

#include <coffer/account.hpp>
#include <coffer/store.hpp>

#include <string>

namespace coffer {
inline namespace v0 {
namespace detail {

/// "budget#3", "budget#3~1" rolled over for the first time, "budget#3!1" granted anew after a
/// refund. A lot that the host granted has the name that it gave, or else its number: "package@17".
template <class Store>
result<std::string> lot_name(Store& store, const wallet_id& wallet, const account& a, lot_id id) {
    const lot* of = find_record(a, id);
    if (!of) return errc::unknown_lot;
    const lot_terms& terms = of->terms;
    const std::string bucket{terms.bucket.name()};
    switch (terms.origin) {
        case lot_origin::refilled: return bucket + "#" + std::to_string(terms.cycle);
        case lot_origin::rolled:
        case lot_origin::regranted: {
            result<std::string> first = lot_name(store, wallet, a, terms.from);
            if (!first) return first;
            const char* sign = terms.origin == lot_origin::rolled ? "~" : "!";
            return *first + sign + std::to_string(terms.ordinal);
        }
        case lot_origin::granted: break;
    }
    result<journal_page> page = store.entries(
        wallet, {.after = entry_id{id.value() - 1}, .before = entry_id{id.value() + 1}});
    if (!page) return page.error();
    if (page->entries.empty()) return errc::corrupt_record;
    if (!page->entries[0].resource.empty()) return std::string{page->entries[0].resource};
    return bucket + "@" + std::to_string(id.value());
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

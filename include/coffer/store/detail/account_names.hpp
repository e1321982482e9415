/// The names of buckets that each kind of record of an account speaks of.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/store/detail/account_orders.hpp>
#include <coffer/store/detail/account_subscription.hpp>
#include <coffer/store/detail/entry_codec.hpp>

namespace coffer {
inline namespace v0 {
namespace detail {

inline void add_names(name_table& names, const part_list& parts) {
    for (const part& p : parts) names.add(p.bucket);
}
inline void add_names(name_table& names, const spendable& s) { names.add(s.bucket); }
inline void add_names(name_table& names, const lot& l) { names.add(l.terms.bucket); }
inline void add_names(name_table& names, const coffer::hold& h) { add_names(names, h.parts); }
inline void add_names(name_table& names, const claim& c) { add_names(names, c.repaid); }
inline void add_names(name_table& names, const cycle& c) { names.add(c.bucket); }
inline void add_names(name_table& names, const carried& c) { names.add(c.bucket); }
inline void add_names(name_table& names, const alert_terms& t) {
    for (bucket_id b : t.of) names.add(b);
}
inline void add_names(name_table&, const debt&) {}
inline void add_names(name_table&, const limit_counter&) {}
template <class List>
    requires requires(const List& all) { *all.begin(); }
inline void add_names(name_table& names, const List& all) {
    for (const auto& each : all) add_names(names, each);
}

/// The names in the record of the details.
inline void add_names(name_table& names, const account_details& d) {
    add_names(names, d.cycles);
    add_names(names, d.carries);
    add_names(names, d.alerts);
    add_names(names, *d.subscription);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

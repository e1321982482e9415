/// The names of a wallet's lots: those that they have, and those that they had before they rolled.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/report/lot_name.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A lot that a name speaks of.
struct named_lot {
    lot_id lot{};
    bool rolled_on = false;  ///< The lot has another name by now: under this one nothing is left.
};

/// Knows the lots of a wallet by their names.
class lot_book {
public:
    /// Takes note of all lots of the wallet, which come by number: the first lot of one that rolled
    /// before it.
    template <class Store>
    result<void> note(Store& store, const wallet_id& wallet, const std::vector<lot>& lots) {
        names_.clear();
        numbers_.clear();
        for (const lot& l : lots) {
            const bool rolled = l.terms.origin == lot_origin::rolled;
            const lot_id first = rolled ? l.terms.from : l.id;
            if (auto known = note_first(store, wallet, l, first); !known) return known;
            if (l.terms.is_allowance()) note_roll(first, l.id, rolled ? l.terms.ordinal : 0u);
            const std::string& own = first_names_.find(first)->second;
            names_.push_back(rolled ? name_by_origin(l.terms, own) : own);
            numbers_.push_back(l.id);
        }
        return {};
    }

    /// The names of all lots, by number.
    const std::vector<std::string>& names() const noexcept { return names_; }

    /// The name of a lot; of no lot, nothing.
    std::string_view name_of(lot_id lot) const {
        const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), lot);
        if (at == numbers_.end() || *at != lot) return {};
        return names_[static_cast<std::size_t>(at - numbers_.begin())];
    }

    /// The lot that has or had the name.
    std::optional<named_lot> find(std::string_view name) const {
        std::uint32_t rolls = 0;
        auto first = by_name_.find(name);
        if (first == by_name_.end()) {
            const std::size_t mark = name.rfind('~');
            if (mark == std::string_view::npos) return std::nullopt;
            const char* end = name.data() + name.size();
            const auto read = std::from_chars(name.data() + mark + 1, end, rolls);
            first = by_name_.find(name.substr(0, mark));
            const bool exact = read.ec == std::errc{} && read.ptr == end && rolls > 0;
            if (!exact || first == by_name_.end()) return std::nullopt;
        }
        const auto chain = chains_.find(first->second);
        if (chain == chains_.end()) {
            return rolls == 0 ? std::optional{named_lot{first->second}} : std::nullopt;
        }
        for (const link& l : chain->second) {
            if (l.rolls >= rolls) return named_lot{l.lot, l.rolls > rolls};
        }
        return std::nullopt;
    }

    /// Calls `f(name)` for each name that a lot had before it rolled.
    template <class F>
    void each_former_name(F&& f) const {
        for (const auto& [first, chain] : chains_) {
            const std::string& own = first_names_.find(first)->second;
            for (std::uint32_t rolls = 0; rolls < chain.back().rolls; ++rolls) {
                f(rolls == 0 ? own : own + "~" + std::to_string(rolls));
            }
        }
    }

private:
    /// One lot of those into which another rolled, and how often it has by now.
    struct link {
        lot_id lot{};
        std::uint32_t rolls = 0;
    };

    template <class Store>
    result<void> note_first(Store& store, const wallet_id& wallet, const lot& l, lot_id first) {
        if (first_names_.contains(first)) return {};
        result<std::string> name = l.terms.origin == lot_origin::regranted
                                       ? name_by_origin(l.terms, name_of(l.terms.from))
                                       : first_name(store, wallet, l);
        if (!name) return name.error();
        by_name_.emplace(*name, first);
        first_names_.emplace(first, *std::move(name));
        return {};
    }
    void note_roll(lot_id first, lot_id by_now, std::uint32_t rolls) {
        std::vector<link>& chain = chains_[first];
        const auto known = std::find_if(chain.begin(), chain.end(),
                                        [&](const link& l) { return l.lot == by_now; });
        if (known == chain.end()) {
            chain.push_back({by_now, rolls});
        } else {
            known->rolls = rolls;
        }
    }

    std::vector<lot_id> numbers_;
    std::vector<std::string> names_;
    std::map<lot_id, std::string> first_names_;
    std::map<lot_id, std::vector<link>> chains_;  // by the lot that was first; in their order
    std::map<std::string, lot_id, std::less<>> by_name_;  // of lots as they were made
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// An account as a record of its head and one record for each thing besides: what a store that
/// outlives the program keeps in rows, so that an operation reads and writes what it names.
///
/// The records of an account are a function of the account: equal accounts have equal records. Each
/// is a version, the names of its buckets, what it says, a checksum that also covers whose record
/// it is and of what; the head carries the sum of all checksums besides its own, so that a record
/// that is missing, of another time or of another wallet is found. docs/store.md has the layout.
#pragma once

#include <coffer/store/detail/account_codec.hpp>
#include <coffer/store/detail/account_names.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

inline constexpr std::uint8_t row_version = 2;

/// What a record is of. The numbers stand in files.
enum class row_kind : std::uint8_t {
    head = 0,
    details = 1,  ///< The start, the plan, what is pending, the running periods.
    debts = 2,
    claims = 3,
    lot = 4,      ///< By the lot's id.
    hold = 5,     ///< By the hold's id.
    burning = 6,  ///< A piece of the burn order behind the head's, by its first lot.
    counter = 7,  ///< By the counter's id.
    order = 8,    ///< By the order's id.
};

/// Whose record, and of what.
struct row_key {
    std::string_view wallet{};
    row_kind kind = row_kind::head;
    std::uint32_t id = 0;

    std::uint64_t seed() const noexcept {
        return digest{}
            .add(wallet)
            .add(static_cast<std::uint64_t>(kind))
            .add(std::uint64_t{id})
            .value();
    }
};

/// What the head says about the other records. It stands at the head's end, so that it can be
/// filled in last.
struct head_marks {
    std::uint32_t first_far = 0;  ///< The first lot of the burn order behind the head's; none is 0.
    std::uint64_t rows = 0;       ///< The sum of the checksums of all rows.

    static constexpr std::size_t size = sizeof(first_far) + sizeof(rows);

    friend constexpr bool operator==(const head_marks&, const head_marks&) = default;
};

inline std::uint64_t sum_in(const std::byte* from, std::size_t size) noexcept {
    std::uint64_t sum = 0;
    std::memcpy(&sum, from + size - seal_size, seal_size);
    return sum;
}

inline void write_spendable(record_writer& out, const spendable& s) {
    out.amount(s.available);
    out.amount(s.held);
    out.time(s.expires);
    out.number(s.lot.value());
    out.bucket(s.bucket);
}

inline spendable read_spendable(record_reader& in) {
    spendable s{.available = in.amount()};
    s.held = in.amount();
    s.expires = in.time();
    s.lot = in.id<lot_id>();
    s.bucket = in.bucket();
    if (s.available.is_negative() || s.held.is_negative()) in.fail();
    return s;
}
inline constexpr std::size_t least_spendable = 5;

/// Appends one record. Returns false, and appends nothing, if a bucket has no name.
template <class Write>
bool pack_row(const row_key& key, const name_table& names, byte_list& into, Write&& write) {
    const std::size_t begin = into.size();
    into.push_back(std::byte{row_version});
    if (!names.write(into)) {
        into.resize(begin);
        return false;
    }
    record_writer out{into, names};
    write(out);
    seal(into, begin, key.seed());
    return true;
}

/// Reads one record. `names_of_it()` says which names it speaks of, once it is read.
template <class Read, class NamesOfIt>
bool unpack_row(const row_key& key, const std::byte* from, std::size_t size, Read&& read,
                NamesOfIt&& names_of_it) {
    if (!is_sealed(from, size, row_version, key.seed())) return false;
    byte_reader bytes{from + 1, size - 1 - seal_size};
    name_table names;
    names.read(bytes);
    record_reader in{bytes, names};
    read(in);
    return bytes.complete() && names == names_of_it();
}

// ---- The head -----------------------------------------------------------------------------------

/// A head takes no more than this.
inline constexpr std::size_t head_bound = 3 + burn_list::near * (64 + 40) + 110;

/// Whether the head adds up by itself.
inline bool is_sound_head(const account& a) noexcept {
    exact_sum available;
    exact_sum held;
    std::int64_t rest_available = a.totals.available.micros();
    std::int64_t rest_held = a.totals.held.micros();
    for (std::size_t i = 0; i < a.burning.near_size(); ++i) {
        const spendable& s = a.burning[i];
        if (s.available.is_negative() || s.held.is_negative()) return false;
        if (s.available.micros() > rest_available || s.held.micros() > rest_held) return false;
        rest_available -= s.available.micros();
        rest_held -= s.held.micros();
        available.add(s.available);
        held.add(s.held);
    }
    if (rest_available < 0 || rest_held < 0 || a.totals.debt.is_negative()) return false;
    if (!a.burning.is_near()) return a.burning.near_size() == burn_list::near;
    return available.is(a.totals.available) && held.is(a.totals.held);
}

/// Whether all of an account is there, adds up, and can be read back.
inline bool is_sound_whole(const account& a) {
    exact_sum held;
    for (const spendable& s : a.burning) {
        if (s.held.is_negative()) return false;
        held.add(s.held);
    }
    return !a.burning.leaves_out_far() && held.is(a.totals.held) && is_sound(a);
}

/// Beside the number of lots: a level of the balance follows.
inline constexpr std::uint8_t head_watches = 0x40;

/// Appends the head, with marks that are still to be filled in by `finish_head`.
inline bool pack_head(const row_key& key, const account& a, byte_list& into) {
    name_table names;
    for (std::size_t i = 0; i < a.burning.near_size(); ++i) names.add(a.burning[i].bucket);
    return pack_row(key, names, into, [&](record_writer& out) {
        out.number(a.last.value());
        out.time(a.time);
        out.time(a.next_due);
        out.time(a.period_from);
        for (credits total : {a.totals.available, a.totals.held, a.totals.debt}) out.amount(total);
        out.amount(a.used);
        out.number(a.order);
        const bool watches = a.floor != credits::min();
        out.number(a.burning.near_size() | (watches ? head_watches : 0));
        if (watches) out.amount(a.floor);
        for (std::size_t i = 0; i < a.burning.near_size(); ++i) write_spendable(out, a.burning[i]);
        for (std::size_t i = 0; i < head_marks::size; ++i) out.byte(0);
    });
}

inline void finish_head(const row_key& key, std::byte* from, std::size_t size,
                        const head_marks& marks) noexcept {
    std::byte* at = from + size - seal_size - head_marks::size;
    std::memcpy(at, &marks.first_far, sizeof marks.first_far);
    std::memcpy(at + sizeof marks.first_far, &marks.rows, sizeof marks.rows);
    const std::uint64_t sum = seal_of(from, size - seal_size, key.seed());
    std::memcpy(from + size - seal_size, &sum, seal_size);
}

/// The marks of a head that is as it was written.
inline bool read_marks(const row_key& key, const std::byte* from, std::size_t size,
                       head_marks& marks) noexcept {
    if (size < head_marks::size + seal_size || !is_sealed(from, size, row_version, key.seed())) {
        return false;
    }
    const std::byte* at = from + size - seal_size - head_marks::size;
    std::memcpy(&marks.first_far, at, sizeof marks.first_far);
    std::memcpy(&marks.rows, at + sizeof marks.first_far, sizeof marks.rows);
    return true;
}

/// Reads a head: all of an account but its rows, which are marked as left out.
inline bool unpack_head(const row_key& key, const std::byte* from, std::size_t size, account& a,
                        head_marks& marks) {
    if (!read_marks(key, from, size, marks)) return false;
    account read;
    const auto read_all = [&](record_reader& in) {
        read.last = in.id<entry_id>();
        read.time = in.time();
        read.next_due = in.time();
        read.period_from = in.time();
        for (credits* total : {&read.totals.available, &read.totals.held, &read.totals.debt}) {
            *total = in.amount();
        }
        read.used = in.amount();
        read.order = in.number();
        const auto counts = in.narrow<std::uint8_t>();
        const std::size_t near = counts & ~unsigned{head_watches};
        if (counts & head_watches) read.floor = in.amount();
        if (near > burn_list::near || ((counts & head_watches) && read.floor == credits::min())) {
            in.fail();
        }
        for (std::size_t i = 0; i < std::min(near, burn_list::near); ++i) {
            read.burning.push_back(read_spendable(in));
        }
        for (std::size_t i = 0; i < head_marks::size; ++i) in.byte();
    };
    const auto names = [&] {
        name_table spoken;
        for (const spendable& s : read.burning) spoken.add(s.bucket);
        return spoken;
    };
    if (!unpack_row(key, from, size, read_all, names)) return false;
    if (marks.first_far != 0) read.burning.leave_out_far();
    if (!is_sound_head(read)) return false;
    a = std::move(read);
    return true;
}

// ---- The rows -----------------------------------------------------------------------------------

/// Whether a lot begins a piece of the burn order, wherever it stands in it: so a change in the
/// middle changes the piece around it, and no other.
inline bool begins_piece(lot_id lot) noexcept {
    return (digest{}.add(std::uint64_t{lot.value()}).value() & 31) == 0;
}

/// A record that differs: what it was and what it is; no bytes where there is none.
struct row_change {
    row_kind kind = row_kind::head;
    std::uint32_t id = 0;
    std::size_t begin = 0;  ///< In the list of bytes: the old record, then the new one.
    std::size_t middle = 0;
    std::size_t end = 0;
};

/// Finds the records in which two accounts of one wallet differ. What both share is not looked at.
class row_comparison {
public:
    row_comparison(std::string_view wallet, byte_list& bytes,
                   std::vector<row_change>& changes) noexcept
        : wallet_{wallet}, bytes_{bytes}, changes_{changes} {}

    /// Appends what differs. Returns false for accounts that cannot be written.
    bool compare(const account& before, const account& after) {
        if (!before.rest.is_same(after.rest)) {
            compare_details(*before.rest, *after.rest);
            compare_list(row_kind::debts, before.rest->debts, after.rest->debts, write_debt);
            compare_list(row_kind::claims, before.rest->claims, after.rest->claims, write_claim);
            compare_elements(row_kind::lot, before.rest->lots, after.rest->lots, write_lot);
            compare_elements(row_kind::hold, before.rest->holds, after.rest->holds, write_hold);
            compare_elements(row_kind::order, before.rest->orders, after.rest->orders, write_order);
        }
        compare_elements(row_kind::counter, before.counters, after.counters, write_counter);
        compare_pieces(before.burning.far(), after.burning.far());
        return good_;
    }
    /// By how much the sum of the checksums changes.
    std::uint64_t sum() const noexcept { return sum_; }

private:
    using far_list = shared_list<spendable, 64>;

    template <class Names, class Write>
    void write(row_kind kind, std::uint32_t id, const Names& of, Write&& write_it) {
        name_table names;
        add_names(names, of);
        good_ = pack_row({wallet_, kind, id}, names, bytes_, write_it) && good_;
    }

    /// Notes a change, unless both records are the same. Each part appends its record, or nothing.
    template <class Old, class New>
    void note(row_kind kind, std::uint32_t id, Old&& old_record, New&& new_record) {
        row_change change{.kind = kind, .id = id, .begin = bytes_.size()};
        old_record();
        change.middle = bytes_.size();
        new_record();
        change.end = bytes_.size();
        const std::byte* at = bytes_.data();
        if (std::equal(at + change.begin, at + change.middle, at + change.middle,
                       at + change.end)) {
            bytes_.resize(change.begin);
            return;
        }
        if (change.middle > change.begin) sum_ -= sum_in(at, change.middle);
        if (change.end > change.middle) sum_ += sum_in(at, change.end);
        changes_.push_back(change);
    }

    void write_details_of(const account_details& d) {
        if (!has_details(d)) return;
        write(row_kind::details, 0, d, [&](record_writer& out) {
            out.byte(said_of(d));
            out.time(d.anchor);
            out.text(d.zone);
            out.text(d.plan);
            out.list(d.pending, [](record_writer& to, lot_id id) { to.number(id.value()); });
            out.list(d.cycles, write_cycle);
            write_further(out, d);
        });
    }
    void compare_details(const account_details& before, const account_details& after) {
        note(
            row_kind::details, 0, [&] { write_details_of(before); },
            [&] { write_details_of(after); });
    }

    template <class List, class Write>
    void compare_list(row_kind kind, const List& before, const List& after, Write&& write_one) {
        if (before == after) return;
        const auto write_all = [&](const List& all) {
            if (all.empty()) return;
            write(kind, 0, all, [&](record_writer& out) { out.list(all, write_one); });
        };
        note(
            kind, 0, [&] { write_all(before); }, [&] { write_all(after); });
    }

    /// Lists of things with ids, in the order of these.
    template <class List, class Write>
    void compare_elements(row_kind kind, const List& before, const List& after, Write&& write_one) {
        const auto put = [&](const auto* one) {
            if (!one) return;
            write(kind, one->id.value(), *one, [&](record_writer& out) { write_one(out, *one); });
        };
        const auto differ = [&](const auto* old_one, const auto* new_one) {
            const auto id = (old_one ? old_one : new_one)->id;
            note(
                kind, id.value(), [&] { put(old_one); }, [&] { put(new_one); });
        };
        using element = typename List::value_type;
        constexpr const element* none = nullptr;
        for (std::size_t i = 0, k = 0; i < before.size() || k < after.size();) {
            if (const std::size_t same = before.shared_from(i, after, k)) {
                i += same;
                k += same;
            } else if (k == after.size() || (i < before.size() && before[i].id < after[k].id)) {
                differ(&before[i++], none);
            } else if (i == before.size() || after[k].id < before[i].id) {
                if (k > 0 && !(after[k - 1].id < after[k].id)) good_ = false;
                differ(none, &after[k++]);
            } else {
                differ(&before[i++], &after[k++]);
            }
        }
    }

    /// Where a piece of the burn order ends.
    static std::size_t piece_end(const far_list& all, std::size_t from) {
        std::size_t end = from + 1;
        while (end < all.size() && !begins_piece(all[end].lot)) ++end;
        return end;
    }
    struct piece {
        std::uint32_t id = 0;  // its first lot
        std::size_t from = 0;
        std::size_t end = 0;

        friend bool operator<(const piece& a, const piece& b) noexcept { return a.id < b.id; }
    };
    static std::vector<piece> pieces_of(const far_list& all) {
        std::vector<piece> pieces;
        for (std::size_t from = 0; from < all.size(); from = pieces.back().end) {
            pieces.push_back({all[from].lot.value(), from, piece_end(all, from)});
        }
        std::sort(pieces.begin(), pieces.end());
        return pieces;
    }
    void put_piece(const far_list& all, const piece& p) {
        name_table names;
        for (std::size_t i = p.from; i < p.end; ++i) names.add(all[i].bucket);
        const auto write_all = [&](record_writer& out) {
            out.number(p.end < all.size() ? all[p.end].lot.value() : 0);  // the next piece
            out.number(p.end - p.from);
            for (std::size_t i = p.from; i < p.end; ++i) write_spendable(out, all[i]);
        };
        good_ = pack_row({wallet_, row_kind::burning, p.id}, names, bytes_, write_all) && good_;
    }
    void compare_pieces(const far_list& before, const far_list& after) {
        if (before.size() == after.size() && before.shared_from(0, after, 0) == before.size()) {
            return;
        }
        const std::vector<piece> old_pieces = pieces_of(before);
        const std::vector<piece> new_pieces = pieces_of(after);
        good_ = std::adjacent_find(new_pieces.begin(), new_pieces.end(),
                                   [](const piece& a, const piece& b) { return a.id == b.id; }) ==
                    new_pieces.end() &&
                good_;
        auto was = old_pieces.begin();
        auto is = new_pieces.begin();
        while (was != old_pieces.end() || is != new_pieces.end()) {
            const bool gone = is == new_pieces.end() || (was != old_pieces.end() && *was < *is);
            const bool fresh = was == old_pieces.end() || (!gone && *is < *was);
            note(
                row_kind::burning, gone ? was->id : is->id,
                [&] {
                    if (!fresh) put_piece(before, *was++);
                },
                [&] {
                    if (!gone) put_piece(after, *is++);
                });
        }
    }

    std::string_view wallet_;
    byte_list& bytes_;
    std::vector<row_change>& changes_;
    std::uint64_t sum_ = 0;
    bool good_ = true;
};

/// Puts an account together from its head and its rows.
class row_assembly {
public:
    explicit row_assembly(std::string_view wallet) noexcept : wallet_{wallet} {}

    /// The next row, in the order of kinds and ids. Returns whether it is one.
    bool add(std::uint64_t kind, std::uint64_t id, const std::byte* from, std::size_t size) {
        if (id > ~std::uint32_t{0} || kind > 0xff) return false;
        const row_key key{wallet_, static_cast<row_kind>(kind), static_cast<std::uint32_t>(id)};
        if (size <= seal_size || !add(key, from, size)) return false;
        sum_ += sum_in(from, size);
        return true;
    }

    /// Completes an account of which the head was read. Returns whether that, and the rows that
    /// were added, are all of one account.
    bool finish(const head_marks& marks, account& a) {
        if (sum_ != marks.rows) return false;
        if (marks.first_far != 0) {
            burn_list all;
            for (std::size_t i = 0; i < a.burning.near_size(); ++i) all.push_back(a.burning[i]);
            if (!add_far(marks.first_far, all)) return false;
            a.burning = std::move(all);
        } else if (!pieces_.empty()) {
            return false;
        }
        if (details_ != account_details{}) a.rest.edit() = std::move(details_);
        a.counters = std::move(counters_);
        return is_sound_whole(a);
    }

private:
    struct piece {
        std::uint32_t first = 0;
        std::uint32_t next = 0;
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    bool add(const row_key& key, const std::byte* from, std::size_t size) {
        switch (key.kind) {
            case row_kind::details: return key.id == 0 && add_details(key, from, size);
            case row_kind::debts:
                return key.id == 0 && add_list(key, from, size, details_.debts, 4, read_debt);
            case row_kind::claims:
                return key.id == 0 && add_list(key, from, size, details_.claims, 13, read_claim);
            case row_kind::lot: return add_one(key, from, size, details_.lots, read_lot);
            case row_kind::hold: return add_one(key, from, size, details_.holds, read_hold);
            case row_kind::burning: return add_piece(key, from, size);
            case row_kind::counter: return add_one(key, from, size, counters_, read_counter);
            case row_kind::order:
                return add_one(key, from, size, details_.orders, read_order_record);
            case row_kind::head: break;
        }
        return false;
    }

    bool add_details(const row_key& key, const std::byte* from, std::size_t size) {
        account_details& d = details_;
        const auto read = [&](record_reader& in) {
            const std::uint8_t says = read_mark(in, d);
            d.anchor = in.time();
            d.zone = in.text<zone_name>();
            d.plan = in.text<plan_name>();
            in.list(1, d.pending, [](record_reader& each) { return each.id<lot_id>(); });
            in.list(6, d.cycles, read_cycle);
            read_further(in, says, d);
        };
        return unpack_row(key, from, size, read, [&] { return names_of_all(d); }) && has_details(d);
    }
    template <class List, class Read>
    static bool add_list(const row_key& key, const std::byte* from, std::size_t size, List& into,
                         std::size_t least, Read&& read_one) {
        const auto read = [&](record_reader& in) { in.list(least, into, read_one); };
        return into.empty() &&
               unpack_row(key, from, size, read, [&] { return names_of_all(into); }) &&
               !into.empty();
    }
    template <class List, class Read>
    static bool add_one(const row_key& key, const std::byte* from, std::size_t size, List& into,
                        Read&& read_one) {
        typename List::value_type one;
        const auto read = [&](record_reader& in) { one = read_one(in); };
        if (!unpack_row(key, from, size, read, [&] { return names_of_all(one); })) return false;
        if (one.id.value() != key.id || (!into.empty() && !(into.back().id < one.id))) return false;
        into.push_back(one);
        return true;
    }
    bool add_piece(const row_key& key, const std::byte* from, std::size_t size) {
        piece p{.first = key.id, .begin = far_.size()};
        const auto read = [&](record_reader& in) {
            p.next = in.narrow<std::uint32_t>();
            in.list(least_spendable, far_, read_spendable);
        };
        const auto names = [&] {
            name_table spoken;
            for (std::size_t i = p.begin; i < far_.size(); ++i) spoken.add(far_[i].bucket);
            return spoken;
        };
        if (!unpack_row(key, from, size, read, names)) return false;
        p.end = far_.size();
        if (p.begin == p.end || far_[p.begin].lot.value() != p.first) return false;
        for (std::size_t i = p.begin + 1; i < p.end; ++i) {
            if (begins_piece(far_[i].lot)) return false;
        }
        if (!pieces_.empty() && pieces_.back().first >= p.first) return false;
        pieces_.push_back(p);
        return true;
    }
    template <class What>
    static name_table names_of_all(const What& what) {
        name_table names;
        add_names(names, what);
        return names;
    }

    /// Follows the pieces, each of which names the next one.
    bool add_far(std::uint32_t first, burn_list& into) const {
        std::size_t met = 0;
        for (std::uint32_t next = first; next != 0; ++met) {
            if (met == pieces_.size()) return false;
            if (met > 0 && !begins_piece(lot_id{next})) return false;
            auto at = std::lower_bound(
                pieces_.begin(), pieces_.end(), next,
                [](const piece& p, std::uint32_t wanted) { return p.first < wanted; });
            if (at == pieces_.end() || at->first != next) return false;
            for (std::size_t i = at->begin; i < at->end; ++i) into.push_back(far_[i]);
            next = at->next;
        }
        return met == pieces_.size();
    }

    std::string_view wallet_;
    account_details details_;
    decltype(account_body::counters) counters_;
    std::vector<spendable> far_;
    std::vector<piece> pieces_;
    std::uint64_t sum_ = 0;
};

/// The first lot behind those in the head; none is 0.
inline std::uint32_t first_far_of(const account& a) noexcept {
    const auto& far = a.burning.far();
    return far.empty() ? 0 : far[0].lot.value();
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

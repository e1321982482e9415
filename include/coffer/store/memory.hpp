/// A store in memory: for programs that keep their wallets themselves, for tests and simulations,
/// and as the model of what a store does. Threads may share it; nothing survives the process.
#pragma once

#include <coffer/base/detail/hash.hpp>
#include <coffer/base/detail/spin_lock.hpp>
#include <coffer/ledger/ledger.hpp>
#include <coffer/store/detail/entry_codec.hpp>
#include <coffer/store/detail/journal_arena.hpp>
#include <coffer/store/detail/key_table.hpp>
#include <coffer/store/detail/outbox.hpp>
#include <coffer/store/detail/record_keys.hpp>
#include <coffer/store/detail/slot_pool.hpp>
#include <coffer/store/store.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Keeps accounts, journals, request ids and notices in memory.
///
/// Wallets are spread over shards, each with a lock of its own that is held for one operation.
/// Complexity: constant for a commit, whatever the history; an entry takes about 100 bytes.
class memory_store {
    struct slot;
    struct shard;

public:
    static constexpr std::size_t default_shards = 256;

    /// `shards`: raised to a power of two; more of them let more threads pass.
    explicit memory_store(std::size_t shards = default_shards)
        : shard_count_{std::bit_ceil(std::max<std::size_t>(1, shards))},
          shards_{std::make_unique<shard[]>(shard_count_)},
          key_{detail::mix(reinterpret_cast<std::uintptr_t>(this), 0x9e3779b97f4a7c15ull)} {}
    memory_store(const memory_store&) = delete;
    memory_store& operator=(const memory_store&) = delete;

    /// Takes no lock: a wallet that somebody adds at the same time may be missed, and is then
    /// looked for again by the operation.
    wallet_place locate(const wallet_id& wallet) const noexcept {
        const std::uint64_t hash = key_.of(wallet);
        shard& home = shard_of(hash);
        slot* found = find_slot(home, hash, wallet);
        return found ? wallet_place{found, &home, found->number} : wallet_place{};
    }

    /// Asks the processor to bring closer what an operation on the wallet will read. Takes no lock.
    void prefetch(const wallet_place& place, const request_id& request) const noexcept {
        if (!place.record) return;
        prefetch(*static_cast<slot*>(place.record));
        if (request.empty()) return;
        static_cast<shard*>(place.home)->keys.prefetch(key_.of(place.number, request));
    }

    /// Complexity: constant, whatever the wallet has, but for the entries that are asked for.
    result<void> open(const page_request& wanted, page& into) {
        into.place = wanted.place.record ? wanted.place : locate(wanted.wallet);
        into.whole = wanted.whole || !into.place.record;  // all of nothing is there
        if (!into.place.record) return {};
        const slot& s = *static_cast<slot*>(into.place.record);
        shard& home = *static_cast<shard*>(into.place.home);
        prefetch(s);
        const bool asks = !wanted.request.empty();
        const std::uint64_t key = asks ? key_.of(into.place.number, wanted.request) : 0;
        if (asks) home.keys.prefetch(key);
        std::lock_guard lock{home.lock};
        copy_head(s.head, into.state, wanted.whole);
        if (wanted.whole) {
            into.state.body() = s.body;
        } else if (!s.head.burning.is_near()) {
            into.state.burning.leave_out_far();
        }
        if (asks) {
            const detail::record_ref ref =
                find_request(home, s, wanted.request.made_by(), wanted.request.text(), key);
            if (!ref) into.unknown = key;
            if (auto read = read_told(home, s, ref, into.known); !read) return read;
        }
        if (!wanted.told_entry && !wanted.told) return {};
        return read_told(home, s, find_told(home, s, wanted), into.told);
    }

    /// Complexity: linear in the answer, plus at most 256 entries; with `lot`, linear in the
    /// wallet's journal.
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) {
        std::uint64_t hash = key_.of(wallet);
        shard& home = shard_of(hash);
        std::lock_guard lock{home.lock};
        journal_page page;
        const slot* found = find_slot(home, hash, wallet);
        if (!found) return page;
        const result<void> read = query.about ? read_about(home, *found, query, page)
                                              : read_range(home, *found, query, page);
        if (!read) return read.error();
        return page;
    }

    commit_outcome commit(const commit_batch& batch) {
        account_body replaced;  // is given up after the lock
        const wallet_place place = batch.place.record ? batch.place : locate(batch.wallet);
        if (!place.record) {
            const std::uint64_t hash = key_.of(batch.wallet);
            shard& home = shard_of(hash);
            std::lock_guard lock{home.lock};
            slot* found = find_slot(home, hash, batch.wallet);  // added meanwhile
            return found ? write_checked(home, *found, batch, replaced)
                         : add_wallet(home, hash, batch);
        }
        shard& home = *static_cast<shard*>(place.home);
        std::lock_guard lock{home.lock};
        return write_checked(home, *static_cast<slot*>(place.record), batch, replaced);
    }

    result<std::vector<due_wallet>> due(instant until, std::size_t limit) {
        std::vector<due_wallet> all;
        for (std::size_t i = 0; i < shard_count_; ++i) {
            std::lock_guard lock{shards_[i].lock};
            list_due(shards_[i], until, limit, all);
        }
        std::sort(all.begin(), all.end(),
                  [](const due_wallet& a, const due_wallet& b) { return a.due < b.due; });
        if (all.size() > limit) all.resize(limit);
        return all;
    }

    /// The wallets that the store knows after one of them, or from the first on, in an order of its
    /// own. One that is added meanwhile may be missed.
    /// Errors: `invalid_argument` for a wallet that it does not know.
    result<std::vector<wallet_id>> wallets(const wallet_id& after, std::size_t limit) {
        std::size_t at = 0;
        std::uint32_t last = 0;
        if (!after.text().empty()) {
            const wallet_place place = locate(after);
            if (!place.record) return errc::invalid_argument;
            at = static_cast<std::size_t>(static_cast<shard*>(place.home) - shards_.get());
            last = static_cast<slot*>(place.record)->number;
        }
        std::vector<wallet_id> all;
        for (; at < shard_count_ && all.size() < limit; ++at, last = 0) {
            std::lock_guard lock{shards_[at].lock};
            const auto& slots = shards_[at].slots;
            while (last < slots.size() && all.size() < limit) all.push_back(slots[++last].id);
        }
        return all;
    }

    result<std::vector<notice>> notices(std::size_t limit) { return outbox_.oldest(limit); }
    /// Drops a notice that was delivered. One that is not there is fine: it was dropped before.
    result<void> acknowledge(std::uint64_t id) {
        outbox_.drop(id, [&](const wallet_id& wallet) {
            const std::uint64_t hash = key_.of(wallet);
            slot* found = find_slot(shard_of(hash), hash, wallet);
            return found ? &found->waiting : nullptr;
        });
        return {};
    }

private:
    /// Five cache lines, of which a charge touches the first three.
    struct alignas(64) slot {
        account_head head;
        detail::record_ref newest = 0;
        std::uint32_t number = 0;  // within the shard, from 1
        account_body body;
        instant listed = never;           // the earliest place of this wallet in the due heap
        wallet_id id;                     // readable without the lock, as it never changes
        detail::waiting_notices waiting;  // under the lock of the outbox
    };

    static void prefetch(const slot& s) noexcept {
        const auto* line = reinterpret_cast<const std::byte*>(&s);
        __builtin_prefetch(line, 1);
        __builtin_prefetch(line + 64, 1);
        __builtin_prefetch(line + 128, 1);
    }
    struct due_mark {
        instant due;
        std::uint32_t slot;
        bool operator<(const due_mark& other) const noexcept { return due > other.due; }
    };
    struct alignas(64) shard {
        detail::spin_lock lock;
        detail::journal_arena journal;
        detail::key_table keys;            // hash of a request or a milestone → record
        detail::key_table abouts;          // hash of an entry → the newest record about it
        detail::shared_key_table wallets;  // hash of the wallet's id → slot number
        detail::slot_pool<slot> slots;
        std::vector<due_mark> due;  // a heap; marks may be out of date
    };
    /// Stands before each encoded entry.
    struct record_head {
        std::uint32_t size = 0;
        std::uint32_t slot = 0;
        detail::record_ref previous = 0;        // the wallet's entry before
        detail::record_ref previous_about = 0;  // the entry before that speaks of the same one
    };
    /// Every so many entries, the table of keys knows where one stands.
    static constexpr std::uint32_t milestone_distance = 256;
    /// The most keys that one entry adds: its request, a milestone.
    static constexpr std::size_t keys_per_entry = 2;

    shard& shard_of(std::uint64_t hash) const noexcept {
        return shards_[hash & (shard_count_ - 1)];
    }

    static slot* find_slot(shard& home, std::uint64_t hash, const wallet_id& wallet) noexcept {
        slot* found = nullptr;
        const std::uint32_t number = home.wallets.find(hash, [&](std::uint32_t n) {
            found = &home.slots[n];
            prefetch(*found);
            return found->id == wallet;
        });
        return number ? found : nullptr;
    }
    /// `whole`: with the lots that stand far, else those stay as they are.
    static void copy_head(const account_head& from, account_head& to, bool whole) noexcept {
        if (whole) {
            to = from;
            return;
        }
        to.burning.take_near(from.burning);
        to.last = from.last;
        to.time = from.time;
        to.next_due = from.next_due;
        to.period_from = from.period_from;
        to.totals = from.totals;
        to.used = from.used;
        to.order = from.order;
        to.floor = from.floor;
    }

    static record_head head_of(const shard& home, detail::record_ref ref) noexcept {
        record_head head;
        std::memcpy(&head, home.journal.at(ref), sizeof head);
        return head;
    }
    static detail::entry_head entry_head_of(const shard& home, detail::record_ref ref) noexcept {
        detail::entry_head head;
        std::memcpy(&head, home.journal.at(ref) + sizeof(record_head), sizeof head);
        return head;
    }
    static bool read_one(const shard& home, detail::record_ref ref, entry& e) {
        const std::byte* at = home.journal.at(ref);
        return bool{detail::decode(at + sizeof(record_head), head_of(home, ref).size, e)};
    }
    static result<void> read_record(const shard& home, detail::record_ref ref,
                                    std::vector<entry>& into) {
        entry e;
        if (!read_one(home, ref, e)) return errc::corrupt_record;
        into.push_back(std::move(e));
        return {};
    }

    detail::record_ref find_request(const shard& home, const slot& s,
                                    const request_id& request) const {
        if (request.empty()) return 0;
        return find_request(home, s, request.made_by(), request.text(), key_.of(s.number, request));
    }
    static detail::record_ref find_request(const shard& home, const slot& s,
                                           request_id::scope made_by, std::string_view text,
                                           std::uint64_t key) {
        return home.keys.find(key, [&](detail::record_ref ref) {
            if (head_of(home, ref).slot != s.number) return false;
            const detail::entry_head head = entry_head_of(home, ref);
            if (head.flags >> 2 != static_cast<int>(made_by)) return false;
            const std::byte* at =
                home.journal.at(ref) + sizeof(record_head) + sizeof(detail::entry_head);
            return text == std::string_view{reinterpret_cast<const char*>(at), head.request_size};
        });
    }
    /// The other request, or the entry, that a page is asked for besides.
    detail::record_ref find_told(const shard& home, const slot& s,
                                 const page_request& wanted) const {
        if (!wanted.told_entry) return find_request(home, s, *wanted.told);
        const std::uint32_t id = wanted.told_entry.value();
        return id <= s.head.last.value() ? record_of(home, s, id) : 0;
    }
    detail::record_ref find_about(const shard& home, std::uint32_t number, entry_id about) const {
        return home.abouts.find(key_.about(number, about), [&](detail::record_ref ref) {
            return speaks_of(home, ref, number, about);
        });
    }

    /// Reads an entry, those that speak of it, and those that speak of these.
    result<void> read_told(const shard& home, const slot& s, detail::record_ref ref,
                           std::vector<entry>& into) const {
        if (!ref) return {};
        if (auto read = read_record(home, ref, into); !read) return read;
        for (std::size_t i = 0; i < into.size(); ++i) {
            const std::size_t first = into.size();
            const entry_id about = into[i].id;
            for (auto next = find_about(home, s.number, about); next;
                 next = head_of(home, next).previous_about) {
                if (auto read = read_record(home, next, into); !read) return read;
            }
            std::reverse(into.begin() + static_cast<std::ptrdiff_t>(first), into.end());
        }
        return {};
    }

    result<void> read_about(const shard& home, const slot& s, const journal_query& query,
                            journal_page& page) const {
        std::vector<detail::record_ref> chain;  // newest first
        for (auto ref = find_about(home, s.number, query.about); ref;) {
            chain.push_back(ref);
            ref = head_of(home, ref).previous_about;
        }
        if (!query.newest_first) std::reverse(chain.begin(), chain.end());
        for (detail::record_ref ref : chain) {
            result<bool> more = select(home, ref, query, page);
            if (!more) return more.error();
            if (!*more) break;
        }
        return {};
    }

    result<void> read_range(const shard& home, const slot& s, const journal_query& query,
                            journal_page& page) const {
        std::uint32_t newest = s.head.last.value();
        if (query.after.value() >= newest) return {};
        std::uint32_t top = query.before ? std::min(newest, query.before.value() - 1) : newest;
        std::uint32_t low = query.after.value() + 1;
        if (query.newest_first) {
            detail::record_ref ref = top >= low ? record_of(home, s, top) : 0;
            for (std::uint32_t id = top; id >= low && ref; --id) {
                result<bool> more = select(home, ref, query, page);
                if (!more) return more.error();
                if (!*more) break;
                ref = head_of(home, ref).previous;
            }
            return {};
        }
        std::vector<detail::record_ref> block;
        for (std::uint32_t from = low; from <= top && !page.more;) {
            std::uint32_t to = std::min(top, from + milestone_distance - 1);
            block.clear();
            detail::record_ref ref = record_of(home, s, to);
            for (std::uint32_t id = to; id >= from; --id) {
                block.push_back(ref);
                ref = head_of(home, ref).previous;
            }
            for (auto at = block.rbegin(); at != block.rend(); ++at) {
                result<bool> more = select(home, *at, query, page);
                if (!more) return more.error();
                if (!*more) break;
            }
            from = to + 1;
        }
        return {};
    }

    /// The record of an entry that is there.
    detail::record_ref record_of(const shard& home, const slot& s, std::uint32_t id) const {
        std::uint32_t from = s.head.last.value();
        detail::record_ref ref = s.newest;
        std::uint32_t past = (milestone_distance - id % milestone_distance) % milestone_distance;
        if (past < from - id) {
            std::uint32_t next = id + past;
            ref = home.keys.find(key_.milestone(s.number, next), [&](detail::record_ref known) {
                return head_of(home, known).slot == s.number &&
                       entry_head_of(home, known).id == next;
            });
            from = next;
        }
        for (; from > id; --from) ref = head_of(home, ref).previous;
        return ref;
    }

    /// Adds a record to the page if the query wants it. Returns whether to go on.
    static result<bool> select(const shard& home, detail::record_ref ref,
                               const journal_query& query, journal_page& page) {
        entry e;
        if (!read_one(home, ref, e)) return errc::corrupt_record;
        if (e.id <= query.after || (query.before && e.id >= query.before)) return true;
        if (query.about && e.about != query.about) return true;
        if (query.lot && !concerns(e, query.lot)) return true;
        if (page.entries.size() == query.limit) {
            page.more = true;
            return false;
        }
        page.entries.push_back(std::move(e));
        return true;
    }

    /// Where an entry was written, and the key of its request; zero for none.
    struct written_record {
        std::uint64_t key = 0;
        detail::record_ref ref = 0;
    };
    using written_records = detail::inline_vector<written_record, 4>;

    commit_outcome write_checked(shard& home, slot& s, const commit_batch& batch,
                                 account_body& replaced) {
        if (s.head.last != batch.expected) return commit_outcome::conflict;
        written_records records;
        records.reserve(batch.entries.size());
        for (const entry& e : batch.entries) {
            const std::uint64_t key = key_of(s, e, batch);
            if (key != 0 && is_known(home, s, e, key, batch)) return commit_outcome::duplicate;
            records.push_back({.key = key});
        }
        return write(home, s, batch, records, replaced);
    }
    /// Zero for an entry without a request.
    std::uint64_t key_of(const slot& s, const entry& e, const commit_batch& batch) const noexcept {
        if (e.requested_by == request_id::scope::none || e.request.empty()) return 0;
        const bool was_asked = batch.asked && batch.unknown != 0 &&
                               e.requested_by == batch.asked->made_by() &&
                               e.request.data() == batch.asked->text().data();
        return was_asked ? batch.unknown : key_.of(s.number, e.requested_by, e.request);
    }
    /// Whether somebody else has the request's id. A page that looked for it has been told; nothing
    /// has been written since.
    static bool is_known(const shard& home, const slot& s, const entry& e, std::uint64_t key,
                         const commit_batch& batch) {
        if (key == batch.unknown) return false;
        const detail::record_ref ref = find_request(home, s, e.requested_by, e.request, key);
        return ref && entry_head_of(home, ref).id != batch.reopened.value();
    }
    commit_outcome add_wallet(shard& home, std::uint64_t hash, const commit_batch& batch) {
        home.wallets.reserve_one();
        home.slots.reserve_one(slabs_);
        slot fresh;
        fresh.number = home.slots.size() + 1;
        fresh.id = batch.wallet;
        account_body nothing;
        const commit_outcome outcome = write_checked(home, fresh, batch, nothing);
        if (outcome != commit_outcome::committed) return outcome;
        home.slots.add() = std::move(fresh);
        home.wallets.insert(hash, home.slots.size());
        return outcome;
    }

    /// All that can fail for lack of memory comes first; what follows cannot fail.
    commit_outcome write(shard& home, slot& s, const commit_batch& batch, written_records& records,
                         account_body& replaced) {
        std::list<notice> notices(batch.notices.begin(), batch.notices.end());
        home.keys.reserve(batch.entries.size() * keys_per_entry);
        home.abouts.reserve(batch.entries.size());
        const bool sooner = batch.after.next_due < s.listed;
        if (sooner) make_room(home.due, 1);

        detail::undo_records undo{home.journal, home.journal.here()};
        detail::record_ref newest = s.newest;
        for (std::size_t i = 0; i < records.size(); ++i) {
            const entry& e = batch.entries[i];
            const detail::record_ref ref = reserve_record(home, e);
            if (!ref) return commit_outcome::full;
            write_record(home, e,
                         {.slot = s.number,
                          .previous = newest,
                          .previous_about = previous_about(home, s.number, batch, records, i)});
            newest = records[i].ref = ref;
        }

        undo.armed = false;
        for (std::size_t i = 0; i < records.size(); ++i) {
            index(home, s, batch.entries[i], records[i], batch.reopened);
        }
        s.newest = newest;
        if (batch.whole) {
            replaced = std::exchange(s.body, batch.after.body());
        }
        copy_head(batch.after, s.head, batch.whole);
        if (sooner) note_due(home, s);
        outbox_.add(s.id, notices, s.waiting);
        return commit_outcome::committed;
    }

    template <class T>
    static void make_room(std::vector<T>& list, std::size_t more) {
        if (list.size() + more > list.capacity()) list.reserve(list.size() * 2 + more);
    }

    static detail::record_ref reserve_record(shard& home, const entry& e) {
        return home.journal.reserve(sizeof(record_head) + detail::encoded_bound(e));
    }
    /// Requires: `reserve_record` for this entry was the last thing done to the journal.
    static void write_record(shard& home, const entry& e, record_head head) noexcept {
        std::byte* at = home.journal.tail();
        std::size_t size = detail::encode(e, at + sizeof head);
        head.size = static_cast<std::uint32_t>(size);
        std::memcpy(at, &head, sizeof head);
        home.journal.keep(sizeof head + size);
    }
    /// The newest record that speaks of the same entry as the i-th of the batch, of those that
    /// stand before it.
    detail::record_ref previous_about(const shard& home, std::uint32_t number,
                                      const commit_batch& batch, const written_records& records,
                                      std::size_t i) const {
        const entry_id about = batch.entries[i].about;
        if (!about) return 0;
        while (i-- > 0) {
            if (batch.entries[i].about == about) return records[i].ref;
        }
        return find_about(home, number, about);
    }
    /// Makes a written record findable. Its request may go over to it from the entry `reopened`.
    void index(shard& home, slot& s, const entry& e, const written_record& written,
               entry_id reopened) noexcept {
        if (written.key != 0) {
            const auto former = [&](detail::record_ref known) {
                return head_of(home, known).slot == s.number &&
                       entry_head_of(home, known).id == reopened.value();
            };
            if (!reopened || !home.keys.replace(written.key, former, written.ref)) {
                home.keys.insert(written.key, written.ref);
            }
        }
        note_record(home, s, e, written.ref);
    }
    void note_record(shard& home, slot& s, const entry& e, detail::record_ref ref) noexcept {
        if (e.id.value() % milestone_distance == 0) {
            home.keys.insert(key_.milestone(s.number, e.id.value()), ref);
        }
        if (!e.about) return;
        std::uint64_t hash = key_.about(s.number, e.about);
        auto same = [&](detail::record_ref other) {
            return speaks_of(home, other, s.number, e.about);
        };
        if (!home.abouts.replace(hash, same, ref)) home.abouts.insert(hash, ref);
    }
    static bool speaks_of(const shard& home, detail::record_ref ref, std::uint32_t number,
                          entry_id about) noexcept {
        return head_of(home, ref).slot == number && entry_head_of(home, ref).about == about.value();
    }

    static void note_due(shard& home, slot& s) noexcept {
        s.listed = s.head.next_due;
        home.due.push_back({s.listed, s.number});
        std::push_heap(home.due.begin(), home.due.end());
    }

    /// Puts marks back into the heap, which has had room for them.
    struct marks_to_return {
        shard& home;
        std::vector<due_mark> marks{};
        ~marks_to_return() {
            for (const due_mark& mark : marks) put_mark(home, mark);
        }
    };
    static void put_mark(shard& home, due_mark mark) noexcept {
        home.slots[mark.slot].listed = mark.due;
        if (mark.due == never) return;
        home.due.push_back(mark);
        std::push_heap(home.due.begin(), home.due.end());
    }

    static void list_due(shard& home, instant until, std::size_t limit,
                         std::vector<due_wallet>& all) {
        marks_to_return listed{.home = home};
        while (!home.due.empty() && home.due.front().due <= until && listed.marks.size() < limit) {
            due_mark mark = home.due.front();
            slot& s = home.slots[mark.slot];
            bool stands = mark.due == s.listed;  // else another mark stands for the wallet
            bool is_due = stands && mark.due == s.head.next_due;
            if (is_due) {
                all.push_back({s.id, mark.due});
                listed.marks.push_back(mark);
            }
            std::pop_heap(home.due.begin(), home.due.end());
            home.due.pop_back();
            constexpr instant being_listed = instant::min();
            if (is_due) s.listed = being_listed;
            if (stands && !is_due) put_mark(home, {s.head.next_due, mark.slot});
        }
    }

    std::size_t shard_count_;
    detail::slab_source slabs_;  // outlives the shards
    std::unique_ptr<shard[]> shards_;
    detail::record_keys key_;
    detail::outbox outbox_;
};

}  // namespace v0
}  // namespace coffer

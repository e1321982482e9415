/// A store in an SQLite file: wallets that outlive the program, shared by its threads and by other
/// processes on the same machine. Include it where the store is opened; link `coffer::sqlite`.
///
/// docs/store.md says what stands in the file and what a commit costs.
#pragma once

#include <coffer/store/detail/account_rows.hpp>
#include <coffer/store/sqlite_file.hpp>
#include <coffer/store/sqlite_read.hpp>
#include <coffer/store/sqlite_recent.hpp>
#include <coffer/store/sqlite_transaction.hpp>
#include <coffer/store/store.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Keeps accounts, journals, request ids and notices in an SQLite file.
///
/// Threads may share one object: its calls run one after another. Several objects and processes
/// may open one file.
/// Complexity: what the head of an account decides, as most charges, reads and writes one row of it
/// and adds an entry, whatever the wallet has; else an operation reads all of the account, and
/// writes the rows that it changed.
class sqlite_store {
public:
    /// Opens the file, or makes it where there is none; one that an older coffer wrote is brought
    /// to
    /// this layout, in one transaction.
    /// Errors: `invalid_argument` for a file of another application or of a newer coffer, which is
    /// left as it is; `corrupt_record`; `unavailable`; `storage_full`. `sentence()` says more.
    static result<sqlite_store> open(const std::string& path, const sqlite_options& options = {}) {
        if (path.empty() || path.find('\0') != path.npos) {
            return error{errc::invalid_argument}.in("path", "has to name a file");
        }
        if (sqlite3_threadsafe() == 0) {
            return error{errc::unavailable}.because("SQLite was built without threads");
        }
        auto made = std::make_unique<core>(options.kept_lots);
        if (result<void> opened = made->file.open(path, options); !opened) return opened.error();
        return sqlite_store{std::move(made)};
    }

    /// Complexity: constant for the head of an account, else linear in all of it; besides, linear
    /// in the entries that are asked for.
    result<void> open(const page_request& wanted, page& into) {
        const std::unique_lock lock = enter();
        if (auto readable = check_readable(); !readable) return readable;
        into.whole = wanted.whole;
        const std::string key = wanted.request.empty() ? std::string{} : key_of(wanted.request);
        // While this runs, all that is read is of one moment.
        auto run = core_->file.run(does::open);
        run.blob(1, wanted.wallet.text());
        if (!key.empty()) run.blob(2, key);
        const int code = run.step();
        if (code == SQLITE_DONE) return {};
        if (code != SQLITE_ROW) return detail::sqlite_errc(code);
        if (auto read = read_account(wanted.wallet, run, wanted.whole, into.state); !read) {
            return read;
        }
        return read_outcomes(wanted, run, into);
    }

    /// Complexity: linear in the answer; with both `about` and `lot`, in the lot's entries.
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) {
        const std::unique_lock lock = enter();
        if (auto readable = check_readable(); !readable) return readable.error();
        return read_entries(wallet, query);
    }

    commit_outcome commit(const commit_batch& batch) {
        const std::unique_lock lock = enter();
        if (!batch.wallet.is_valid()) return commit_outcome::unavailable;
        // All of the library's memory is taken before anything is written.
        account stored;
        const account* before = batch.before;
        if (batch.whole && !is_known(before, batch.expected)) {
            if (auto read = read_before(batch, stored); !read) return outcome_of(read.error());
            if (stored.last != batch.expected) return commit_outcome::conflict;
            before = &stored;
        }
        if (!pack(batch, before)) return commit_outcome::unavailable;
        const int begun = core_->transaction.begin();
        if (begun != SQLITE_DONE) return detail::nothing_written(begun);
        written_account written;
        commit_outcome outcome = write(batch, written);
        if (outcome == commit_outcome::committed && !core_->file.check_place()) {
            outcome = commit_outcome::unavailable;
        }
        if (outcome != commit_outcome::committed) {
            core_->transaction.undo(outcome);
            return outcome;
        }
        outcome = core_->transaction.finish(batch.wallet, batch.expected);
        if (outcome != commit_outcome::committed) return outcome;
        core_->hour = std::max(core_->hour, hour_of(batch.after.time));
        if (batch.whole) core_->recent.keep(written.number, written.marks, batch.after);
        return outcome;
    }

    /// Makes one transaction of this thread's commits until `end_group` or `drop_group`; calls of
    /// other threads wait for that. A commit in it that fails leaves the others as they are.
    /// Errors: `invalid_argument` in a group; `unavailable`.
    result<void> begin_group() {
        std::unique_lock lock = enter();
        if (core_->transaction.in_group()) {
            return error{errc::invalid_argument}.because("this thread is in a group already");
        }
        if (auto readable = check_readable(); !readable) return readable;
        const int code = core_->transaction.begin_group();
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        lock.release();  // until the group ends
        return {};
    }
    /// Writes what was committed in the group: all of it, or nothing.
    commit_outcome end_group() {
        const std::unique_lock lock = enter();
        if (!core_->transaction.in_group()) return commit_outcome::unavailable;
        const commit_outcome outcome = core_->transaction.end_group();
        if (outcome != commit_outcome::committed) forget();
        core_->lock.unlock();
        return outcome;
    }
    /// Ends the group without writing anything of it.
    void drop_group() {
        const std::unique_lock lock = enter();
        if (!core_->transaction.in_group()) return;
        core_->transaction.drop_group();
        forget();
        core_->lock.unlock();
    }

    result<std::vector<due_wallet>> due(instant until, std::size_t limit) {
        const std::unique_lock lock = enter();
        if (auto readable = check_readable(); !readable) return readable.error();
        auto run = core_->file.run(does::due);
        run.number(1, detail::ticks(until)).number(2, row_limit(limit));
        std::vector<due_wallet> all;
        int code = run.step();
        for (; code == SQLITE_ROW; code = run.step()) {
            all.push_back({run.blob_at(0), detail::from_ticks(run.number_at(1))});
            if (!all.back().wallet.is_valid()) return errc::corrupt_record;
        }
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        return all;
    }

    /// The wallets that the store knows, in the order of their ids' bytes, from the first one after
    /// `after` on; all from the first, where that is empty.
    result<std::vector<wallet_id>> wallets(const wallet_id& after, std::size_t limit) {
        const std::unique_lock lock = enter();
        if (auto readable = check_readable(); !readable) return readable.error();
        auto run = core_->file.run(does::wallets);
        run.blob(1, after.text()).number(2, row_limit(limit));
        std::vector<wallet_id> all;
        int code = run.step();
        for (; code == SQLITE_ROW; code = run.step()) {
            all.emplace_back(run.blob_at(0));
            if (!all.back().is_valid()) return errc::corrupt_record;
        }
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        return all;
    }

    /// The hour of the latest instant that any account has seen; nothing where none was recorded.
    result<std::optional<instant>> latest() {
        const std::unique_lock lock = enter();
        if (auto readable = check_readable(); !readable) return readable.error();
        auto run = core_->file.run(does::recorded);
        const int code = run.step();
        if (code == SQLITE_DONE) return std::optional<instant>{};
        if (code != SQLITE_ROW) return detail::sqlite_errc(code);
        return std::optional{detail::from_ticks(run.number_at(0))};
    }

    result<std::vector<notice>> notices(std::size_t limit) {
        const std::unique_lock lock = enter();
        if (auto readable = check_readable(); !readable) return readable.error();
        auto run = core_->file.run(does::notices);
        run.number(1, row_limit(limit));
        std::vector<notice> all;
        int code = run.step();
        for (; code == SQLITE_ROW; code = run.step()) {
            all.push_back({.id = static_cast<std::uint64_t>(run.number_at(0)),
                           .wallet = run.blob_at(1),
                           .entry = entry_id{static_cast<std::uint32_t>(run.number_at(2))},
                           .ordinal = static_cast<std::uint32_t>(run.number_at(5)),
                           .kind = std::string{run.blob_at(3)},
                           .text = std::string{run.blob_at(4)}});
        }
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        return all;
    }

    /// Drops a notice that was delivered. One that is not there is fine: it was dropped before.
    result<void> acknowledge(std::uint64_t id) {
        const std::unique_lock lock = enter();
        if (auto readable = check_readable(); !readable) return readable.error();
        int code =
            core_->file.run(does::acknowledge).number(1, static_cast<std::int64_t>(id)).step();
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        return {};
    }

private:
    using does = detail::sqlite_does;

    struct core {
        explicit core(std::size_t kept_lots) : recent{kept_lots} {}

        std::recursive_mutex lock;  // a group holds it from its begin to its end
        detail::sqlite_file file;
        detail::sqlite_transaction transaction{file};
        // Of the commit that is being made; kept, so that the next one need not allocate.
        detail::byte_list packed;
        std::vector<detail::row_change> changes;  // whose records stand first
        std::uint64_t sum = 0;                    // by which they change the sum of checksums
        std::vector<std::size_t> ends;  // of these, of the head, and of each entry after it
        detail::recent_accounts recent;
        instant hour = instant::min();  // the latest that this store has recorded
    };

    explicit sqlite_store(std::unique_ptr<core> made) noexcept : core_{std::move(made)} {}

    /// Begins a call. No transaction is left over from the last one.
    std::unique_lock<std::recursive_mutex> enter() {
        std::unique_lock lock{core_->lock};
        core_->transaction.clean_up();
        return lock;
    }
    /// Forgets what it knows of the file by what it wrote, as that was taken back.
    void forget() noexcept {
        core_->recent.clear();
        core_->hour = instant::min();
    }
    static instant hour_of(instant t) noexcept {
        return t - t.time_since_epoch() % std::chrono::hours{1};
    }
    /// Errors: `unavailable`.
    result<void> check_readable() const noexcept {
        if (core_->transaction.is_lost()) return errc::unavailable;
        return core_->file.check_place();
    }

    /// Reads an account of which a row of `open` or `load` was found.
    result<void> read_account(const wallet_id& wallet, const detail::sqlite_run& found, bool whole,
                              account& into) {
        const std::string_view packed = found.blob_at(3);
        detail::head_marks marks;
        if (!detail::unpack_head({wallet.text()}, detail::bytes_of(packed), packed.size(), into,
                                 marks) ||
            into.last.value() != found.number_at(1) ||
            detail::ticks(into.next_due) != found.number_at(2)) {
            into = {};
            return errc::corrupt_record;
        }
        const std::int64_t number = found.number_at(0);
        if (!whole || core_->recent.complete(number, marks, into)) return {};
        result<void> read = read_rows(wallet, number, marks, into);
        if (!read) {
            into = {};
            return read;
        }
        core_->recent.keep(number, marks, into);
        return {};
    }
    result<void> read_rows(const wallet_id& wallet, std::int64_t number,
                           const detail::head_marks& marks, account& into) {
        detail::row_assembly rows{wallet.text()};
        auto run = core_->file.run(does::read_rows);
        int code = run.number(1, number).step();
        for (; code == SQLITE_ROW; code = run.step()) {
            const std::string_view packed = run.blob_at(2);
            if (!rows.add(static_cast<std::uint64_t>(run.number_at(0)),
                          static_cast<std::uint64_t>(run.number_at(1)), detail::bytes_of(packed),
                          packed.size())) {
                return errc::corrupt_record;
            }
        }
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        return rows.finish(marks, into) ? result<void>{} : result<void>{errc::corrupt_record};
    }

    /// Reads what became of the requests and entries that are asked for.
    result<void> read_outcomes(const page_request& wanted, const detail::sqlite_run& found,
                               page& into) {
        auto texts = std::make_shared<std::vector<std::shared_ptr<const void>>>();
        if (found.number_at(4) != 0) {
            auto read =
                read_told(wanted.wallet, detail::one_entry(found.number_at(4), found.blob_at(5)),
                          into.known, *texts);
            if (!read) return read;
        }
        if (wanted.told_entry || (wanted.told && !wanted.told->empty())) {
            auto first = wanted.told_entry ? entry_at(wanted.wallet, wanted.told_entry)
                                           : find(found.number_at(0), *wanted.told);
            auto read = read_told(wanted.wallet, std::move(first), into.told, *texts);
            if (!read) return read;
        }
        if (!texts->empty()) into.texts = std::move(texts);
        return {};
    }
    result<journal_page> find(std::int64_t number, const request_id& request) {
        const std::string key = key_of(request);
        auto run = core_->file.run(does::find);
        run.number(1, number).blob(2, key);
        return detail::read_page(run, 1);
    }
    result<journal_page> entry_at(const wallet_id& wallet, entry_id id) {
        return read_entries(
            wallet, {.after = entry_id{id.value() - 1}, .before = entry_id{id.value() + 1}});
    }
    /// Adds an entry, those that speak of it, and those that speak of these.
    result<void> read_told(const wallet_id& wallet, result<journal_page> first,
                           std::vector<entry>& into,
                           std::vector<std::shared_ptr<const void>>& texts) {
        const auto keep = [&](journal_page& read) {
            into.insert(into.end(), read.entries.begin(), read.entries.end());
            texts.push_back(std::move(read.texts));
        };
        if (!first) return first.error();
        keep(*first);
        for (std::size_t i = 0; i < into.size(); ++i) {
            journal_query about{.about = into[i].id};
            for (bool more = true; more;) {
                auto read = read_entries(wallet, about);
                if (!read) return read.error();
                more = read->more;
                if (!read->entries.empty()) about.after = read->entries.back().id;
                keep(*read);
            }
        }
        return {};
    }
    result<journal_page> read_entries(const wallet_id& wallet, const journal_query& query) {
        auto run = core_->file.run(reader_of(query));
        constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
        std::size_t limit = std::min(query.limit, most);
        run.blob(1, wallet.text())
            .number(2, query.after.value())
            .number(3, query.before ? query.before.value() : std::int64_t{1} << 32)
            .number(4, static_cast<std::int64_t>(limit) + 1);
        if (query.about || query.lot) run.number(5, query.about.value());
        if (query.lot) run.number(6, query.lot.value());
        return detail::read_page(run, limit);
    }

    static std::int64_t row_limit(std::size_t limit) noexcept {
        constexpr std::size_t most = std::numeric_limits<std::int64_t>::max();
        return static_cast<std::int64_t>(std::min(limit, most));
    }
    /// Who made the request, and its text.
    static std::string key_of(const request_id& request) {
        std::string key(1, static_cast<char>(request.made_by()));
        return key += request.text();
    }
    static does reader_of(const journal_query& query) noexcept {
        if (query.lot) return query.newest_first ? does::read_lot_back : does::read_lot;
        if (query.about) return query.newest_first ? does::read_about_back : does::read_about;
        return query.newest_first ? does::read_back : does::read;
    }

    /// Whether all of the account before a commit is at hand.
    static bool is_known(const account* before, entry_id expected) noexcept {
        return before && before->last == expected && !before->burning.leaves_out_far();
    }
    result<void> read_before(const commit_batch& batch, account& into) {
        if (!batch.expected) return {};
        auto run = core_->file.run(does::load);
        const int code = run.blob(1, batch.wallet.text()).step();
        if (code == SQLITE_DONE) return {};
        if (code != SQLITE_ROW) return detail::sqlite_errc(code);
        return read_account(batch.wallet, run, true, into);
    }
    /// A damaged account is no version at all: the wallet loads again, and is told.
    static commit_outcome outcome_of(const error& e) noexcept {
        if (e == errc::corrupt_record) return commit_outcome::conflict;
        return e == errc::storage_full ? commit_outcome::full : commit_outcome::unavailable;
    }

    bool pack(const commit_batch& batch, const account* before) {
        core_->packed.clear();
        core_->changes.clear();
        core_->ends.clear();
        core_->sum = 0;
        const account& after = batch.after;
        if (batch.whole) {
            detail::row_comparison rows{batch.wallet.text(), core_->packed, core_->changes};
            if (!detail::is_sound_whole(after) || !rows.compare(*before, after)) return false;
            core_->sum = rows.sum();
        }
        core_->ends.push_back(core_->packed.size());
        if (!detail::is_sound_head(after)) return false;
        if (!detail::pack_head({batch.wallet.text()}, after, core_->packed)) return false;
        core_->ends.push_back(core_->packed.size());
        for (const entry& e : batch.entries) {
            bool valid = request_id::stored(e.requested_by, e.request).is_valid();
            if (!valid || !detail::pack(e, core_->packed)) return false;
            core_->ends.push_back(core_->packed.size());
        }
        return true;
    }

    /// Where an account stands by now.
    struct written_account {
        std::int64_t number = 0;
        detail::head_marks marks{};
    };

    commit_outcome write(const commit_batch& batch, written_account& written) noexcept {
        if (int code = write_account(batch, written); code != SQLITE_DONE) {
            return code == another_version ? commit_outcome::conflict
                                           : detail::nothing_written(code);
        }
        const std::int64_t number = written.number;
        for (const detail::row_change& change : core_->changes) {
            if (int code = write_row(number, change); code != SQLITE_DONE) {
                return code == another_version ? commit_outcome::conflict
                                               : detail::nothing_written(code);
            }
        }
        if (batch.reopened) {
            const int code = core_->file.run(does::forget_request)
                                 .number(1, number)
                                 .number(2, batch.reopened.value())
                                 .step();
            if (code != SQLITE_DONE) return detail::nothing_written(code);
        }
        for (std::size_t i = 0; i < batch.entries.size(); ++i) {
            if (int code = write_entry(number, batch.entries[i], i); code != SQLITE_DONE) {
                const bool known = code == SQLITE_CONSTRAINT_UNIQUE;
                return known ? commit_outcome::duplicate : detail::nothing_written(code);
            }
        }
        if (const instant hour = hour_of(batch.after.time); hour > core_->hour) {
            auto record = core_->file.run(does::record);
            const int code = record.number(1, detail::ticks(hour)).step();
            if (code != SQLITE_DONE) return detail::nothing_written(code);
        }
        if (int code = write_notices(batch); code != SQLITE_DONE)
            return detail::nothing_written(code);
        return commit_outcome::committed;
    }

    /// Answers `SQLITE_DONE`, or an error.
    int write_notices(const commit_batch& batch) noexcept {
        if (batch.notices.empty()) return SQLITE_DONE;
        auto waiting = core_->file.run(does::count_notices);
        int code = waiting.blob(1, batch.wallet.text()).blob(2, overflow_notice).step();
        if (code != SQLITE_ROW) return code;
        const auto count = static_cast<std::uint64_t>(waiting.number_at(0));
        const bool overflows = count + batch.notices.size() > max_waiting_notices ||
                               (count > 0 && waiting.number_at(2) != 0);
        const auto first = static_cast<std::uint32_t>(waiting.number_at(1));
        waiting.again();
        auto add = core_->file.run(does::add_notice);
        if (!overflows) {
            for (const notice& n : batch.notices) {
                if (code = add_notice(add, n); code != SQLITE_DONE) return code;
            }
            return code;
        }
        // One notice stands for those that wait and those that come. It is a new one, so that who
        // delivers the last one at this moment does not acknowledge these.
        code = core_->file.run(does::drop_notices).blob(1, batch.wallet.text()).step();
        if (code != SQLITE_DONE) return code;
        const entry_id from = batch.notices.front().entry;
        return add_notice(add, {.wallet = batch.wallet,
                                .entry = count == 0 ? from : std::min(from, entry_id{first}),
                                .kind = std::string{overflow_notice}});
    }
    static int add_notice(detail::sqlite_run& add, const notice& n) noexcept {
        add.again();
        return add.blob(1, n.wallet.text())
            .number(2, n.entry.value())
            .blob(3, n.kind)
            .blob(4, n.text)
            .number(5, n.ordinal)
            .step();
    }

    /// Answers `SQLITE_DONE`, `another_version`, or an error. A record that was damaged since it
    /// was read is no version at all: it is not written over.
    int write_account(const commit_batch& batch, written_account& written) noexcept {
        const account& a = batch.after;
        const detail::row_key key{batch.wallet.text()};
        auto& [number, marks] = written;
        does how = does::add_account;
        {
            auto stored = core_->file.run(does::load);
            int code = stored.blob(1, batch.wallet.text()).step();
            if (code != SQLITE_ROW && code != SQLITE_DONE) return code;
            bool found = code == SQLITE_ROW;
            std::int64_t version = found ? stored.number_at(1) : 0;
            if (version != batch.expected.value()) return another_version;
            if (found) {
                std::string_view old = stored.blob_at(3);
                if (!detail::read_marks(key, detail::bytes_of(old), old.size(), marks)) {
                    return another_version;
                }
                number = stored.number_at(0);
                bool same_due = stored.number_at(2) == detail::ticks(a.next_due);
                how = same_due ? does::change_account : does::change_due_account;
            }
        }
        if (batch.whole) {
            marks = {.first_far = detail::first_far_of(a), .rows = marks.rows + core_->sum};
        } else if (a.burning.leaves_out_far() != (marks.first_far != 0)) {
            return SQLITE_MISUSE;
        }
        std::byte* head = core_->packed.data() + core_->ends[0];
        const std::size_t size = core_->ends[1] - core_->ends[0];
        detail::finish_head(key, head, size, marks);
        auto run = core_->file.run(how);
        if (how == does::add_account) {
            run.blob(1, batch.wallet.text());
        } else {
            run.number(1, number);
        }
        if (how != does::change_account) run.number(3, detail::ticks(a.next_due));
        int code = run.number(2, a.last.value()).blob(4, head, size).step();
        if (how == does::add_account) number = sqlite3_last_insert_rowid(core_->file.get());
        return code;
    }

    /// Answers as `write_account` does. A row that is not what it was is not written over.
    int write_row(std::int64_t wallet, const detail::row_change& c) noexcept {
        const std::byte* at = core_->packed.data();
        const bool fresh = c.middle == c.begin;
        const bool gone = c.end == c.middle;
        auto run = core_->file.run(fresh  ? does::add_row
                                   : gone ? does::drop_row
                                          : does::change_row);
        run.number(1, wallet).number(2, static_cast<std::int64_t>(c.kind)).number(3, c.id);
        if (!gone) run.blob(4, at + c.middle, c.end - c.middle);
        if (!fresh) run.blob(5, at + c.begin, c.middle - c.begin);
        const int code = run.step();
        if ((code & 0xff) == SQLITE_CONSTRAINT) return another_version;
        if (code != SQLITE_DONE) return code;
        return sqlite3_changes(core_->file.get()) == 1 ? SQLITE_DONE : another_version;
    }

    int write_entry(std::int64_t wallet, const entry& e, std::size_t i) noexcept {
        auto run = core_->file.run(does::add_entry);
        run.number(1, wallet).number(2, e.id.value());
        request_id request = request_id::stored(e.requested_by, e.request);
        std::array<char, max_key> key{};
        if (!request.empty()) {
            key[0] = static_cast<char>(request.made_by());
            request.text().copy(key.data() + 1, max_key - 1);
            run.blob(3, key.data(), 1 + request.text().size());
        }
        if (e.about) run.number(4, e.about.value());
        std::size_t begin = core_->ends[i + 1];
        run.blob(5, core_->packed.data() + begin, core_->ends[i + 2] - begin);
        // The first lot stands in the entry's own row, the others in rows of theirs.
        std::uint32_t first = 0;
        if (makes_lot(e)) {
            first = e.id.value();
        } else if (!e.parts.empty()) {
            first = e.parts[0].lot.value();
        }
        if (first != 0) run.number(6, first);
        if (int code = run.step(); code != SQLITE_DONE) return code;
        for (const part& p : e.parts) {
            if (p.lot.value() == first || !p.lot) continue;
            if (int code = write_touched(wallet, p.lot.value(), e); code != SQLITE_DONE) {
                return code;
            }
        }
        return SQLITE_DONE;
    }
    int write_touched(std::int64_t wallet, std::uint32_t lot, const entry& e) noexcept {
        auto run = core_->file.run(does::add_touched);
        return run.number(1, wallet).number(2, lot).number(3, e.id.value()).step();
    }

    static constexpr int another_version = -1;
    static constexpr std::size_t max_key = 1 + request_id::max_size;

    std::unique_ptr<core> core_;
};

static_assert(grouping_store<sqlite_store> && listing_store<sqlite_store>);

}  // namespace v0
}  // namespace coffer

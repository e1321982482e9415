/// A store in an SQLite file: wallets that outlive the program, shared by its threads and by other
/// processes on the same machine. Include it where the store is opened; link `coffer::sqlite`.
///
/// docs/store.md says what stands in the file and what a commit costs.
#pragma once

#include <coffer/store/detail/account_codec.hpp>
#include <coffer/store/sqlite_file.hpp>
#include <coffer/store/store.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
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
/// Complexity: a commit writes the whole account, so it is linear in the lots the wallet ever had.
class sqlite_store {
public:
    /// Opens the file, or makes it where there is none.
    /// Errors: `invalid_argument` for a file of another application or of a newer coffer, which is
    /// left as it is; `corrupt_record`; `unavailable`; `storage_full`. `subject()` says more.
    static result<sqlite_store> open(const std::string& path, const sqlite_options& options = {}) {
        if (path.empty() || path.find('\0') != path.npos) {
            return error{errc::invalid_argument}.about("the name of the file");
        }
        if (sqlite3_threadsafe() == 0) {
            return error{errc::unavailable}.about("SQLite built without threads");
        }
        auto made = std::make_unique<core>();
        if (result<void> opened = made->file.open(path, options); !opened) return opened.error();
        return sqlite_store{std::move(made)};
    }

    /// Complexity: linear in the account and in the entries that are asked for.
    result<void> open(const page_request& wanted, page& into) {
        std::unique_lock lock = enter();
        into.whole = true;
        if (auto read = read_account(wanted.wallet, into.state); !read) return read;
        auto texts = std::make_shared<std::vector<std::shared_ptr<const void>>>();
        if (!wanted.request.empty()) {
            auto read =
                read_told(wanted.wallet, find(wanted.wallet, wanted.request), into.known, *texts);
            if (!read) return read;
        }
        if (wanted.told_entry || (wanted.told && !wanted.told->empty())) {
            auto first = wanted.told_entry ? entry_at(wanted.wallet, wanted.told_entry)
                                           : find(wanted.wallet, *wanted.told);
            auto read = read_told(wanted.wallet, std::move(first), into.told, *texts);
            if (!read) return read;
        }
        if (!texts->empty()) into.texts = std::move(texts);
        return {};
    }

    /// Complexity: linear in the answer; with both `about` and `lot`, in the lot's entries.
    result<journal_page> entries(const wallet_id& wallet, const journal_query& query) {
        std::unique_lock lock = enter();
        return read_entries(wallet, query);
    }

    commit_outcome commit(const commit_batch& batch) {
        std::unique_lock lock = enter();
        // All of the library's memory is taken before anything is written.
        if (!batch.wallet.is_valid() || !pack(batch)) return commit_outcome::unavailable;
        int code = core_->file.run(does::begin).step();
        if (code != SQLITE_DONE) return nothing_written(code);
        commit_outcome outcome = write(batch);
        if (outcome != commit_outcome::committed) {
            roll_back();
            return outcome;
        }
        return finish(batch);
    }

    result<std::vector<due_wallet>> due(instant until, std::size_t limit) {
        std::unique_lock lock = enter();
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

    result<std::vector<notice>> notices(std::size_t limit) {
        std::unique_lock lock = enter();
        auto run = core_->file.run(does::notices);
        run.number(1, row_limit(limit));
        std::vector<notice> all;
        int code = run.step();
        for (; code == SQLITE_ROW; code = run.step()) {
            all.push_back({.id = static_cast<std::uint64_t>(run.number_at(0)),
                           .wallet = run.blob_at(1),
                           .entry = entry_id{static_cast<std::uint32_t>(run.number_at(2))},
                           .kind = std::string{run.blob_at(3)},
                           .text = std::string{run.blob_at(4)}});
        }
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        return all;
    }

    /// Drops a notice that was delivered. One that is not there is fine: it was dropped before.
    result<void> acknowledge(std::uint64_t id) {
        std::unique_lock lock = enter();
        int code =
            core_->file.run(does::acknowledge).number(1, static_cast<std::int64_t>(id)).step();
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        return {};
    }

private:
    using does = detail::sqlite_does;

    struct core {
        std::mutex lock;
        detail::sqlite_file file;
        // Of the commit that is being made; kept, so that the next one need not allocate.
        detail::byte_list packed;
        std::vector<std::size_t> ends;  // of the account, and of each entry after it
    };

    explicit sqlite_store(std::unique_ptr<core> made) noexcept : core_{std::move(made)} {}

    /// Begins a call. No transaction is left over from the last one.
    std::unique_lock<std::mutex> enter() {
        std::unique_lock lock{core_->lock};
        if (core_->file.in_transaction()) roll_back();
        return lock;
    }

    result<void> read_account(const wallet_id& wallet, account& into) {
        auto run = core_->file.run(does::load);
        const int code = run.blob(1, wallet.text()).step();
        if (code == SQLITE_DONE) return {};
        if (code != SQLITE_ROW) return detail::sqlite_errc(code);
        result<account> read = unpack_account(run.blob_at(3));
        if (!read) return read.error();
        const bool same = read->last.value() == run.number_at(1) &&
                          detail::ticks(read->next_due) == run.number_at(2);
        if (!same) return errc::corrupt_record;
        into = *std::move(read);
        return {};
    }
    result<journal_page> find(const wallet_id& wallet, const request_id& request) {
        const std::string key = key_of(request);
        auto run = core_->file.run(does::find);
        run.blob(1, wallet.text()).blob(2, key);
        return read_page(run, 1);
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
        return read_page(run, limit);
    }

    static result<account> unpack_account(std::string_view from) {
        return detail::unpack_account(reinterpret_cast<const std::byte*>(from.data()), from.size());
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

    /// Reads rows of a number and a packed entry.
    static result<journal_page> read_page(detail::sqlite_run& run, std::size_t limit) {
        struct place {
            std::int64_t id;
            std::size_t end;
        };
        std::vector<place> places;
        auto texts = std::make_shared<detail::byte_list>();
        journal_page page;
        int code = run.step();
        for (; code == SQLITE_ROW; code = run.step()) {
            if (places.size() == limit) {
                page.more = true;
                code = SQLITE_DONE;
                break;
            }
            std::string_view packed = run.blob_at(1);
            const auto* from = reinterpret_cast<const std::byte*>(packed.data());
            texts->insert(texts->end(), from, from + packed.size());
            places.push_back({run.number_at(0), texts->size()});
        }
        if (code != SQLITE_DONE) return detail::sqlite_errc(code);
        std::size_t begin = 0;
        for (const place& p : places) {
            entry e;
            if (!detail::unpack(texts->data() + begin, p.end - begin, e)) {
                return errc::corrupt_record;
            }
            if (e.id.value() != p.id) return errc::corrupt_record;
            page.entries.push_back(std::move(e));
            begin = p.end;
        }
        page.texts = std::move(texts);
        return page;
    }

    bool pack(const commit_batch& batch) {
        core_->packed.clear();
        core_->ends.clear();
        if (!detail::pack(batch.after, core_->packed)) return false;
        core_->ends.push_back(core_->packed.size());
        for (const entry& e : batch.entries) {
            bool valid = request_id::stored(e.requested_by, e.request).is_valid();
            if (!valid || !detail::pack(e, core_->packed)) return false;
            core_->ends.push_back(core_->packed.size());
        }
        return true;
    }

    commit_outcome write(const commit_batch& batch) noexcept {
        std::int64_t number = 0;
        if (int code = write_account(batch, number); code != SQLITE_DONE) {
            return code == another_version ? commit_outcome::conflict : nothing_written(code);
        }
        if (batch.reopened) {
            const int code = core_->file.run(does::forget_request)
                                 .number(1, number)
                                 .number(2, batch.reopened.value())
                                 .step();
            if (code != SQLITE_DONE) return nothing_written(code);
        }
        for (std::size_t i = 0; i < batch.entries.size(); ++i) {
            if (int code = write_entry(number, batch.entries[i], i); code != SQLITE_DONE) {
                const bool known = code == SQLITE_CONSTRAINT_UNIQUE;
                return known ? commit_outcome::duplicate : nothing_written(code);
            }
        }
        auto run = core_->file.run(does::add_notice);
        for (const notice& n : batch.notices) {
            run.again();
            int code = run.blob(1, n.wallet.text())
                           .number(2, n.entry.value())
                           .blob(3, n.kind)
                           .blob(4, n.text)
                           .step();
            if (code != SQLITE_DONE) return nothing_written(code);
        }
        return commit_outcome::committed;
    }

    /// Answers `SQLITE_DONE`, `another_version`, or an error. A record that was damaged since it
    /// was loaded is no version at all: it is not written over.
    int write_account(const commit_batch& batch, std::int64_t& number) noexcept {
        const account& a = batch.after;
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
                if (!detail::is_sealed(reinterpret_cast<const std::byte*>(old.data()), old.size(),
                                       detail::account_version)) {
                    return another_version;
                }
                number = stored.number_at(0);
                bool same_due = stored.number_at(2) == detail::ticks(a.next_due);
                how = same_due ? does::change_account : does::change_due_account;
            }
        }
        auto run = core_->file.run(how);
        if (how == does::add_account) {
            run.blob(1, batch.wallet.text());
        } else {
            run.number(1, number);
        }
        if (how != does::change_account) run.number(3, detail::ticks(a.next_due));
        int code =
            run.number(2, a.last.value()).blob(4, core_->packed.data(), core_->ends[0]).step();
        if (how == does::add_account) number = sqlite3_last_insert_rowid(core_->file.get());
        return code;
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
        std::size_t begin = core_->ends[i];
        run.blob(5, core_->packed.data() + begin, core_->ends[i + 1] - begin);
        if (int code = run.step(); code != SQLITE_DONE) return code;
        if (makes_lot(e)) {
            if (int code = write_touched(wallet, e.id.value(), e); code != SQLITE_DONE) return code;
        }
        for (const part& p : e.parts) {
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

    /// The commit itself: what fails here may have happened all the same.
    commit_outcome finish(const commit_batch& batch) noexcept {
        int code = core_->file.run(does::commit).step();
        if (code == SQLITE_DONE) return commit_outcome::committed;
        if (core_->file.in_transaction()) roll_back();
        switch (code & 0xff) {
            case SQLITE_BUSY: return commit_outcome::unavailable;
            case SQLITE_FULL:
                return still_holds(batch) ? commit_outcome::full : commit_outcome::unknown;
            default: return commit_outcome::unknown;
        }
    }
    /// Whether the file is known to be as it was before the commit.
    bool still_holds(const commit_batch& batch) noexcept {
        auto stored = core_->file.run(does::load);
        int code = stored.blob(1, batch.wallet.text()).step();
        if (code == SQLITE_DONE) return !batch.expected;
        return code == SQLITE_ROW && stored.number_at(1) == batch.expected.value();
    }
    void roll_back() noexcept { core_->file.run(does::roll_back).step(); }

    static commit_outcome nothing_written(int code) noexcept {
        return (code & 0xff) == SQLITE_FULL ? commit_outcome::full : commit_outcome::unavailable;
    }

    static constexpr int another_version = -1;
    static constexpr std::size_t max_key = 1 + request_id::max_size;

    std::unique_ptr<core> core_;
};

static_assert(store<sqlite_store>);

}  // namespace v0
}  // namespace coffer

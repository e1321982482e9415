/// How rows of an SQLite file are read as entries. Include `store/sqlite.hpp`.
#pragma once

#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/store/detail/entry_codec.hpp>
#include <coffer/store/page.hpp>
#include <coffer/store/sqlite_run.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

inline const std::byte* bytes_of(std::string_view from) noexcept {
    return reinterpret_cast<const std::byte*>(from.data());
}

/// The entry of a row, and nothing else.
inline result<journal_page> one_entry(std::int64_t id, std::string_view packed) {
    const std::byte* from = bytes_of(packed);
    auto texts = std::make_shared<byte_list>(from, from + packed.size());
    journal_page page;
    page.entries.emplace_back();
    entry& e = page.entries.back();
    if (!unpack(texts->data(), texts->size(), e) || e.id.value() != id) {
        return errc::corrupt_record;
    }
    page.texts = std::move(texts);
    return page;
}

/// Reads rows of a number and a packed entry.
inline result<journal_page> read_page(sqlite_run& run, std::size_t limit) {
    struct place {
        std::int64_t id;
        std::size_t end;
    };
    std::vector<place> places;
    auto texts = std::make_shared<byte_list>();
    journal_page page;
    int code = run.step();
    for (; code == SQLITE_ROW; code = run.step()) {
        if (places.size() == limit) {
            page.more = true;
            code = SQLITE_DONE;
            break;
        }
        std::string_view packed = run.blob_at(1);
        texts->insert(texts->end(), bytes_of(packed), bytes_of(packed) + packed.size());
        places.push_back({run.number_at(0), texts->size()});
    }
    if (code != SQLITE_DONE) return sqlite_errc(code);
    std::size_t begin = 0;
    for (const place& p : places) {
        entry e;
        if (!unpack(texts->data() + begin, p.end - begin, e)) {
            return errc::corrupt_record;
        }
        if (e.id.value() != p.id) return errc::corrupt_record;
        page.entries.push_back(std::move(e));
        begin = p.end;
    }
    page.texts = std::move(texts);
    return page;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

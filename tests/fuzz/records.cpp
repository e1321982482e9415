// For libFuzzer: whatever bytes a store finds in place of a record, reading them ends well, and
// what is read is written as these very bytes.
#include <coffer/store/detail/account_rows.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace {

namespace codec = coffer::detail;

constexpr std::string_view wallet = "acme";

void check(bool holds) {
    if (!holds) std::abort();
}

/// A record whose checksum is right, so that what it says is looked at.
codec::byte_list sealed(std::uint8_t version, const std::uint8_t* data, std::size_t size,
                        std::uint64_t seed) {
    codec::byte_list bytes(size + 1);
    bytes[0] = std::byte{version};
    if (size > 0) std::memcpy(bytes.data() + 1, data, size);
    codec::seal(bytes, 0, seed);
    return bytes;
}

void read_head(const codec::byte_list& bytes) {
    coffer::account a;
    codec::head_marks marks;
    if (!codec::unpack_head({wallet}, bytes.data(), bytes.size(), a, marks)) return;
    codec::byte_list again;
    check(codec::pack_head({wallet}, a, again));
    codec::finish_head({wallet}, again.data(), again.size(), marks);
    check(again == bytes);
}

void read_row(codec::row_kind kind, std::uint32_t id, const codec::byte_list& bytes) {
    codec::row_assembly rows{wallet};
    rows.add(static_cast<std::uint64_t>(kind), id, bytes.data(), bytes.size());
}

void read_entry(const codec::byte_list& bytes) {
    coffer::entry e;
    if (!codec::unpack(bytes.data(), bytes.size(), e)) return;
    codec::byte_list again;
    check(codec::pack(e, again));
    check(again == bytes);
}

void read_account(const codec::byte_list& bytes) {
    const auto read = codec::unpack_account(bytes.data(), bytes.size());
    if (!read) return;
    codec::byte_list again;
    check(codec::pack(*read, again));
    check(again == bytes);
    // As a head and rows it is the same account.
    codec::byte_list records;
    std::vector<codec::row_change> changes;
    codec::row_comparison rows{wallet, records, changes};
    rows.compare(coffer::account{}, *read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto kind = static_cast<codec::row_kind>(data[0] % 9);
    const std::uint32_t id = data[1];
    data += 2;
    size -= 2;
    switch (static_cast<int>(kind)) {
        case 0:
            read_head(sealed(codec::row_version, data, size, codec::row_key{wallet}.seed()));
            break;
        case 7: read_entry(sealed(codec::entry_version, data, size, 0)); break;
        case 8: read_account(sealed(codec::account_version, data, size, 0)); break;
        default:
            read_row(
                kind, id,
                sealed(codec::row_version, data, size, codec::row_key{wallet, kind, id}.seed()));
    }
    return 0;
}

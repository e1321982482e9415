/// Reads files as a whole: zone data, plans, price maps, scenarios.
#pragma once

#include <coffer/base/result.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <system_error>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The bytes of a file, but no more than `most`, or why it cannot be read.
inline result<std::string, std::error_code> read_file(const std::string& path, std::size_t most) {
    struct closed_at_end {
        std::FILE* file;
        ~closed_at_end() {
            if (file) std::fclose(file);
        }
    };
    const auto why = [] { return std::error_code{errno, std::generic_category()}; };
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    const closed_at_end opened{file};
    if (!file) return why();
    std::string bytes;
    std::array<char, 16'384> block{};
    while (bytes.size() < most) {
        const std::size_t wanted = std::min(block.size(), most - bytes.size());
        const std::size_t size = std::fread(block.data(), 1, wanted, file);
        bytes.append(block.data(), size);
        if (size < wanted) break;
    }
    if (std::ferror(file) != 0) return why();
    return bytes;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

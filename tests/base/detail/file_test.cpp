#include "support/catch.hpp"
#include "support/scratch_file.hpp"

#include <coffer/base/detail/file.hpp>

#include <fstream>
#include <string>

using coffer::detail::read_file;

TEST_CASE("a file is read to its end, but no further than asked for") {
    const coffer_test::scratch_file file;
    std::string bytes;
    for (int i = 0; i < 40'000; ++i) bytes += static_cast<char>(i % 251);  // more than one block
    std::ofstream{file.path(), std::ios::binary} << bytes;

    CHECK(read_file(file.path(), bytes.size() + 1) == bytes);
    CHECK(read_file(file.path(), bytes.size()) == bytes);
    CHECK(read_file(file.path(), bytes.size() - 1) == bytes.substr(0, bytes.size() - 1));
    CHECK(read_file(file.path(), 0) == std::string{});
}

TEST_CASE("a file that cannot be read says why") {
    const coffer_test::scratch_file missing;
    const auto absent = read_file(missing.path(), 100);
    REQUIRE_FALSE(absent);
    CHECK(absent.error() == std::errc::no_such_file_or_directory);

    const auto folder = read_file("/", 100);
    REQUIRE_FALSE(folder);
    CHECK(folder.error() == std::errc::is_a_directory);
}

/// Files for tests: each in a place of its own, gone with the object.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <system_error>

namespace coffer_test {

/// The name of a file that nobody else uses.
class scratch_file {
public:
    scratch_file() : path_{next_path()} {}
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    ~scratch_file() {
        for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
            std::error_code ignored;
            std::filesystem::remove(path_ + suffix, ignored);
        }
    }
    const std::string& path() const noexcept { return path_; }

private:
    static std::string next_path() {
        static std::atomic<int> count{0};
        const std::string name =
            "coffer-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".db";
        return (std::filesystem::temp_directory_path() / name).string();
    }

    std::string path_;
};

}  // namespace coffer_test

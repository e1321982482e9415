/// Runs a program and takes down what it writes. Include it in tests of built examples.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace coffer_test {

/// A folder of its own, gone with the object.
class scratch_folder {
public:
    scratch_folder()
        : path_{std::filesystem::temp_directory_path() /
                ("coffer-replay-" + std::to_string(getpid()))} {
        std::filesystem::create_directories(path_);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string file(const std::string& name) const { return (path_ / name).string(); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream{file(name), std::ios::binary} << text;
        return file(name);
    }

private:
    std::filesystem::path path_;
};

struct program_run {
    int exit_code = -1;
    std::string output;
    std::string errors;
};

inline std::string read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

inline program_run run_program(const std::string& program,
                               const std::vector<std::string>& arguments,
                               const scratch_folder& scratch) {
    std::string command;
    const auto add = [&](const std::string& text) {
        command += " '";
        for (char letter : text) {
            if (letter == '\'') command += "'\\'";
            command += letter;
        }
        command += '\'';
    };
    add(program);
    for (const std::string& argument : arguments) add(argument);
    const std::string output = scratch.file("stdout");
    const std::string errors = scratch.file("stderr");
    command += " >";
    add(output);
    command += " 2>";
    add(errors);
    command += " </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(output), read_file(errors)};
}

}  // namespace coffer_test

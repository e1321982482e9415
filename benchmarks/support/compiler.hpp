/// Runs a compiler and tells what it took: for the benchmark of compile times.
#pragma once

#include "support/measure.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace compiler {

/// A source file and the options that it is compiled with.
struct program {
    std::filesystem::path source;
    std::vector<std::string> options{};

    /// Written to a file of that name in a folder of this process.
    static program of_text(const std::string& name, const std::string& text,
                           std::vector<std::string> options);
    program with(std::string option) const {
        program more = *this;
        more.options.push_back(std::move(option));
        return more;
    }
};

struct cost {
    double seconds;    ///< Of processor time, of the compiler and the programs it calls.
    double megabytes;  ///< At most in use at a time, by one of these.
};

inline std::filesystem::path& include_folder() {
    static std::filesystem::path folder;
    return folder;
}
inline void include_from(std::filesystem::path folder) { include_folder() = std::move(folder); }

/// Removed with all that is in it when the program ends.
class scratch_folder {
public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "compile-XXXXXX").string();
        measure::require(mkdtemp(name.data()) != nullptr, "a folder for programs");
        path = name;
    }
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    std::filesystem::path path;
};

inline program program::of_text(const std::string& name, const std::string& text,
                                std::vector<std::string> options) {
    static scratch_folder folder;
    static int written = 0;
    auto path = folder.path / (name + std::to_string(written++) + ".cpp");
    std::ofstream{path} << text;
    return {path, std::move(options)};
}

inline std::vector<std::string> command(const std::string& cxx, const program& what) {
    std::vector<std::string> words{cxx, "-std=c++20", "-I", include_folder().string()};
    words.insert(words.end(), what.options.begin(), what.options.end());
    words.push_back(what.source.string());
    return words;
}

/// Runs a command whose standard output goes to that file; answers what it and its children took.
inline cost run(const std::vector<std::string>& words, const char* output) {
    std::fflush(stdout);
    const pid_t child = fork();
    measure::require(child >= 0, "fork");
    if (child == 0) {
        dup2(open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        std::vector<char*> pointers;
        for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
        pointers.push_back(nullptr);
        execvp(pointers[0], pointers.data());
        _exit(127);
    }
    int status = 0;
    rusage used{};
    measure::require(wait4(child, &status, 0, &used) == child, "wait4");
    measure::require(WIFEXITED(status) && WEXITSTATUS(status) == 0, words.back().c_str());
    auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return {seconds(used.ru_utime) + seconds(used.ru_stime),
            static_cast<double>(used.ru_maxrss) / 1024};
}

inline cost compile(const std::string& cxx, const program& what) {
    return run(command(cxx, what.with("-c").with("-o").with("/dev/null")), "/dev/null");
}

/// Lines that the preprocessor leaves, without blank ones and its own.
inline std::size_t lines(const std::string& cxx, const program& what) {
    const program listing = program::of_text("preprocessed", "", {});
    run(command(cxx, what.with("-E").with("-P")), listing.source.c_str());
    std::ifstream file{listing.source};
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) count += !line.empty();
    return count;
}

}  // namespace compiler

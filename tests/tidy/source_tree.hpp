/// The files of the repository as text, and what is wrong with them: common to tidy and snippets.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidy {

struct source_file {
    std::string text;
    std::vector<std::string> lines;
};

/// Path, relative to the root of the repository, to file.
using source_tree = std::map<std::string, source_file>;

struct violation {
    std::string path;
    std::size_t line;
    std::string sentence;
};

using violations = std::vector<violation>;

inline source_file make_source_file(std::string text) {
    source_file file;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        file.lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    file.text = std::move(text);
    return file;
}

/// The files below the named folders and files whose names end in one of the suffixes.
inline source_tree read_tree(const std::filesystem::path& root,
                             std::initializer_list<std::string_view> starts,
                             std::initializer_list<std::string_view> suffixes) {
    namespace fs = std::filesystem;
    source_tree tree;
    const auto add = [&](const fs::path& path) {
        const std::string name = path.lexically_relative(root).generic_string();
        const auto fits = [&](std::string_view suffix) { return name.ends_with(suffix); };
        if (std::none_of(suffixes.begin(), suffixes.end(), fits)) return;
        std::ifstream stream{path, std::ios::binary};
        tree[name] = make_source_file({std::istreambuf_iterator<char>{stream}, {}});
    };
    for (const std::string_view start : starts) {
        const fs::path path = root / start;
        if (fs::is_regular_file(path)) add(path);
        if (!fs::is_directory(path)) continue;
        for (const auto& entry : fs::recursive_directory_iterator{path}) {
            if (entry.is_regular_file()) add(entry.path());
        }
    }
    return tree;
}

inline std::string trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return std::string{text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1)};
}

/// Prints what is wrong, one line each; the result is the exit code.
inline int report(const violations& found) {
    for (const violation& v : found) {
        std::cout << v.path << ':' << v.line << ": " << v.sentence << '\n';
    }
    return found.empty() ? 0 : 1;
}

/// A file that a checker has to judge. An empty expectation says that nothing is wrong with it.
struct trial {
    std::string_view path;
    std::string_view text;
    std::string_view expected;
};

/// Puts each trial's file into the sound tree and compares what the checker says: something with
/// the expected words and nothing about other files, or nothing at all.
template <class Checker>
int self_test(const source_tree& sound, std::span<const trial> trials, Checker check) {
    int failures = report(check(sound));
    for (const trial& t : trials) {
        source_tree tree = sound;
        tree[std::string{t.path}] = make_source_file(std::string{t.text});
        const violations found = check(tree);
        const auto is_elsewhere = [&](const violation& v) { return v.path != t.path; };
        const auto is_expected = [&](const violation& v) {
            return v.sentence.find(t.expected) != std::string::npos;
        };
        const bool right = t.expected.empty()
                               ? found.empty()
                               : std::none_of(found.begin(), found.end(), is_elsewhere) &&
                                     std::any_of(found.begin(), found.end(), is_expected);
        if (right) continue;
        ++failures;
        std::cout << "self-test: expected `" << t.expected << "` for\n" << t.text << "but got\n";
        report(found);
    }
    return failures == 0 ? 0 : 1;
}

}  // namespace tidy

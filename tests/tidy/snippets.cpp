// What the documentation shows is what ctest compiles. `snippets ROOT` compares each block of C++
// in README.md and docs/**/*.md with the region that it names:
//
//     <!-- snippet: first_charge -->        // [first_charge]
//     ```cpp                                auto receipt = acme.charge(...);
//     auto receipt = acme.charge(...);      // [/first_charge]
//     ```
//
// Regions stand in examples/, docs/snippets/ and, for what must not compile, tests/compile_fail/;
// the closing mark may be written without the stroke. Indentation that all lines share, blank lines
// at both ends and marks of inner regions do not count. `snippets --self-test` tests the checker.
#include "source_tree.hpp"

#include <exception>
#include <optional>

namespace {

using namespace tidy;

using text_lines = std::vector<std::string>;

/// A part of a file and where it begins.
struct excerpt {
    std::string path;
    std::size_t line = 0;
    text_lines lines;
};

/// What stands between `before` and `after` when nothing else is in the line.
std::optional<std::string> between(std::string_view line, std::string_view before,
                                   std::string_view after) {
    const std::string text = trimmed(line);
    if (text.size() <= before.size() + after.size()) return std::nullopt;
    if (!text.starts_with(before) || !text.ends_with(after)) return std::nullopt;
    return text.substr(before.size(), text.size() - before.size() - after.size());
}

/// The name in a line like `// [name]` or `// [/name]`, the stroke included.
std::optional<std::string> mark_of(std::string_view line) { return between(line, "// [", "]"); }

/// Without the common indentation and without blank lines at both ends.
text_lines normalised(text_lines lines) {
    const auto blank = [](const std::string& line) { return trimmed(line).empty(); };
    while (!lines.empty() && blank(lines.back())) lines.pop_back();
    while (!lines.empty() && blank(lines.front())) lines.erase(lines.begin());
    std::size_t indentation = std::string::npos;
    for (const std::string& line : lines) {
        if (!blank(line)) indentation = std::min(indentation, line.find_first_not_of(' '));
    }
    for (std::string& line : lines) {
        line = blank(line) ? std::string{} : line.substr(indentation);
    }
    return lines;
}

class checker {
public:
    violations run(const source_tree& tree) {
        for (const auto& [path, file] : tree) {
            if (path.ends_with(".cpp") || path.ends_with(".hpp")) read_regions(path, file);
        }
        for (const auto& [path, file] : tree) {
            if (path.ends_with(".md")) read_page(path, file);
        }
        return std::move(found_);
    }

private:
    void read_regions(const std::string& path, const source_file& file) {
        std::map<std::string, excerpt> open;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto mark = mark_of(file.lines[i]);
            if (!mark) {
                for (auto& [name, region] : open) region.lines.push_back(file.lines[i]);
                continue;
            }
            const std::string name = mark->starts_with('/') ? mark->substr(1) : *mark;
            if (const auto region = open.find(name); region != open.end()) {
                close_region(name, std::move(region->second));
                open.erase(region);
            } else if (mark->starts_with('/')) {
                found_.push_back({path, i + 1, "the region " + name + " was never opened"});
            } else {
                open[name] = {path, i + 1, {}};
            }
        }
        for (const auto& [name, region] : open) {
            found_.push_back({path, region.line, "the region " + name + " is never closed"});
        }
    }

    void close_region(const std::string& name, excerpt region) {
        region.lines = normalised(std::move(region.lines));
        const auto [known, is_new] = regions_.try_emplace(name, region);
        if (is_new) return;
        found_.push_back({region.path, region.line,
                          "the region " + name + " stands in " + known->second.path + " too"});
    }

    void read_page(const std::string& path, const source_file& file) {
        std::string name;  // of the comment that waits for its block
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const std::string line = trimmed(file.lines[i]);
            if (const auto comment = between(line, "<!-- snippet: ", " -->")) {
                name = *comment;
            } else if (line.starts_with("```")) {
                const bool is_cpp = line == "```cpp" || line == "```c++" || line == "```C++";
                excerpt block{path, i + 1, {}};
                while (++i < file.lines.size() && trimmed(file.lines[i]) != "```") {
                    block.lines.push_back(file.lines[i]);
                }
                if (is_cpp) check_block(name, std::move(block));
                name.clear();
            } else if (!line.empty()) {
                name.clear();
            }
        }
    }

    void check_block(const std::string& name, excerpt block) {
        const auto add = [&](std::size_t line, std::string sentence) {
            found_.push_back({block.path, line, std::move(sentence)});
        };
        if (name.empty()) {
            return add(block.line, "the block has no <!-- snippet: NAME --> before it");
        }
        const auto found = regions_.find(name);
        if (found == regions_.end()) return add(block.line, "there is no region " + name);
        const excerpt& region = found->second;
        const text_lines lines = normalised(std::move(block.lines));
        if (lines == region.lines) return;
        const auto [shown, compiled] =
            std::mismatch(lines.begin(), lines.end(), region.lines.begin(), region.lines.end());
        const auto quoted = [](auto at, const text_lines& all) {
            return at == all.end() ? "the end" : '`' + *at + '`';
        };
        add(block.line + 1 + static_cast<std::size_t>(shown - lines.begin()),
            "the block shows " + quoted(shown, lines) + ", the region " + name + " in " +
                region.path + " has " + quoted(compiled, region.lines));
    }

    std::map<std::string, excerpt> regions_;
    violations found_;
};

violations check(const source_tree& tree) { return checker{}.run(tree); }

// ---- The proof that the checks find something ---------------------------------------------------

constexpr std::string_view page = "docs/page.md";

constexpr trial trials[] = {
    {page, "<!-- snippet: loop -->\n\n```cpp\nfor (;;) {\n    stop();\n}\n```\n", ""},
    {page, "<!-- snippet: inner -->\n```cpp\nstop();\n```\n", ""},
    {page, "- item\n\n  <!-- snippet: inner -->\n  ```cpp\n  stop();\n  ```\n", ""},
    {page, "```sh\nls\n```\n\n```\nfree text\n```\n", ""},
    {page, "```cpp\nstop();\n```\n", "has no <!-- snippet"},
    {page, "```c++\nstop();\n```\n", "has no <!-- snippet"},
    {page, "<!-- snippet: inner -->\nSome words.\n```cpp\nstop();\n```\n", "has no <!-- snippet"},
    {page, "<!-- snippet: gone -->\n```cpp\nstop();\n```\n", "there is no region gone"},
    {page, "<!-- snippet: inner -->\n```cpp\ngo();\n```\n", "shows `go();`"},
    {page, "<!-- snippet: loop -->\n```cpp\nfor (;;) {\nstop();\n}\n```\n", "shows `stop();`"},
    {page, "<!-- snippet: loop -->\n```cpp\nfor (;;) {\n```\n", "shows the end"},
    {"examples/b.cpp", "// [inner]\nstop();\n// [/inner]\n", "stands in examples/a.cpp too"},
    {"examples/b.cpp", "// [other]\nstop();\n", "is never closed"},
    {"examples/b.cpp", "// [/other]\nstop();\n", "was never opened"},
};

int run_self_test() {
    source_tree tree;
    tree["examples/a.cpp"] = make_source_file(
        "// [loop]\n"
        "    for (;;) {\n"
        "        // [inner]\n"
        "        stop();\n"
        "        // [inner]\n"
        "    }\n"
        "// [/loop]\n");
    return self_test(tree, trials, check);
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string argument = argc == 2 ? argv[1] : "";
    if (argument == "--self-test") return run_self_test();
    if (argument.empty()) {
        std::cout << "usage: snippets ROOT | --self-test\n";
        return 2;
    }
    return report(check(read_tree(argument, {"README.md", "docs", "examples", "tests/compile_fail"},
                                  {".md", ".cpp", ".hpp"})));
} catch (const std::exception& e) {
    std::cout << "snippets: " << e.what() << '\n';
    return 2;
}

// The house rules that a compiler does not know. `tidy ROOT` prints one line for each breach;
// `tidy --self-test` shows that it finds them.
#include "source_tree.hpp"

#include <cctype>
#include <exception>
#include <optional>
#include <set>

namespace {

using namespace tidy;

// ---- The rules, as tables -----------------------------------------------------------------------

/// The layers of include/coffer, lowest first. A header includes only headers of its own row or of
/// rows above it in this table. A full name counts more than a pattern, a long pattern more than a
/// short one.
constexpr std::string_view layers[] = {
    "version", "base/*",    "amount/*", "time/*",   "ledger/*", "policy/*",       "plan/*",
    "store/*", "perform/*", "report/*", "wallet/*", "format",   "io/* testing/*",
};

/// Includes everything, so it stands above the layers.
constexpr std::string_view umbrella = "coffer";

/// What the umbrella leaves to those who ask for it.
constexpr std::string_view opt_in =
    "io/* store/detail/account_* store/sqlite* testing/* time/date_zones wallet/gateway "
    "wallet/payer "
    "format";

/// Names a test for each rule, between backquotes.
constexpr std::string_view rules_page = "docs/rules.md";

constexpr std::size_t max_columns = 100;
constexpr std::size_t max_header_lines = 600;

struct banned {
    std::string_view text;
    std::string_view below;   ///< The folder where it is banned; empty is everywhere.
    std::string_view except;  ///< The one file that may.
    std::string_view sentence;
};

constexpr std::string_view clock_header = "include/coffer/time/clock.hpp";

constexpr banned banned_texts[] = {
    {"::now(", "include/", clock_header, "only clock.hpp reads a clock"},
    {"clock_gettime(", "include/", clock_header, "only clock.hpp reads a clock"},
    {"chrono::system_clock", "include/", clock_header, "only clock.hpp names a clock"},
    {"chrono::steady_clock", "include/", clock_header, "only clock.hpp names a clock"},
    {"<iostream>", "include/", "", "a header does not include <iostream>"},
    {"std::cout", "include/", "", "a header does not print"},
    {"std::cerr", "include/", "", "a header does not print"},
    {"using namespace date", "", "", "date and std::chrono share names: write date:: out"},
};

// ---- Reading C++ --------------------------------------------------------------------------------

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where the comment or literal that begins at `begin` ends; `begin` itself if none does.
std::size_t end_of_non_code(std::string_view text, std::size_t begin) {
    const auto after = [&](std::string_view end, std::size_t from) {
        const std::size_t found = text.find(end, from);
        return found == std::string_view::npos ? text.size() : found + end.size();
    };
    const std::string_view rest = text.substr(begin);
    if (rest.starts_with("//")) return std::min(text.find('\n', begin), text.size());
    if (rest.starts_with("/*")) return after("*/", begin + 2);
    if (rest.starts_with("R\"")) {
        const std::size_t open = rest.find('(');
        if (open == std::string_view::npos) return begin;
        return after(")" + std::string{rest.substr(2, open - 2)} + "\"", begin + open);
    }
    const char quote = text[begin];
    const bool separates_digits = quote == '\'' && begin > 0 && is_word(text[begin - 1]);
    if ((quote != '"' && quote != '\'') || separates_digits) return begin;
    for (std::size_t i = begin + 1; i < text.size() && text[i] != '\n'; ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            return i + 1;
        }
    }
    return begin;
}

/// The text with blanks in place of comments and literals; lines and columns stay.
std::string code_of(std::string_view text) {
    std::string code{text};
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = end_of_non_code(text, i);
        for (std::size_t k = i; k < end; ++k) {
            if (code[k] != '\n') code[k] = ' ';
        }
        i = std::max(end, i + 1);
    }
    return code;
}

std::size_t line_at(std::string_view text, std::size_t position) {
    return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + position, '\n'));
}

/// Characters, not bytes, of UTF-8.
std::size_t columns(std::string_view line) {
    return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// ---- Names of headers ---------------------------------------------------------------------------

/// `policy/cost` for include/coffer/policy/cost.hpp; nothing for other files.
std::optional<std::string_view> header_name(std::string_view path) {
    constexpr std::string_view folder = "include/coffer/";
    constexpr std::string_view suffix = ".hpp";
    if (!path.starts_with(folder) || !path.ends_with(suffix)) return std::nullopt;
    path.remove_prefix(folder.size());
    path.remove_suffix(suffix.size());
    return path;
}

/// How well the best of the patterns fits: 0 is not at all, a full name is better than any pattern.
std::size_t fit(std::string_view patterns, std::string_view name) {
    std::size_t best = 0;
    while (!patterns.empty()) {
        const std::size_t size = std::min(patterns.find(' '), patterns.size());
        const std::string_view pattern = patterns.substr(0, size);
        patterns.remove_prefix(std::min(size + 1, patterns.size()));
        if (pattern == name) return std::string_view::npos;
        if (pattern.ends_with('*') && name.starts_with(pattern.substr(0, pattern.size() - 1))) {
            best = std::max(best, pattern.size());
        }
    }
    return best;
}

/// The row in `layers`; nothing for a header that stands in none.
std::optional<std::size_t> layer_of(std::string_view name) {
    if (name == umbrella) return std::size(layers);
    std::optional<std::size_t> row;
    std::size_t best = 0;
    for (std::size_t i = 0; i < std::size(layers); ++i) {
        const std::size_t how_well = fit(layers[i], name);
        if (how_well > best) {
            best = how_well;
            row = i;
        }
    }
    return row;
}

/// What `line` includes, between < > or " ", with the opening sign; empty if it includes nothing.
std::string_view included_by(std::string_view line) {
    if (!line.starts_with("#include ")) return {};
    line.remove_prefix(std::string_view{"#include "}.size());
    const std::size_t end = line.find_first_of(">\"", 1);
    return end == std::string_view::npos ? std::string_view{} : line.substr(0, end);
}

// ---- The checks ---------------------------------------------------------------------------------

class checker {
public:
    explicit checker(const source_tree& tree) : tree_{tree} {}

    violations run() {
        for (const auto& [path, file] : tree_) {
            path_ = path;
            file_ = &file;
            if (path == rules_page) check_rules();
            if (path.ends_with(".md")) continue;
            check_shape();
            if (path.ends_with("CMakeLists.txt")) continue;
            const std::string code = code_of(file.text);
            check_banned(code);
            if (const auto name = header_name(path)) {
                check_header();
                check_layers(*name);
                check_floating_point(code);
            }
        }
        check_lists();
        return std::move(found_);
    }

private:
    void add(std::size_t line, std::string sentence) {
        found_.push_back({path_, line, std::move(sentence)});
    }

    void check_shape() {
        for (std::size_t i = 0; i < file_->lines.size(); ++i) {
            const std::string& line = file_->lines[i];
            if (columns(line) > max_columns) {
                add(i + 1, "the line has " + std::to_string(columns(line)) + " columns, at most " +
                               std::to_string(max_columns) + " fit");
            }
            if (line.find('\t') != std::string::npos) add(i + 1, "indent with blanks, not tabs");
            if (line.ends_with(' ')) add(i + 1, "the line ends in a blank");
        }
        if (!file_->text.ends_with('\n')) add(file_->lines.size(), "the last line has no end");
    }

    /// The tests that the page names exist.
    void check_rules() {
        for (std::size_t i = 0; i < file_->lines.size(); ++i) {
            const std::string& line = file_->lines[i];
            if (!line.starts_with("| ")) continue;
            for (std::size_t begin = line.find('`'); begin != std::string::npos;) {
                const std::size_t end = line.find('`', begin + 1);
                if (end == std::string::npos) break;
                const std::string name = line.substr(begin + 1, end - begin - 1);
                if (!is_tested(name)) add(i + 1, "no test is named `" + name + "`");
                begin = line.find('`', end + 1);
            }
        }
    }

    bool is_tested(const std::string& name) const {
        return std::any_of(tree_.begin(), tree_.end(), [&](const auto& file) {
            return file.first.starts_with("tests/") && !file.first.starts_with("tests/tidy/") &&
                   (file.first == name || file.second.text.find('"' + name) != std::string::npos);
        });
    }

    void check_banned(std::string_view code) {
        for (const banned& ban : banned_texts) {
            if (!std::string_view{path_}.starts_with(ban.below) || path_ == ban.except) continue;
            for (std::size_t at = code.find(ban.text); at != std::string_view::npos;
                 at = code.find(ban.text, at + 1)) {
                add(line_at(code, at), std::string{ban.sentence});
            }
        }
    }

    void check_header() {
        const std::size_t size = file_->lines.size();
        if (size > max_header_lines) {
            add(size, "the header has " + std::to_string(size) + " lines, at most " +
                          std::to_string(max_header_lines) + " are allowed");
        }
        if (!file_->text.starts_with("/// ")) {
            add(1, "a header opens with a /// paragraph: what lives here, when to include it");
        }
        if (std::count(file_->lines.begin(), file_->lines.end(), "#pragma once") != 1) {
            add(1, "a header has #pragma once");
        }
    }

    void check_layers(std::string_view name) {
        const auto row = layer_of(name);
        if (!row)
            return add(1, "the header stands in no layer: see `layers` in tests/tidy/tidy.cpp");
        for (std::size_t i = 0; i < file_->lines.size(); ++i) {
            const std::string_view included = included_by(file_->lines[i]);
            if (included.starts_with('"')) add(i + 1, "include as <coffer/...>");
            if (!included.starts_with("<coffer/")) continue;
            const std::string path = "include/" + std::string{included.substr(1)};
            const auto below = header_name(path);
            if (!tree_.contains(path) || !below) {
                add(i + 1, path + " does not exist");
            } else if (layer_of(*below).value_or(0) > *row) {
                add(i + 1, std::string{name} + " may not include " + std::string{*below} +
                               ", which is in a higher layer");
            }
        }
    }

    /// A deleted function may name it: that is how it is kept out.
    void check_floating_point(std::string_view code) {
        for (std::size_t begin = 0; begin < code.size();) {
            const std::size_t end = std::min(code.find_first_of(";{}", begin), code.size());
            const std::string_view statement = code.substr(begin, end - begin);
            for (const std::string_view word : {"float", "double"}) {
                const std::size_t at = find_word(statement, word);
                if (at == std::string_view::npos || is_refusal(statement)) continue;
                add(line_at(code, begin + at), "no floating point: amounts are exact");
            }
            begin = end + 1;
        }
    }

    static bool is_refusal(std::string_view statement) {
        return statement.find("= delete") != std::string_view::npos ||
               statement.find("std::floating_point") != std::string_view::npos ||
               statement.find("std::is_floating_point") != std::string_view::npos;
    }

    static std::size_t find_word(std::string_view text, std::string_view word) {
        std::size_t at = text.find(word);
        for (; at != std::string_view::npos; at = text.find(word, at + 1)) {
            const std::size_t end = at + word.size();
            const bool begins = at == 0 || !is_word(text[at - 1]);
            if (begins && (end == text.size() || !is_word(text[end]))) break;
        }
        return at;
    }

    /// The header and all that it brings along.
    void collect(const std::string& path, std::set<std::string>& reached) const {
        const auto file = tree_.find(path);
        if (file == tree_.end() || !reached.insert(path).second) return;
        for (const std::string& line : file->second.lines) {
            const std::string_view included = included_by(line);
            if (!included.empty()) collect("include/" + std::string{included.substr(1)}, reached);
        }
    }

    /// CMakeLists.txt lists every header, and the umbrella brings along all that are not opt-in.
    void check_lists() {
        const std::string umbrella_path = "include/coffer/" + std::string{umbrella} + ".hpp";
        std::set<std::string> listed;
        std::set<std::string> included;
        if (const auto cmake = tree_.find("CMakeLists.txt"); cmake != tree_.end()) {
            for (const std::string& line : cmake->second.lines) listed.insert(trimmed(line));
        }
        collect(umbrella_path, included);
        for (const auto& [path, file] : tree_) {
            const auto name = header_name(path);
            if (!name) continue;
            path_ = path;
            if (!listed.contains(path)) add(1, "the header is not listed in CMakeLists.txt");
            const bool expected = *name != umbrella && fit(opt_in, *name) == 0;
            if (expected && !included.contains(path)) {
                add(1, "the umbrella " + umbrella_path + " does not include the header");
            }
        }
    }

    const source_tree& tree_;
    std::string path_;
    const source_file* file_ = nullptr;
    violations found_;
};

violations check(const source_tree& tree) { return checker{tree}.run(); }

// ---- The proof that the checks find something ---------------------------------------------------

source_tree sound_tree() {
    source_tree tree;
    const auto add = [&](const std::string& path, std::string text) {
        tree[path] = make_source_file(std::move(text));
    };
    add("CMakeLists.txt",
        "    include/coffer/coffer.hpp\n    include/coffer/base/error.hpp\n"
        "    include/coffer/time/clock.hpp\n    include/coffer/base/detail/wide.hpp\n");
    add("include/coffer/coffer.hpp",
        "/// All.\n#pragma once\n#include <coffer/base/detail/wide.hpp>\n"
        "#include <coffer/base/error.hpp>\n#include <coffer/time/clock.hpp>\n");
    add("include/coffer/base/error.hpp", "/// Errors.\n#pragma once\n");
    add("tests/error_test.cpp", "TEST_CASE(\"rule 1: amounts are exact, always\") {}\n");
    add("include/coffer/base/detail/wide.hpp", "/// Wide.\n#pragma once\n");
    add("include/coffer/time/clock.hpp",
        "/// The clock.\n#pragma once\n#include <coffer/base/error.hpp>\n"
        "auto t = std::chrono::system_clock::now();\n");
    return tree;
}

#define HEADER "/// Trial.\n#pragma once\n"

constexpr std::string_view error_header = "include/coffer/base/error.hpp";

constexpr trial trials[] = {
    // Layers.
    {error_header, HEADER "#include <coffer/base/detail/wide.hpp>\n#include <vector>\n", ""},
    {error_header, HEADER "#include <coffer/time/clock.hpp>\n", "which is in a higher layer"},
    {error_header, HEADER "#include <coffer/coffer.hpp>\n", "which is in a higher layer"},
    {error_header, HEADER "#include <coffer/gone.hpp>\n", "does not exist"},
    {error_header, HEADER "#include \"detail/wide.hpp\"\n", "include as <coffer/...>"},
    // Clocks, output, namespaces.
    {error_header, HEADER "auto t = std::chrono::utc_clock::now();\n", "reads a clock"},
    {error_header, HEADER "int n = clock_gettime(CLOCK_REALTIME, &t);\n", "reads a clock"},
    {error_header, HEADER "using c = std::chrono::system_clock;\n", "names a clock"},
    {error_header, HEADER "using c = std::chrono::steady_clock;\n", "names a clock"},
    {error_header, HEADER "#include <iostream>\n", "<iostream>"},
    {error_header, HEADER "void f() { std::cout << 1; }\n", "does not print"},
    {error_header, HEADER "// system_clock::now(), \"float\n/* double */\n", ""},
    {error_header, HEADER "auto s = \"std::cout << double(1)\"; char c = '\"';\n", ""},
    {error_header, HEADER "auto s = R\"x(float \" )x\"; long n = 1'000; // '\n", ""},
    {"tests/a_test.cpp", "using namespace date;\n", "write date:: out"},
    {"tests/a_test.cpp", "auto t = std::chrono::steady_clock::now(); double d = 1;\n", ""},
    // Floating point.
    {error_header, HEADER "double ratio;\n", "no floating point"},
    {error_header, HEADER "long n = 1'000; float ratio;\n", "no floating point"},
    {error_header, HEADER "void f(int a,\n       double b);\n", "no floating point"},
    {error_header, HEADER "void f(double) = delete;\nint doubled, floating;\n", ""},
    {error_header, HEADER "template <std::floating_point F>\nvoid f(F) = delete;\n", ""},
    // Shape.
    {error_header, HEADER "\tint tab;\n", "not tabs"},
    {error_header, HEADER "int blank; \n", "ends in a blank"},
    {error_header, HEADER "int end;", "has no end"},
    {error_header, "#pragma once\n", "opens with a /// paragraph"},
    {error_header, "/// Trial.\n", "#pragma once"},
    // Rules.
    {rules_page, "| 1 | exact | `rule 1: a float does not compile` |\n", "no test is named"},
    {rules_page, "| 1 | exact | `rule 1: amounts are exact` |\n", ""},
    // Lists.
    {"include/coffer/base/detail/new.hpp", HEADER, "not listed in CMakeLists.txt"},
    {"include/coffer/base/new.hpp", HEADER,
     "the umbrella include/coffer/coffer.hpp does not include"},
    {"include/coffer/new.hpp", HEADER, "stands in no layer"},
};

int run_self_test() {
    std::vector<trial> all{std::begin(trials), std::end(trials)};
    const std::string wide = HEADER "// " + std::string(98, 'x') + "\n";
    const std::string just_fits = HEADER "// " + std::string(96, 'x') + "\u2026\n";
    std::string tall = HEADER;
    for (std::size_t i = 0; i < max_header_lines; ++i) tall += "int i;\n";
    all.push_back({error_header, wide, "101 columns"});
    all.push_back({error_header, just_fits, ""});
    all.push_back({error_header, tall, "602 lines"});
    return self_test(sound_tree(), all, check);
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string argument = argc == 2 ? argv[1] : "";
    if (argument == "--self-test") return run_self_test();
    if (argument.empty()) {
        std::cout << "usage: tidy ROOT | --self-test\n";
        return 2;
    }
    const source_tree tree =
        read_tree(argument,
                  {"CMakeLists.txt", "include", "tests", "examples", "benchmarks", "docs/snippets",
                   std::string_view{rules_page}},
                  {".hpp", ".cpp", "CMakeLists.txt", std::string_view{rules_page}});
    if (!tree.contains("include/coffer/coffer.hpp")) {
        std::cout << argument << " is not the root of coffer\n";
        return 2;
    }
    return report(check(tree));
} catch (const std::exception& e) {
    std::cout << "tidy: " << e.what() << '\n';
    return 2;
}

// The command line of the example scenario: its lines, its closing line, its exit codes.
//
//     scenario_cli PATH_OF_SCENARIO
#include "replay/run_program.hpp"

#include <exception>
#include <iostream>
#include <utility>

namespace {

using std::string;

const string passing = R"({"scenario": "a pack", "plan": {"buckets": [{"name": "b"}]}, "steps": [
    {"at": "2026-01-01T00:00:00Z", "grant": {"lot": "A", "bucket": "b", "amount": "5"},
         "expect": {"available": "5"}}]})";
const string failing =
    R"({"scenario": "a wrong\npack", "plan": {"buckets": [{"name": "b"}]}, "steps": [
    {"at": "2026-01-01T00:00:00Z", "grant": {"lot": "A", "bucket": "b", "amount": "5"}},
    {"at": "2026-01-01T00:00:00Z", "pass": {}, "expect": {"available": "4"}}]})";
const string invalid = R"({"scenario": "no pack", "plan": {"buckets": [{"name": "b"}]}, "steps": [
    {"at": "2026-01-01T00:00:00Z", "grant": {"lot": "A", "bucket": "b", "amuont": "5"}}]})";

class tester {
public:
    explicit tester(string program) : program_{std::move(program)} {}

    /// What the program writes and answers for these arguments.
    void check(const string& what, const std::vector<string>& arguments, int exit_code,
               const string& output, const string& errors) {
        ++checks_;
        const auto found = coffer_test::run_program(program_, arguments, scratch);
        if (found.exit_code == exit_code && found.output == output && found.errors == errors)
            return;
        ++failed_;
        std::cout << "FAILED: " << what << "\n  exit code " << found.exit_code << "\n  output "
                  << found.output << "  errors " << found.errors;
    }
    /// Some words of what it writes.
    void check_words(const string& what, const std::vector<string>& arguments, int exit_code,
                     const string& words) {
        ++checks_;
        const auto found = coffer_test::run_program(program_, arguments, scratch);
        const bool says = (found.output + found.errors).find(words) != string::npos;
        if (found.exit_code == exit_code && says) return;
        ++failed_;
        std::cout << "FAILED: " << what << "\n  exit code " << found.exit_code << "\n  output "
                  << found.output << "  errors " << found.errors;
    }

    int close() const {
        std::cout << checks_ << " checks, " << failed_ << " failed\n";
        return failed_ == 0 && checks_ > 0 ? 0 : 1;
    }

    coffer_test::scratch_folder scratch;

private:
    string program_;
    int checks_ = 0;
    int failed_ = 0;
};

int run(const string& program) {
    tester t{program};
    const string good = t.scratch.write("good.json", passing);
    const string wrong = t.scratch.write("wrong.json", failing);
    const string none = t.scratch.write("none.json", invalid);
    const string ok_line = "ok " + good + ": a pack\n";
    const string failed_line =
        "FAILED " + wrong + ": a wrong pack: steps[1].expect.available: expected 4, found 5\n";
    const string none_line = none + ": steps[0].grant.amuont: there is no such key\n";

    t.check("one passes", {good}, 0, ok_line + "1 passed, 0 failed\n", "");
    t.check("one fails", {wrong}, 1, failed_line + "0 passed, 1 failed\n", "");
    t.check("one is none", {none}, 2, "0 passed, 0 failed\n", none_line);
    t.check("some fail", {good, wrong, good}, 1,
            ok_line + failed_line + ok_line + "2 passed, 1 failed\n", "");
    t.check("the others run, and 2 outdoes 1", {none, good, wrong}, 2,
            ok_line + failed_line + "1 passed, 1 failed\n", none_line);
    t.check_words("no such file", {t.scratch.file("nowhere.json")}, 2,
                  "nowhere.json: cannot be read");
    t.check_words("a folder", {t.scratch.file("")}, 2, "cannot be read");
    t.check_words("no file", {}, 2, "--help");
    t.check_words("help", {"--help"}, 0, "Exit code");
    return t.close();
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 2) return run(argv[1]);
    std::cout << "scenario_cli PATH_OF_SCENARIO\n";
    return 1;
} catch (const std::exception& e) {
    std::cout << "FAILED: " << e.what() << '\n';
    return 1;
}

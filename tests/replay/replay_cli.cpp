// The command line of replay: what it refuses, and with which sentence; what it takes; what the
// sample shows. Needs no data.
//
//     replay_cli PATH_OF_REPLAY
#include "replay/run_program.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <utility>

namespace {

using std::string;
using arguments = std::vector<string>;

class tester {
public:
    explicit tester(string program) : program_{std::move(program)} {}

    coffer_test::program_run run(const arguments& with) {
        return coffer_test::run_program(program_, with, scratch);
    }

    void check(bool holds, const string& what, const coffer_test::program_run& found) {
        ++checks_;
        if (holds) return;
        ++failed_;
        std::cout << "FAILED: " << what << "\n  exit code " << found.exit_code << "\n  errors "
                  << found.errors << "  output " << found.output.substr(0, 400) << '\n';
    }

    /// Exit code 2, nothing but one line on the error output, and in it each of the parts.
    void refuses(const string& what, const arguments& with, const std::vector<string>& parts) {
        const auto found = run(with);
        const bool one_line = std::count(found.errors.begin(), found.errors.end(), '\n') == 1 &&
                              found.errors.ends_with('\n');
        check(found.exit_code == 2 && found.output.empty() && one_line, what + ": one sentence",
              found);
        for (const string& part : parts) {
            check(found.errors.find(part) != string::npos, what + ": says '" + part + "'", found);
        }
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

const string header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
const string row = "2023-11-16 18:15:46.6805900,374,44\n";

void test_command_line(tester& t) {
    t.refuses("unknown option", {"--tracee", "x"}, {"--tracee", "--help"});
    t.refuses("stray word", {"trace.csv"}, {"trace.csv"});
    t.refuses("no value at the end", {"--json", "--trace"}, {"--trace needs"});
    t.refuses("an option for a value", {"--allowance", "--json"}, {"--allowance needs"});
    t.refuses("allowance in words", {"--allowance", "ten"}, {"--allowance", "'ten'"});
    t.refuses("negative allowance", {"--allowance", "-1"}, {"--allowance", "'-1'"});
    t.refuses("seven decimals", {"--package", "0.0000001"}, {"--package", "six decimals"});
    t.refuses("too much", {"--package", "99999999999999"}, {"--package"});
    t.refuses("free credits", {"--usd-per-credit", "0"}, {"--usd-per-credit", "above zero"});
    t.refuses("negative output", {"--max-output", "-1"}, {"--max-output", "'-1'"});
    t.refuses("huge output", {"--max-output", "99999999999999999999"}, {"--max-output"});
    t.refuses("no 30 February", {"--start", "2026-02-30T00:00:00Z"}, {"--start", "2026-02-30"});
    t.refuses("start without Z", {"--start", "2026-02-20T00:00:00"}, {"--start", "UTC"});
    t.refuses("no such zone", {"--zone", "Europe/Bonn"}, {"--zone", "'Europe/Bonn'"});
    t.refuses("a zone outside", {"--zone", "../../../etc/passwd"}, {"--zone"});
    t.refuses("no stretch", {"--stretch", "0"}, {"--stretch", "'0'"});
    t.refuses("stretch with a fraction", {"--stretch", "1.5"}, {"--stretch", "'1.5'"});
    t.refuses("beyond the calendar", {"--start", "8999-12-01T00:00:00Z"}, {"--start", "8999"});
    const auto help = t.run({"--help"});
    t.check(help.exit_code == 0 && help.output.find("--usd-per-credit") != string::npos, "help",
            help);
}

void test_bad_traces(tester& t) {
    const auto refuses = [&](const string& what, const string& text, const string& line,
                             const string& part) {
        const string file = t.scratch.write("bad.csv", text);
        t.refuses(what, {"--trace", file}, {file + ":" + line + ": ", part});
    };
    t.refuses("no such trace", {"--trace", t.scratch.file("gone.csv")}, {"gone.csv: ", "read"});
    t.refuses("a folder", {"--trace", "/"}, {"/: ", "read"});
    refuses("empty file", "", "1", "empty");
    refuses("header alone", header, "1", "no request");
    refuses("no header", row + row, "1", "TIMESTAMP,ContextTokens,GeneratedTokens");
    refuses("another header", "TIMESTAMP,ContextTokens\n" + row, "1", "header");
    refuses("empty row", header + row + "\n" + row, "3", "empty");
    refuses("empty row at the end", header + row + "\r\n", "3", "empty");
    refuses("two columns", header + row + "2023-11-16 18:15:47,1\n", "3", "row");
    refuses("four columns", header + row + "2023-11-16 18:15:47,1,2,3\n", "3", "row");
    refuses("no time", header + ",1,2\n", "2", "time");
    refuses("no such day", header + "2023-02-29 18:15:46.6805900,1,2\n", "2", "2023-02-29");
    refuses("no such hour", header + "2023-02-28 24:00:00.0000000,1,2\n", "2", "24:00:00");
    refuses("eight digits", header + "2023-02-28 01:00:00.00000001,1,2\n", "2", "time");
    refuses("no offset", header + "2024-05-10 00:00:00.009930+,1,2\n", "2", "time");
    refuses("no such offset", header + "2024-05-10 00:00:00+00:60,1,2\n", "2", "time");
    refuses("more than an offset", header + "2024-05-10 00:00:00+00:00:00,1,2\n", "2", "time");
    refuses("an offset of letters", header + "2024-05-10 00:00:00 CET,1,2\n", "2", "time");
    refuses("out of order by its offset", header + row + "2023-11-16 18:15:47+01:00,1,1\n", "3",
            "earlier");
    refuses("UTF-16", string("\xFF\xFET\0", 4), "1", "UTF-16");
    refuses("words", header + "2023-11-16 18:15:46.6805900,many,44\n", "2", "'many'");
    refuses("a fraction", header + "2023-11-16 18:15:46.6805900,374,44.5\n", "2", "'44.5'");
    refuses("nothing", header + "2023-11-16 18:15:46.6805900,,44\n", "2", "context");
    refuses("negative", header + row + "2023-11-16 18:15:47,-3,44\n", "3", "negative: '-3'");
    refuses("huge", header + row + "2023-11-16 18:15:47,3,99999999999999999999\n", "3",
            "generated");
    refuses("too many", header + row + "2023-11-16 18:15:47,1000000001,3\n", "3", "1,000,000,000");
    refuses("out of order", header + row + row + "2023-11-16 18:15:46.6805899,1,1\n", "4",
            "earlier");
}

void test_bad_prices(tester& t) {
    const auto refuses = [&](const string& what, const string& text, const string& line,
                             const string& part, arguments with = {}) {
        const string file = t.scratch.write("bad.json", text);
        with.insert(with.begin(), {"--prices", file});
        t.refuses(what, with, {file + (line.empty() ? "" : ":" + line) + ": ", part});
    };
    const auto model = [](const string& prices) { return "{\n\"m\": {\n" + prices + "\n}\n}\n"; };
    const string good = "\"input_cost_per_token\": 1e-06,\n\"output_cost_per_token\": 2e-06";
    t.refuses("no such file", {"--prices", t.scratch.file("gone.json")}, {"gone.json: ", "read"});
    refuses("no JSON", "{\n\"m\": {\n]\n", "3", "JSON");
    refuses("cut off", "{\n\"m\": {", "2", "ends too early");
    refuses("a list", "[]", "1", "object of models");
    refuses("no model", "{}", "", "0 models");
    refuses("which model", "{\"a\": {}, \"b\": {}}", "", "--model");
    refuses("unknown model", model(good), "", "'mm' in it; did you mean 'm'", {"--model", "mm"});
    refuses("no output price", model("\"input_cost_per_token\": 1e-06"), "2",
            "output_cost_per_token");
    refuses("negative price", model(good + ",\n\"cache_read_input_token_cost\": -1e-07"), "5",
            "negative");
    refuses("price as text", model("\"input_cost_per_token\": \"1e-06\""), "3", "text");
    refuses("too many digits", model("\"input_cost_per_token\": 1.234567890123456789e-6"), "3",
            "digits");
    refuses("price below 10^-12 credits",
            model("\"output_cost_per_token\": 1e-06,\n\"input_cost_per_token\": 1.5e-14"), "4",
            "0.000000000000015");
    refuses("price that is no decimal in credits", model(good), "3", "0.03",
            {"--usd-per-credit", "0.03"});
    refuses("price that does not fit", model(good), "3", "cost 0.000001 dollars",
            {"--usd-per-credit", "1e-19"});
}

void test_traces_that_are_taken(tester& t) {
    const string text =
        header + row + row + "2023-11-16 18:15:46.6805901,0,0\n" + "2023-11-16 18:16:00,700,12\n";
    string windows = text;
    for (std::size_t at = 0; (at = windows.find('\n', at)) != string::npos; at += 2) {
        windows.insert(at, 1, '\r');
    }
    const auto replay = [&](const string& name, const string& content) {
        return t.run({"--trace", t.scratch.write(name, content), "--package", "100", "--json"});
    };
    const auto plain = replay("plain.csv", text);
    t.check(plain.exit_code == 0 && plain.output.find("\"settled\": 4,") != string::npos,
            "equal times and a request without tokens are settled", plain);
    // (374 + 374 + 700) * 0.0003 + (44 + 44 + 12) * 0.0015 credits.
    t.check(plain.output.find("\"credits_charged\": \"0.584400\"") != string::npos,
            "a request without tokens costs nothing", plain);
    const auto crlf = replay("crlf.csv", windows);
    t.check(crlf.output == plain.output, "CRLF makes no difference", crlf);
    const auto cut = replay("cut.csv", text.substr(0, text.size() - 1));
    t.check(cut.output == plain.output, "the last line needs no end", cut);
    const auto marked = replay("marked.csv", "\xEF\xBB\xBF" + text);
    t.check(marked.output == plain.output, "a byte order mark makes no difference", marked);
    const string offsets = header + "2023-11-16 18:15:46.6805900+00:00,374,44\n" +
                           "2023-11-16T20:45:46.6805900+02:30,374,44\n" +
                           "2023-11-16 08:15:46.6805901-1000,0,0\n" +
                           "2023-11-16 18:16:00Z,700,12\n";
    const auto shifted = replay("offsets.csv", offsets);
    t.check(shifted.output == plain.output, "a time with an offset is the same instant", shifted);
    const auto poor = t.run({"--trace", t.scratch.file("plain.csv"), "--json"});
    t.check(poor.exit_code == 0 && poor.output.find("\"refused\": 4,") != string::npos,
            "with a trace, allowance and package are zero unless given", poor);

    const string prices = t.scratch.write("one.json", R"({"only": {"input_cost_per_token": 0,
        "output_cost_per_token": 1.5e-05, "output_cost_per_image": 0.04}})");
    const auto one = t.run({"--prices", prices, "--json"});
    t.check(one.exit_code == 0, "prices without a trace take the sample's, and the only model",
            one);
}

/// All amounts or numbers that follow a key, in millionths where they have decimals.
std::vector<std::int64_t> numbers_after(const string& json, const string& key) {
    std::vector<std::int64_t> numbers;
    const string mark = "\"" + key + "\": ";
    for (std::size_t at = json.find(mark); at != string::npos; at = json.find(mark, at + 1)) {
        string digits;
        for (std::size_t i = at + mark.size(); json[i] != ',' && json[i] != '\n'; ++i) {
            if (json[i] >= '0' && json[i] <= '9') digits += json[i];
        }
        numbers.push_back(std::stoll(digits));
    }
    return numbers;
}

/// A month after 2026-01-31T10:00:00Z is 28 days: 24,192,000,000,000 steps of 100 ns.
void test_instants(tester& t) {
    const auto charges = [&](const string& rows, const string& stretch) {
        const auto found = t.run({"--trace", t.scratch.write("instants.csv", header + rows),
                                  "--stretch", stretch, "--package", "100", "--json"});
        return std::pair{found, numbers_after(found.output, "charged")};
    };
    // 1,000 tokens cost 0.3 credits, 2,000 cost 0.6.
    const std::vector<std::int64_t> both_in_first{900'000};
    const std::vector<std::int64_t> one_in_each{300'000, 600'000};

    const string first = "2026-01-01 00:00:00.0000000,1000,0\n";
    const auto before = charges(first + "2026-01-28 23:59:59.9999999,2000,0\n", "1");
    t.check(before.second == both_in_first, "a part of a microsecond is cut, not rounded",
            before.first);
    const auto at = charges(first + "2026-01-29 00:00:00.0000000,2000,0\n", "1");
    t.check(at.second == one_in_each, "a period's end belongs to the next", at.first);

    // 65,536 times 36.9140625 seconds are 28 days: cut first, they would be 33 ms less.
    const auto stretched = charges(first + "2026-01-01 00:00:36.9140625,2000,0\n", "65536");
    t.check(stretched.second == one_in_each, "what is stretched are steps of 100 ns",
            stretched.first);
    const auto step_less = charges(first + "2026-01-01 00:00:36.9140624,2000,0\n", "65536");
    t.check(step_less.second == both_in_first, "and each of them counts", step_less.first);
}

/// What is printed does not depend on where the wallet is kept.
void test_stores(tester& t) {
    t.refuses("no such store", {"--store", "disk"}, {"--store needs memory", "'disk'"});
    t.refuses("a store without a value", {"--store"}, {"--store needs"});
    const auto memory = t.run({"--store", "memory", "--json"});
    const auto by_default = t.run({"--json"});
    t.check(memory.exit_code == 0 && memory.output == by_default.output, "memory is the default",
            memory);

    const string file = t.scratch.file("wallet.db");
    const string store = "sqlite:" + file;
    if (t.run({"--store", store, "--help"}).exit_code != 0) {
        t.refuses("a file without SQLite", {"--store", store}, {"found no SQLite"});
        return;
    }
    t.refuses("a file without a name", {"--store", "sqlite:"}, {"--store needs", "sqlite:FILE"});
    const auto filed = t.run({"--store", store, "--json"});
    t.check(filed.exit_code == 0 && filed.output == memory.output, "a file prints the same", filed);
    const string bytes = coffer_test::read_file(file);
    t.check(bytes.size() > 4'096, "the wallet is in the file", filed);
    t.refuses("a file with a replay in it", {"--store", store}, {file + ": ", "already"});
    t.check(coffer_test::read_file(file) == bytes, "it stays as it is", filed);
    const auto statement = t.run({"--store", "sqlite:" + t.scratch.file("other.db")});
    t.check(statement.exit_code == 0 && statement.output == t.run({}).output,
            "the statement is the same", statement);
    const string text = t.scratch.write("text.db", string(2'000, 'x'));
    t.refuses("a file that is no store", {"--store", "sqlite:" + text}, {"text.db: "});
    t.refuses("a folder", {"--store", "sqlite:/"}, {"/: "});
}

// ---- The sample ---------------------------------------------------------------------------------

void test_sample(tester& t) {
    const auto people = t.run({});
    t.check(people.exit_code == 0, "the first command works", people);
    t.check(people.output.find("the same account") != string::npos, "it checks itself", people);
    for (const char* part : {"insufficient_credits", "settle_exceeds", "allowance", "package"}) {
        t.check(people.output.find(part) != string::npos, string{"it shows "} + part, people);
    }

    const auto json = t.run({"--json", "--allowance", "30", "--package", "15"});
    const auto sum = [&](const string& key) {
        std::int64_t total = 0;
        for (std::int64_t number : numbers_after(json.output, key)) total += number;
        return total;
    };
    const std::size_t periods = numbers_after(json.output, "forfeited").size();
    t.check(json.exit_code == 0 && periods >= 2 && sum("forfeited") > 0,
            "the sample has periods, and one forfeits", json);
    t.check(sum("settled") + sum("refused") == sum("requests") && sum("refused") > 0,
            "each request is settled or refused", json);
    t.check(sum("charged") == sum("credits_charged"), "the periods' charges are all charges", json);
    t.check(sum("allowance") + sum("package") == sum("available"), "the buckets are all there is",
            json);
    const std::int64_t granted = static_cast<std::int64_t>(periods) * 30'000'000 + 15'000'000;
    t.check(granted == sum("charged") + sum("forfeited") + sum("available"),
            "granted is charged, forfeited or available", json);
    t.check(json.output.find("\"replay_equal\": true") != string::npos, "it says so", json);
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) {
        std::cout << "usage: replay_cli PATH_OF_REPLAY\n";
        return 2;
    }
    tester t{argv[1]};
    test_command_line(t);
    test_bad_traces(t);
    test_bad_prices(t);
    test_traces_that_are_taken(t);
    test_instants(t);
    test_stores(t);
    test_sample(t);
    return t.close();
} catch (const std::exception& e) {
    std::cout << "replay_cli: " << e.what() << '\n';
    return 1;
}

/// The text of a price map as its parser hands it over: values with their lines, and numbers as the
/// digits that they were written in. You need it only through `price_map.hpp`.
#pragma once

#include <coffer/amount/detail/decimal.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

namespace detail {

/// A text from the file in one line, cut where it would fill the screen.
inline std::string shown(std::string_view text) {
    constexpr std::size_t enough = 60;
    std::string line{text.substr(0, enough)};
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
    return text.size() <= enough ? line : line + "…";
}

/// A pointer into the text that counts the lines it passes.
struct line_counting_iterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at = nullptr;
    std::size_t* lines = nullptr;

    reference operator*() const noexcept { return *at; }
    line_counting_iterator& operator++() noexcept {
        if (*at == '\n') ++*lines;
        ++at;
        return *this;
    }
    line_counting_iterator operator++(int) noexcept {
        line_counting_iterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(line_counting_iterator a, line_counting_iterator b) noexcept {
        return a.at == b.at;
    }
};

/// A value of the file.
struct written_value {
    enum class form : std::uint8_t { nothing, boolean, number, text, list, object };

    form is = form::nothing;
    std::string key{};   ///< In an object.
    std::string text{};  ///< Of a number or a text.
    std::size_t line = 0;
    std::vector<written_value> members{};  ///< In the order of the file.

    bool is_a(form f) const noexcept { return is == f; }
};

/// Takes the events of the JSON parser. Each member of the outermost object is handed to
/// `Taker::take` once it is complete.
template <class Taker>
class price_source {
    using json = nlohmann::json;
    using form = written_value::form;
    static constexpr std::size_t max_depth = 64;

public:
    using number_integer_t = json::number_integer_t;
    using number_unsigned_t = json::number_unsigned_t;
    using number_float_t = json::number_float_t;
    using string_t = json::string_t;
    using binary_t = json::binary_t;

    price_source(std::string_view text, const std::size_t& passed, Taker& taker) noexcept
        : text_{text}, passed_{passed}, taker_{taker} {}

    std::size_t wrong_line = 0;
    std::string wrong{};  // a sentence; empty as long as nothing is

    bool null() { return value({.is = form::nothing}); }
    bool boolean(bool) { return value({.is = form::boolean}); }
    bool string(string_t& text) { return value({.is = form::text, .text = std::move(text)}); }
    bool binary(binary_t&) { return value({.is = form::nothing}); }
    bool number_integer(number_integer_t n) { return number(std::to_string(n)); }
    bool number_unsigned(number_unsigned_t n) { return number(std::to_string(n)); }
    bool number_float(number_float_t, const string_t& text) {
        string_t plain = text;  // the parser writes the decimal point of the program's locale
        std::replace_if(
            plain.begin(), plain.end(),
            [](char c) { return !is_digit(c) && c != '-' && c != '+' && c != 'e' && c != 'E'; },
            '.');
        return number(std::move(plain));
    }

    bool start_object(std::size_t) { return begin(form::object); }
    bool start_array(std::size_t) { return begin(form::list); }
    bool end_object() {
        written_value done = std::move(open_.back());
        open_.pop_back();
        return open_.empty() || add(std::move(done));
    }
    bool end_array() { return end_object(); }
    bool key(string_t& name) {
        key_ = std::move(name);
        line_ = passed_ + 1;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& near, const json::exception& why) {
        constexpr int number_too_large = 406;
        if (why.id == number_too_large) {
            return fail(passed_ + 1, "a number is larger than any price: " + shown(near));
        }
        const std::string sentence = "this is no JSON: ";
        if (position > text_.size()) return fail(passed_ + 1, sentence + "it ends too early");
        // The letter that is wrong has been read; where it ends a line, the line is that before.
        const std::size_t line = passed_ + (near.ends_with("<U+000A>") ? 0 : 1);
        return fail(line, sentence + shown(line_of_text(line)));
    }

private:
    bool fail(std::size_t line, std::string sentence) {
        wrong_line = line;
        wrong = std::move(sentence);
        return false;
    }
    /// A line of the text without its indentation.
    std::string_view line_of_text(std::size_t line) const noexcept {
        std::string_view rest = text_;
        for (; line > 1; --line) rest.remove_prefix(rest.find('\n') + 1);
        rest = rest.substr(0, rest.find_first_of("\r\n"));
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        return rest;
    }

    bool number(std::string&& text) { return value({.is = form::number, .text = std::move(text)}); }
    bool value(written_value v) {
        if (open_.empty()) return fail(1, "a price map is a JSON object of models");
        name(v);
        return add(std::move(v));
    }
    bool begin(form is) {
        if (open_.empty() && is != form::object) {
            return fail(1, "a price map is a JSON object of models");
        }
        if (open_.size() == max_depth) return fail(passed_ + 1, "it is nested too deeply");
        written_value v{.is = is};
        if (!open_.empty()) name(v);
        open_.push_back(std::move(v));
        return true;
    }
    /// The elements of a list have no key; they stand where the parser is.
    void name(written_value& v) {
        const bool has_key = open_.back().is_a(form::object);
        if (has_key) v.key = std::move(key_);
        v.line = has_key ? line_ : passed_ + 1;
    }
    bool add(written_value v) {
        if (open_.size() == 1) {
            taker_.take(std::move(v));
        } else {
            open_.back().members.push_back(std::move(v));
        }
        return true;
    }

    std::string_view text_;
    const std::size_t& passed_;  // line ends that the parser has read
    Taker& taker_;
    std::vector<written_value> open_;
    std::string key_;
    std::size_t line_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

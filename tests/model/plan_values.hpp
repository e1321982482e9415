/// How the values of a plan are read: each that cannot be is a bad scenario that names its path.
#pragma once

#include "errors.hpp"
#include "model.hpp"
#include "number.hpp"
#include "plan.hpp"
#include "time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace model::values {

using nlohmann::json;

[[noreturn]] inline void invalid(std::string const& path, std::string const& why) {
    throw bad_scenario(path + ": " + why);
}

inline void check_keys(json const& object, std::string const& path,
                       std::initializer_list<std::string_view> known) {
    if (!object.is_object()) invalid(path, "not an object");
    for (auto const& item : object.items()) {
        if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
            invalid(path + "." + item.key(), "unknown key");
        }
    }
}

inline json const& need(json const& object, char const* key, std::string const& path) {
    auto found = object.find(key);
    if (found == object.end()) invalid(path + "." + key, "missing");
    return *found;
}

inline std::string text_of(json const& value, std::string const& path) {
    if (!value.is_string()) invalid(path, "not a text");
    return value.get<std::string>();
}

inline wide figure_of(json const& value, std::string const& path, int places) {
    number parsed = parse_number(text_of(value, path), places);
    if (parsed.fault != number_fault::none || parsed.value < 0) invalid(path, "not such a number");
    return parsed.value;
}

inline wide amount_of(json const& value, std::string const& path) {
    return figure_of(value, path, amount_places);
}

/// How what a plan and a step have in common is read: what makes no sense, and a number that is
/// none, make a plan invalid and are a step's faults.
class figures {
public:
    figures() = default;
    explicit figures(faults& of_step) : of_step_(&of_step) {}

    void refuse(errc error, std::string const& path, std::string const& why) const {
        if (of_step_ == nullptr) invalid(path, why);
        of_step_->add(error);
    }
    wide amount(json const& value, std::string const& path, bool may_be_negative = false) const {
        number parsed = parse_number(text_of(value, path), amount_places);
        bool wrong = parsed.fault != number_fault::none;
        if (wrong && of_step_ == nullptr) invalid(path, "not such a number");
        if (wrong) of_step_->add(parsed.fault);
        if (wrong) return 0;
        if (parsed.value < 0 && !may_be_negative) {
            refuse(errc::invalid_argument, path, "is negative");
        }
        return parsed.value;
    }
    money sum(json const& value, std::string const& path) const {
        parsed_money parsed = parse_money(text_of(value, path));
        bool wrong = parsed.fault != number_fault::none;
        if (wrong && of_step_ == nullptr) invalid(path, "not money");
        if (wrong) of_step_->add(parsed.fault);
        return parsed.value;
    }

private:
    faults* of_step_ = nullptr;
};

inline wide positive_of(json const& value, std::string const& path) {
    wide figure = amount_of(value, path);
    if (figure == 0) invalid(path, "must be above zero");
    return figure;
}

inline std::int64_t count_of(json const& value, std::string const& path) {
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0) return value;
    return static_cast<std::int64_t>(figure_of(value, path, 0));
}

inline bool flag_of(json const& value, std::string const& path) {
    if (!value.is_boolean()) invalid(path, "neither true nor false");
    return value;
}

inline money money_of(json const& value, std::string const& path) {
    parsed_money parsed = parse_money(text_of(value, path));
    if (parsed.fault != number_fault::none) invalid(path, "not money");
    return parsed.value;
}

inline duration duration_of(json const& value, std::string const& path) {
    auto parsed = parse_duration(text_of(value, path));
    if (!parsed) invalid(path, "not a duration");
    return *parsed;
}

inline duration positive_duration_of(json const& value, std::string const& path) {
    duration parsed = duration_of(value, path);
    if (parsed.is_zero()) invalid(path, "must be above zero");
    return parsed;
}

template <class T>
T one_of(json const& value, std::string const& path,
         std::initializer_list<std::pair<std::string_view, T>> choices) {
    std::string text = text_of(value, path);
    for (auto const& [name, choice] : choices) {
        if (name == text) return choice;
    }
    invalid(path, "unknown value " + text);
}

inline window window_of(json const& value, std::string const& path) {
    return one_of<window>(value, path,
                          {{"draw", window::draw},
                           {"day", window::day},
                           {"week", window::week},
                           {"period", window::period},
                           {"ever", window::ever}});
}

}  // namespace model::values

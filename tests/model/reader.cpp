#include "reader.hpp"

#include <algorithm>

namespace model {

using nlohmann::json;

void reader::bad(std::string const& key, std::string const& why) const {
    std::string path = "steps[" + std::to_string(step_) + "]." + verb_;
    if (!key.empty()) path += "." + key;
    throw bad_scenario(path + ": " + why);
}

void reader::check_keys(std::vector<std::string> const& known) const {
    if (!body_->is_object()) bad("", "not an object");
    for (auto const& item : body_->items()) {
        if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
            bad(item.key(), "unknown key");
        }
    }
}

std::string const& reader::need_text(char const* key) const {
    auto found = body_->find(key);
    if (found == body_->end()) bad(key, "missing");
    if (!found->is_string()) bad(key, "not a text");
    return found->get_ref<std::string const&>();
}

std::optional<std::string> reader::text(char const* key) const {
    if (!has(key)) return {};
    return need_text(key);
}

std::optional<wide> reader::figure(std::string const& key, json const& value, int places) {
    if (!value.is_string()) bad(key, "not a number in quotes");
    number parsed = parse_number(value.get_ref<std::string const&>(), places);
    wrong.add(parsed.fault);
    if (parsed.value < 0) wrong.add(errc::invalid_argument);
    if (parsed.fault != number_fault::none || parsed.value < 0) sound_ = false;
    return sound_ ? parsed.value : 0;
}

wide reader::need_amount(char const* key) {
    need_text(key);
    return *amount(key);
}

std::optional<wide> reader::amount(char const* key) {
    if (!has(key)) return {};
    return figure(key, (*body_)[key], amount_places);
}

std::map<std::string, wide> reader::need_amounts(char const* key) {
    auto found = body_->find(key);
    if (found == body_->end()) bad(key, "missing");
    if (!found->is_object()) bad(key, "not an object");
    std::map<std::string, wide> amounts;
    for (auto const& item : found->items()) {
        std::string path = std::string(key) + "." + item.key();
        amounts[item.key()] = *figure(path, item.value(), amount_places);
    }
    return amounts;
}

std::optional<money> reader::paid(char const* key) {
    auto stated = text(key);
    if (!stated) return {};
    parsed_money parsed = parse_money(*stated);
    wrong.add(parsed.fault);
    return parsed.value;
}

std::optional<instant> reader::moment(char const* key) {
    auto stated = text(key);
    if (!stated) return {};
    auto parsed = parse_instant(*stated);
    if (!parsed) wrong.add(errc::invalid_argument);
    return parsed;
}

std::optional<std::int64_t> reader::integer(char const* key) {
    if (!has(key)) return {};
    json const& value = (*body_)[key];
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (!value.is_string()) bad(key, "not an integer");
    number parsed = parse_number(value.get_ref<std::string const&>(), 0);
    wrong.add(parsed.fault);
    return static_cast<std::int64_t>(parsed.value);
}

duration reader::need_length(char const* key) {
    auto parsed = parse_duration(need_text(key));
    if (!parsed || parsed->is_zero()) wrong.add(errc::invalid_argument);
    return parsed.value_or(duration{});
}

measure reader::measured() {
    measure m;
    m.amount = amount("amount");
    m.quantity = amount("quantity");
    if (has("usage")) {
        json const& usage = (*body_)["usage"];
        if (!usage.is_object()) bad("usage", "not an object");
        m.usage.emplace();
        for (auto const& item : usage.items()) {
            std::string const& kind = item.key();
            if (!is_token_kind(kind)) bad("usage." + kind, "unknown key");
            (*m.usage)[kind] = *figure("usage." + kind, item.value(), 0);
        }
    }
    m.sound = sound_;
    return m;
}

}  // namespace model

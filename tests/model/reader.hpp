/// Reads the keys of one step's verb; what cannot be read is a fault or a bad scenario.
#pragma once

#include "errors.hpp"
#include "model.hpp"
#include "price.hpp"
#include "time.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace model {

class reader {
public:
    reader(nlohmann::json const& body, std::size_t step, std::string verb)
        : body_(&body), step_(step), verb_(std::move(verb)) {}

    faults wrong;

    bool has(char const* key) const { return body_->contains(key); }
    std::string const& verb() const { return verb_; }
    nlohmann::json const& body() const { return *body_; }

    [[noreturn]] void bad(std::string const& key, std::string const& why) const;
    void check_keys(std::vector<std::string> const& known) const;

    std::string const& need_text(char const* key) const;
    std::optional<std::string> text(char const* key) const;

    wide need_amount(char const* key);
    std::optional<wide> amount(char const* key);
    /// An object of amounts.
    std::map<std::string, wide> need_amounts(char const* key);
    std::optional<money> paid(char const* key);
    std::optional<instant> moment(char const* key);
    std::optional<std::int64_t> integer(char const* key);
    duration need_length(char const* key);

    /// amount, quantity and usage.
    measure measured();

    /// False once a number in it could not be read.
    bool sound() const { return sound_; }

private:
    std::optional<wide> figure(std::string const& key, nlohmann::json const& value, int places);

    nlohmann::json const* body_;
    std::size_t step_;
    std::string verb_;
    bool sound_ = true;
};

}  // namespace model

/// One step of a scenario as it is read from JSON: the request that it makes of a wallet, and what
/// is expected to be seen after it. You need it only to write a runner of your own; `scenario.hpp`
/// has one.
#pragma once

#include <coffer/amount/detail/decimal.hpp>
#include <coffer/io/json_reader.hpp>
#include <coffer/io/scenario/changes.hpp>
#include <coffer/io/scenario/choices.hpp>
#include <coffer/io/scenario/expectation.hpp>
#include <coffer/io/scenario/prices.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Why a scenario is none: what is wrong with it, and where, such as `steps[3].charge.amuont`.
using scenario_error = plan_error;

namespace detail {

/// The verb `pass`: nothing but time.
struct pass_request {};

/// The verbs of a subscription's life, by the entry that they make.
struct standing_request {
    entry_kind how{};
};

/// The verbs about an order that the plan's recharge has placed.
struct intent_request {
    order_state news = order_state::confirmed;
    std::optional<std::int64_t> number{};  ///< The n-th, from 1; none for the latest.
    std::string_view reason{};
};

/// What a step asks of the wallet.
using scenario_request =
    std::variant<pass_request, start_request, grant_request, charge_request, hold_request,
                 settle_request, release_request, refund_request, purchase_refund_request,
                 dispute_request, void_request, expiry_request, allowance_request, add_on_request,
                 standing_request, intent_request, configure_request, reprice_request>;

/// A step. Its texts are those of the JSON document, which has to last as long.
struct scenario_step {
    instant at{};
    bool late = false;  ///< `at` is when it happened, not when it is told.
    scenario_request request{};
    std::string_view actor{};  ///< Who asks, and why: no part of the request's content.
    std::string_view reason{};
    std::string_view id{};
    std::string_view about{};  ///< The lot, hold or charge that the verb names.
    std::string tags{};        ///< As the library takes them.
    timespan length{};         ///< Of a hold.
    /// The date at whose end, on the clocks of the account, the lot expires; in place of `expires`.
    std::optional<std::chrono::local_days> last_day{};
    /// The gravest thing wrong with a number of the request, which then stands in for it.
    std::optional<errc> flaw{};
    std::string_view error{};  ///< The refusal that has to come; empty for none.
    std::vector<expectation> expected{};
};

/// Reads steps.
class step_reader : public expectation_reader {
public:
    /// `at` is the step's place; `now` the instant of the step before it.
    scenario_step step(const json_place& at, std::optional<coffer::instant> now) {
        scenario_step s;
        flaw_.reset();
        const known_verb* verb = verb_of(at);
        if (!verb) return s;
        const json_place told_at = need(at, "at");
        s.at = this->instant(told_at);
        if (const auto p = at["late"]) s.late = flag(p);
        if (good() && now && s.at < *now && !s.late) {
            fail(told_at, "goes backwards; only a step with \"late\": true may");
        }
        if (const auto p = at["actor"]) s.actor = asked_by(p, *verb);
        if (const auto p = at["reason"]) s.reason = asked_by(p, *verb);
        if (const auto p = at["error"]) s.error = identifier(p);
        if (const auto p = at["expect"]) s.expected = expectations(p);
        const json_place body = at[verb->name];
        if (const auto p = body["id"]) s.id = name(p);
        (this->*verb->read)(body, s);
        s.flaw = flaw_;
        return s;
    }

private:
    struct known_verb {
        std::string_view name;
        void (step_reader::*read)(const json_place&, scenario_step&);
    };

    static const known_verb* find_verb(std::string_view name) {
        static constexpr known_verb verbs[] = {
            {"start", &step_reader::start},
            {"grant", &step_reader::grant},
            {"charge", &step_reader::charge},
            {"hold", &step_reader::hold},
            {"settle", &step_reader::settle},
            {"release", &step_reader::release},
            {"refund", &step_reader::refund},
            {"refund_purchase", &step_reader::refund_purchase},
            {"dispute", &step_reader::dispute},
            {"void", &step_reader::void_lot},
            {"expire_at", &step_reader::expire_at},
            {"change_plan", &step_reader::change_plan},
            {"add_on", &step_reader::add_on},
            {"cancel_change", &step_reader::standing<entry_kind::change_revoked>},
            {"pause", &step_reader::standing<entry_kind::paused>},
            {"unpause", &step_reader::standing<entry_kind::unpaused>},
            {"past_due", &step_reader::standing<entry_kind::past_due>},
            {"paid", &step_reader::standing<entry_kind::paid>},
            {"end", &step_reader::standing<entry_kind::ended>},
            {"confirm_recharge", &step_reader::about_intent<order_state::confirmed>},
            {"fail_recharge", &step_reader::about_intent<order_state::failed>},
            {"configure", &step_reader::configure},
            {"reprice", &step_reader::reprice},
            {"pass", &step_reader::pass},
        };
        const auto found = std::find_if(std::begin(verbs), std::end(verbs),
                                        [&](const known_verb& v) { return v.name == name; });
        return found == std::end(verbs) ? nullptr : found;
    }

    /// What a step says besides its verb.
    static bool is_of_step(std::string_view key) noexcept {
        return key == "at" || key == "late" || key == "actor" || key == "reason" ||
               key == "error" || key == "expect";
    }
    std::string_view asked_by(const json_place& at, const known_verb& verb) {
        if (verb.name == "pass") fail(at, "nobody asks for time to pass");
        if (verb.name == "reprice") fail(at, "no wallet is asked for other prices");
        return text(at);
    }

    /// The one verb of a step; none where there is no such verb, none at all or a second one.
    const known_verb* verb_of(const json_place& at) {
        if (!at.value->is_object()) {
            fail(at, "is no object");
            return nullptr;
        }
        const known_verb* found = nullptr;
        bool several = false;
        for (const auto& member : at.value->items()) {
            const std::string& key = member.key();
            if (is_of_step(key)) continue;
            const known_verb* verb = find_verb(key);
            if (!verb) {
                fail(at[key], "there is no such key or verb");
                return nullptr;
            }
            several = several || found;
            found = verb;
        }
        if (found && !several) return found;
        fail(at, several ? "has more than one verb" : "has no verb");
        return nullptr;
    }

    std::string_view identifier(const json_place& at) {
        const std::string_view found = text(at);
        for (auto code = static_cast<int>(errc::corrupt_record);
             code <= static_cast<int>(errc::insufficient_credits); ++code) {
            if (to_string(static_cast<errc>(code)) == found) return found;
        }
        if (good()) fail(at, detail::quoted(found) + " is no error identifier");
        return {};
    }

    // ---- Verbs ----------------------------------------------------------------------------------

    void pass(const json_place& at, scenario_step& s) {
        object(at, {});
        s.request = pass_request{};
    }

    void start(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<start_request>();
        if (!object(at, {"anchor", "paid", "trial_until", "then", "id"})) return;
        if (const auto p = at["anchor"]) r.anchor = this->instant(p);
        if (const auto p = at["paid"]) r.paid = some_money(p);
        if (const auto p = at["trial_until"]) r.trial_until = this->instant(p);
        if (const auto p = at["then"]) {
            const bool goes_on = choice<bool>(p, {{"same", true}, {"nothing", false}});
            r.then = goes_on ? after_trial::same_plan() : after_trial::nothing();
        }
    }

    void grant(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<grant_request>();
        if (!object(at, {"lot", "bucket", "amount", "priority", "effective", "expires", "paid",
                         "source", "id"})) {
            return;
        }
        s.about = name(need(at, "lot"));
        r.bucket = text(need(at, "bucket"));
        r.amount = some_credits(need(at, "amount"));
        if (const auto p = at["priority"]) r.priority = priority(p);
        if (const auto p = at["effective"]) r.effective = this->instant(p);
        if (const auto p = at["expires"]) r.expires = expiry(p, s);
        if (const auto p = at["paid"]) r.paid = some_money(p);
        if (const auto p = at["source"]) {
            r.source = choice<lot_source>(p, {{"plan", lot_source::plan},
                                              {"purchase", lot_source::purchase},
                                              {"bonus", lot_source::bonus},
                                              {"promo", lot_source::promo},
                                              {"referral", lot_source::referral},
                                              {"adjustment", lot_source::adjustment},
                                              {"refund", lot_source::refund}});
        }
    }

    void charge(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<charge_request>();
        if (!object(at, {"id", "amount", "action", "quantity", "usage", "member", "resource",
                         "tags"})) {
            return;
        }
        spend(at, r, s);
    }

    void hold(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<hold_request>();
        if (!object(at, {"id", "amount", "action", "quantity", "usage", "member", "resource",
                         "tags", "at_most", "for", "tolerance"})) {
            return;
        }
        spend(at, r, s);
        if (const auto p = at["at_most"]) r.at_most = some_credits(p);
        if (const auto p = at["tolerance"]) r.tolerance = some_credits(p);
        s.length = some_length(need(at, "for"));
    }

    void settle(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<settle_request>();
        if (!object(at, {"id", "hold", "amount", "quantity", "usage"})) return;
        s.about = text(need(at, "hold"));
        if (const auto p = at["amount"]) r.amount = some_credits(p);
        if (at["usage"]) r.others_zero = true;  // what it leaves out, and be it all of it
        used(at, r);
    }

    void release(const json_place& at, scenario_step& s) {
        s.request = release_request{};
        if (object(at, {"id", "hold"})) s.about = text(need(at, "hold"));
    }

    void refund(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<refund_request>();
        if (!object(at, {"id", "charge", "amount"})) return;
        s.about = text(need(at, "charge"));
        if (const auto p = at["amount"]) r.amount = some_credits(p);
    }

    void refund_purchase(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<purchase_refund_request>();
        if (!object(at, {"id", "lot", "money"})) return;
        s.about = text(need(at, "lot"));
        if (const auto p = at["money"]) r.money = some_money(p);
    }

    void dispute(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<dispute_request>();
        if (!object(at, {"id", "lot", "state", "money"})) return;
        s.about = text(need(at, "lot"));
        r.state = choice<dispute_state>(need(at, "state"), {{"opened", dispute_state::opened},
                                                            {"won", dispute_state::won},
                                                            {"lost", dispute_state::lost}});
        if (const auto p = at["money"]) r.money = some_money(p);
    }

    void void_lot(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<void_request>();
        if (!object(at, {"id", "lot", "amount"})) return;
        s.about = text(need(at, "lot"));
        if (const auto p = at["amount"]) r.amount = some_credits(p);
    }

    void expire_at(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<expiry_request>();
        if (!object(at, {"id", "lot", "expires"})) return;
        s.about = text(need(at, "lot"));
        r.expires = expiry(need(at, "expires"), s);
    }

    void change_plan(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<allowance_request>();
        if (!object(at, {"allowance", "when", "how", "id"})) return;
        const json_place allowance = need(at, "allowance");
        if (good() && !allowance.value->is_object()) fail(allowance, "is no object");
        if (!good()) return;
        for (const auto& member : allowance.value->items()) {
            const json_place each{&member.value(), path_of(allowance.path, member.key())};
            r.allowances.emplace_back(member.key(), some_credits(each));
        }
        if (const auto p = at["when"]) r.when = when(p);
        if (const auto p = at["how"]) {
            r.how = choice<upgrade>(p, {{"difference", upgrade::difference},
                                        {"prorate", upgrade::prorate},
                                        {"full", upgrade::full}});
        }
    }

    void add_on(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<add_on_request>();
        if (!object(at, {"bucket", "allowance", "price", "when", "how", "id"})) return;
        r.bucket = text(need(at, "bucket"));
        r.allowance = some_credits(need(at, "allowance"));
        if (const auto p = at["price"]) r.price = some_money(p);
        if (const auto p = at["when"]) r.when = when(p);
        if (const auto p = at["how"]) {
            r.how = choice<upgrade>(p, {{"difference", upgrade::difference},
                                        {"prorate", upgrade::prorate},
                                        {"full", upgrade::full},
                                        {"later", upgrade::later}});
        }
    }

    void configure(const json_place& at, scenario_step& s) {
        choice_reader reader;
        s.request = reader.chosen(at);
        if (reader.flaw()) flaw(*reader.flaw());
        fail_as(reader, at);
    }

    void reprice(const json_place& at, scenario_step& s) {
        reprice_reader reader;
        s.request = reader.replacement(at);
        fail_as(reader, at);
        if (s.late) fail(at, "prices are never replaced late");
    }

    void fail_as(const json_reader& reader, const json_place& at) {
        if (reader.good()) return;
        const plan_error& wrong = reader.error();
        fail({at.value, wrong.path}, wrong.message, wrong.code);
    }

    template <entry_kind How>
    void standing(const json_place& at, scenario_step& s) {
        s.request = standing_request{How};
        object(at, {"id"});
    }

    template <order_state News>
    void about_intent(const json_place& at, scenario_step& s) {
        auto& r = s.request.emplace<intent_request>(intent_request{News});
        if (!object(at, {"intent", "reason", "id"})) return;
        if (const auto p = at["intent"]) {
            r.number = p.value->is_number_integer() ? p.value->get<std::int64_t>() : 0;
            if (!p.value->is_number_integer()) fail(p, "is no whole number");
        }
        if (const auto p = at["reason"]) r.reason = text(p);
    }

    // ---- Their parts ----------------------------------------------------------------------------

    coffer::at when(const json_place& at) {
        return choice<coffer::at>(
            at, {{"now", coffer::at::once}, {"period_end", coffer::at::period_end}});
    }

    /// What charges and holds have in common.
    template <class Request>
    void spend(const json_place& at, Request& r, scenario_step& s) {
        if (const auto p = at["action"]) r.action = text(p);
        if (const auto p = at["amount"]) r.amount = some_credits(p);
        used(at, r);
        if (const auto p = at["member"]) r.member = text(p);
        if (const auto p = at["resource"]) r.resource = text(p);
        if (const auto p = at["tags"]) s.tags = tag_list(p);
    }

    /// What was used: a quantity or tokens.
    template <class Request>
    void used(const json_place& at, Request& r) {
        if (at["quantity"] && at["usage"]) flaw(errc::invalid_argument);
        if (const auto p = at["quantity"]) r.quantity = some_quantity(p);
        if (const auto p = at["usage"]) tokens(p, r);
    }

    template <class Request>
    void tokens(const json_place& at, Request& r) {
        if (!object(at, token_names)) return;
        for (const auto& field : token_fields<Request>) {
            if (const auto p = at[to_string(field.kind)]) r.*field.count = some_count(p);
        }
    }

    /// Names of a list, or names with values of an object, separated by commas.
    std::string tag_list(const json_place& at) {
        std::string all;
        const auto add = [&](const std::string& key, const json_place& p) {
            if (!all.empty()) all += ',';
            all += key;
            all += text(p);
        };
        if (at.value->is_object()) {
            for (const auto& [key, p] : members(at)) add(key + "=", p);
        } else if (at.value->is_array()) {
            for (const json_place& p : elements(at)) add({}, p);
        } else {
            fail(at, "is neither a list nor an object");
        }
        return all;
    }

    /// An instant, `never`, or a date, which becomes an instant where the zone is known.
    coffer::instant expiry(const json_place& at, scenario_step& s) {
        const std::string_view found = text(at);
        if (at.is_text() && found == "never") return never;
        if (!at.is_text() || !has_shape(found, "dddd-dd-dd")) return this->instant(at);
        if (const auto day = parse_instant(std::string{found} + "T00:00:00Z")) {
            s.last_day = std::chrono::floor<std::chrono::days>(local_time{day->time_since_epoch()});
        } else {
            fail(at, detail::quoted(found) + " is no date");
        }
        return never;
    }

    std::string_view name(const json_place& at) {
        const std::string_view found = text(at);
        if (at && found.empty() && good()) fail(at, "is empty");
        return found;
    }

    // A number that cannot be read refuses the request, but there may be graver reasons to: what
    // stands in for the number lets them be found.

    void flaw(errc code) { flaw_ = flaw_ ? std::min(*flaw_, code) : code; }

    template <class T, class Parse, class Extreme>
    T number(const json_place& at, Parse parse, Extreme extreme) {
        const std::string_view found = text(at);
        if (!at.is_text()) return {};
        const auto parsed = parse(found);
        if (parsed) return *parsed;
        const bool too_large = parsed == errc::amount_overflow;
        flaw(too_large ? errc::amount_overflow : errc::invalid_argument);
        using limits = std::numeric_limits<std::int64_t>;
        if (too_large) return extreme(found.starts_with('-') ? limits::min() : limits::max());
        return {};
    }

    credits some_credits(const json_place& at) {
        return number<credits>(at, &credits::parse,
                               [](std::int64_t n) { return credits::from_micros(n); });
    }
    coffer::quantity some_quantity(const json_place& at) {
        using coffer::quantity;
        return number<quantity>(at, &quantity::parse,
                                [](std::int64_t n) { return quantity::from_micros(n); });
    }
    money some_money(const json_place& at) {
        return number<money>(at, &money::parse, [&](std::int64_t n) {
            const std::string_view found = text(at);
            const auto in = currency::parse(found.substr(found.size() - 3));
            return in ? money::from_minor(n, *in) : money{};
        });
    }
    std::int64_t some_count(const json_place& at) {
        return number<std::int64_t>(
            at, [](std::string_view found) { return parse_decimal(found, 0); },
            [](std::int64_t n) { return n; });
    }
    /// A whole number, written as a JSON number or as a text.
    std::int32_t priority(const json_place& at) {
        std::int64_t found = 0;
        if (at.is_text()) {
            found = some_count(at);
        } else if (at.value->is_number_unsigned() &&
                   at.value->get<std::uint64_t>() > std::uint64_t{no_priority}) {
            found = no_priority;
        } else if (at.value->is_number_integer()) {
            found = at.value->get<std::int64_t>();
        } else {
            fail(at, "is no whole number");
        }
        if (std::numeric_limits<std::int32_t>::min() <= found && found < no_priority) {
            return static_cast<std::int32_t>(found);
        }
        flaw(errc::amount_overflow);
        return 0;
    }

    /// A duration: that its number cannot be read is a matter of the request, all else of the file.
    timespan some_length(const json_place& at) {
        const std::string_view found = text(at);
        if (!at.is_text()) return {};
        const std::size_t space = std::min(found.find(' '), found.size());
        if (const auto unit = parse_timespan("1" + std::string{found.substr(space)}); !unit) {
            return duration(at);  // says what is wrong
        }
        return number<timespan>(at, &parse_timespan,
                                [](std::int64_t) { return timespan{std::chrono::minutes{1}}; });
    }

    std::optional<errc> flaw_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// One step after the other: its shape, its instant, repeats, and what is observed after it.
#include "model.hpp"
#include "wallet.hpp"

#include <algorithm>
#include <map>

namespace model {

using nlohmann::json;

namespace {

std::map<std::string, std::vector<std::string>> const& keys_by_verb() {
    static std::map<std::string, std::vector<std::string>> const keys{
        {"start", {"anchor", "paid", "trial_until", "then", "id"}},
        {"grant",
         {"lot", "bucket", "amount", "priority", "effective", "expires", "paid", "source", "id"}},
        {"charge", {"id", "amount", "action", "quantity", "usage", "member", "resource", "tags"}},
        {"hold",
         {"id", "amount", "action", "quantity", "usage", "member", "resource", "tags", "at_most",
          "for", "tolerance"}},
        {"settle", {"hold", "amount", "quantity", "usage", "id"}},
        {"release", {"hold", "id"}},
        {"refund", {"charge", "amount", "id"}},
        {"refund_purchase", {"lot", "money", "id"}},
        {"dispute", {"lot", "state", "money", "id"}},
        {"void", {"lot", "amount", "id"}},
        {"expire_at", {"lot", "expires", "id"}},
        {"change_plan", {"allowance", "when", "how", "id"}},
        {"add_on", {"bucket", "allowance", "price", "when", "how", "id"}},
        {"cancel_change", {"id"}},
        {"confirm_recharge", {"intent", "reason", "id"}},
        {"fail_recharge", {"intent", "reason", "id"}},
        {"pause", {"id"}},
        {"unpause", {"id"}},
        {"past_due", {"id"}},
        {"paid", {"id"}},
        {"end", {"id"}},
        {"configure", {"alerts", "limits", "budget", "recharge", "id"}},
        {"pass", {}},
        {"reprice", {"costs"}},
    };
    return keys;
}

/// Who asks, and why.
struct signature {
    std::string actor;
    std::string reason;
};

/// What a request id is answered with from then on.
struct answer {
    std::string verb;
    json content;
    errc error = errc::none;
    outcome result;
    signature by;
};

bool is_of_step(std::string const& key) {
    return key == "at" || key == "late" || key == "actor" || key == "reason" || key == "error" ||
           key == "expect";
}

outcome perform(wallet& w, reader& r, instant event) {
    std::string const& verb = r.verb();
    if (verb == "start") return w.start(r, event);
    if (verb == "grant") return w.grant(r);
    if (verb == "charge") return w.charge(r, event);
    if (verb == "hold") return w.hold(r, event);
    if (verb == "settle") return w.settle(r, event);
    if (verb == "release") return w.release(r);
    if (verb == "refund") return w.refund(r);
    if (verb == "refund_purchase") return w.refund_purchase(r);
    if (verb == "dispute") return w.dispute(r);
    if (verb == "void") return w.void_lot(r);
    if (verb == "expire_at") return w.expire_at(r);
    if (verb == "change_plan") return w.change_plan(r);
    if (verb == "add_on") return w.add_on(r);
    if (verb == "cancel_change") return w.cancel_change(r);
    if (verb == "confirm_recharge") return w.confirm_recharge(r);
    if (verb == "fail_recharge") return w.fail_recharge(r);
    if (verb == "pause") return w.pause(r);
    if (verb == "unpause") return w.unpause(r);
    if (verb == "past_due") return w.past_due(r);
    if (verb == "paid") return w.paid(r);
    if (verb == "end") return w.end(r);
    if (verb == "configure") return w.configure(r);
    r.wrong.refuse_if_any();
    if (verb != "reprice") return {};
    if (!r.has("costs")) r.bad("costs", "missing");
    return w.reprice(parse_costs(r.body()["costs"], "reprice.costs"));
}

/// What a repeat has to say again: who asks and why is no part of it, but why an order failed is.
json content_of(reader const& r, signature const& by) {
    json content = r.body();
    if (r.verb() != "fail_recharge") return content;
    content.erase("reason");
    if (!by.reason.empty()) content["reason"] = by.reason;
    return content;
}

}  // namespace

struct life::state {
    explicit state(json const& source) : rules(parse_plan(source)), account(rules) {}

    plan rules;
    wallet account;
    std::size_t steps = 0;
    std::optional<instant> latest;
    std::map<std::string, answer> answers;          // by request id
    std::map<std::string, signature> told_by;       // news, first
    std::map<std::string, answer> answers_by_hold;  // of settles and releases without an id
    bool is_operation = false;                      // the step that runs: no sweep, no repeat
    std::optional<wide> lacked;                     // by its refusal

    [[noreturn]] void bad(std::string const& key, std::string const& why) const {
        throw bad_scenario("steps[" + std::to_string(steps) + "]" + key + ": " + why);
    }
    std::string verb_of(json const& step) const;
    instant event_of(json const& step, bool& is_late);
    signature signature_of(json const& step, std::string const& verb) const;
    void check_asked(reader& r, signature const& by) const;
    answer answer_to(reader& r, instant event, signature const& by);
    void observe_balances(json& seen) const;
    json observe(answer const& given);
};

std::string life::state::verb_of(json const& step) const {
    if (!step.is_object()) bad("", "not an object");
    std::string verb;
    for (auto const& item : step.items()) {
        std::string const& key = item.key();
        if (is_of_step(key)) continue;
        if (keys_by_verb().count(key) == 0) bad("." + key, "unknown key or verb");
        if (!verb.empty()) bad("." + key, "a second verb");
        verb = key;
    }
    if (verb.empty()) bad("", "no verb");
    return verb;
}

instant life::state::event_of(json const& step, bool& is_late) {
    if (!step.contains("at") || !step["at"].is_string()) bad(".at", "missing");
    auto at = parse_instant(step["at"].get_ref<std::string const&>());
    if (!at) bad(".at", "not an instant");
    is_late = false;
    if (step.contains("late")) {
        if (!step["late"].is_boolean()) bad(".late", "neither true nor false");
        is_late = step["late"];
    }
    if (!is_late && latest && *at < *latest) bad(".at", "goes backwards");
    return *at;
}

signature life::state::signature_of(json const& step, std::string const& verb) const {
    bool asks = verb != "pass" && verb != "reprice";
    auto text = [&](char const* key) {
        if (!step.contains(key)) return std::string{};
        if (!step[key].is_string()) bad("." + std::string(key), "not a text");
        if (!asks) bad("." + std::string(key), "nobody asks for it");
        return step[key].get<std::string>();
    };
    signature by{text("actor"), text("reason")};
    bool has_own = verb == "fail_recharge" && by.reason.empty();
    json const& content = step[verb];
    if (has_own && content.contains("reason") && content["reason"].is_string()) {
        by.reason = content["reason"].get<std::string>();
    }
    return by;
}

/// Whether who asks may, and is named in so many bytes.
void life::state::check_asked(reader& r, signature const& by) const {
    constexpr std::size_t most_of_actor = 95;
    constexpr std::size_t most_of_reason = 255;
    bool spends = r.verb() == "charge" || r.verb() == "hold";
    std::string member = spends ? r.text("member").value_or("") : std::string{};
    if (!rules.access.allows(r.verb(), by.actor, member)) r.wrong.add(errc::access_denied);
    bool is_long = by.actor.size() > most_of_actor || by.reason.size() > most_of_reason;
    if (is_long) r.wrong.add(errc::invalid_argument);
}

answer life::state::answer_to(reader& r, instant event, signature const& by) {
    auto id = r.text("id");
    bool by_hold = !id && (r.verb() == "settle" || r.verb() == "release");
    std::map<std::string, answer>& known = by_hold ? answers_by_hold : answers;
    std::string key = id.value_or("");
    if (by_hold) {  // of a hold that was opened anew, the one that is meant now
        std::string hold = r.need_text("hold");
        key = r.verb() + " " + std::to_string(account.times_opened(hold)) + " " + hold + " " +
              r.body().dump();
    }

    answer given{r.verb(), content_of(r, by), errc::none, {}, by};
    auto earlier = id || by_hold ? known.find(key) : known.end();
    if (earlier != known.end()) {
        if (earlier->second.verb != given.verb || earlier->second.content != given.content) {
            given.error = errc::request_mismatch;
            return given;
        }
        bool opens_anew = given.verb == "hold" && earlier->second.error == errc::none &&
                          account.has_bought_nothing(*id);
        if (!opens_anew) {
            is_operation = false;
            return earlier->second;
        }
    }
    check_asked(r, by);
    try {
        given.result = perform(account, r, event);
        std::string const& news = given.result.news;
        if (!news.empty()) given.by = told_by.emplace(news, by).first->second;
    } catch (refusal const& refused) {
        given.error = refused.error;
        lacked = refused.lacked;
    }
    bool for_good =
        given.error == errc::insufficient_credits || given.error == errc::limit_exceeded;
    bool remembered = given.error == errc::none || (rules.sticky && for_good);
    if (remembered && (id || by_hold)) known[key] = given;
    return given;
}

void life::state::observe_balances(json& seen) const {
    seen["available"] = amount_text(account.available());
    seen["held"] = amount_text(account.held());
    seen["debt"] = amount_text(account.debt());
    seen["used"] = amount_text(account.used());

    std::vector<wide> by_bucket(rules.buckets.size());
    json& lots = seen["lots"] = json::object();
    for (lot_record const& lot : account.lots()) {
        wide available = account.available_of(lot);
        by_bucket[lot.bucket] += available;
        lots[lot.name] = amount_text(available);
    }
    json& buckets = seen["buckets"] = json::object();
    for (std::size_t i = 0; i < by_bucket.size(); ++i) {
        buckets[rules.buckets[i].name] = amount_text(by_bucket[i]);
    }

    running const* period = account.account_period();
    seen["period"] = nullptr;
    if (period) {
        seen["period"] = json::array({instant_text(period->begin), instant_text(period->end)});
    }
}

json life::state::observe(answer const& given) {
    json seen = json::object();
    bool refused = given.error != errc::none;
    seen["error"] = refused ? json(name_of(given.error)) : json();
    observe_balances(seen);

    std::map<std::size_t, wide> took;
    for (part const& p : given.result.took) took[p.lot] += p.amount;
    json& took_seen = seen["took"] = json::object();
    for (auto const& [lot, amount] : took) {
        took_seen[account.lots()[lot].name] = amount_text(amount);
    }
    auto const& [cost, parts, owed, news] = given.result;
    seen["cost"] = cost ? json(amount_text(*cost)) : json();
    seen["money"] = owed ? json(money_text(*owed)) : json();

    seen["actor"] = refused ? std::string{} : given.by.actor;
    seen["reason"] = refused ? std::string{} : given.by.reason;

    std::vector<std::string> alerts = account.take_alerts();
    seen["alerts"] = alerts;
    std::vector<std::string> intents;
    for (wide amount : account.take_intents()) intents.push_back(amount_text(amount));
    bool may_buy = rules.recharge || rules.choices.recharge || rules.choices.defaults.recharge;
    if (may_buy) seen["intents"] = intents;
    return seen;
}

life::life(json const& source) : state_(std::make_unique<state>(source)) {}
life::~life() = default;
life::life(life&&) noexcept = default;
life& life::operator=(life&&) noexcept = default;

json life::step(json const& step) {
    state& s = *state_;
    std::string verb = s.verb_of(step);
    bool is_late = false;
    instant event = s.event_of(step, is_late);
    reader r(step[verb], s.steps, verb);
    r.check_keys(keys_by_verb().at(verb));

    s.latest = std::max(event, s.latest.value_or(event));
    s.account.advance(*s.latest);
    if (is_late && add(event, s.rules.late, *s.rules.in) < *s.latest) {
        r.wrong.add(errc::too_late);
    }
    if (verb == "reprice" && is_late) s.bad(".late", "prices change when that is told");
    signature by = s.signature_of(step, verb);
    s.is_operation = verb != "pass" && verb != "reprice";
    s.lacked.reset();
    answer given = s.answer_to(r, event, by);
    s.account.finish();
    if (s.is_operation) s.account.finish_operation(s.lacked);
    s.account.check();
    ++s.steps;
    return s.observe(given);
}

json life::as_of(std::string when) const {
    auto at = parse_instant(when);
    if (!at) throw bad_scenario("as_of: not an instant");
    return amount_text(state_->account.available_at(*at));
}

}  // namespace model

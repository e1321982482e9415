// A server's endpoint that sells answers of a language model: the handler as a program would have
// it, and what it does when requests come again, come twice at once, or are cut off; when credits
// are short, the storage is away, or the model fails. It plays each of these and checks itself.

#include <coffer/coffer.hpp>
#include <coffer/format.hpp>

#include <fmt/core.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

// ---- What a server has --------------------------------------------------------------------------

struct http_request {
    std::string_view key;  // the client's Idempotency-Key, the same when it tries again
    std::string_view prompt;
};

struct http_response {
    int status = 200;
    std::string body{};
    std::chrono::seconds retry_after{};  // zero: to try again would change nothing
};

struct answer {
    std::string text;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
};

using language_model = std::function<answer(std::string_view prompt)>;

/// What was answered, by customer and key. In a server, a table of its database.
class answer_table {
public:
    std::optional<answer> find(const coffer::wallet& customer, std::string_view key) const {
        const auto found = answers_.find(key_of(customer, key));
        if (found == answers_.end()) return std::nullopt;
        return found->second;
    }
    void keep(const coffer::wallet& customer, std::string_view key, const answer& made) {
        answers_.insert_or_assign(key_of(customer, key), made);
    }

private:
    static std::string key_of(const coffer::wallet& customer, std::string_view key) {
        return fmt::format("{} {}", customer.id(), key);
    }
    std::map<std::string, answer> answers_;
};

http_response refusal(const coffer::error& why) {
    const std::string text = fmt::format("{}", why);
    using coffer::errc;
    if (why == errc::hold_open || why == errc::hold_closed) return {409, text, 1s};  // a twin
    if (is_transient(why) || why == errc::hold_expired) return {503, text, 1s};
    if (why == errc::insufficient_credits) return {402, text};
    return {422, text};
}

http_response success(const answer& given, const coffer::receipt& paid) {
    return {200, fmt::format("{} ({} credits)", given.text, paid.cost)};
}

// ---- The handler --------------------------------------------------------------------------------

// [endpoint]
class endpoint {
public:
    endpoint(answer_table& answers, language_model model)
        : answers_{answers}, model_{std::move(model)} {}

    http_response post(const coffer::wallet& customer, const http_request& r) {
        auto hold = customer.hold(
            {.action = "chat", .at_most = 5_cr, .expires_in = 2min, .request = r.key});
        auto made = answers_.find(customer, r.key);  // by an earlier try
        if (!hold) {
            const coffer::error why = hold.error();
            if (!made) return refusal(why);           // 402; 409 while another call is at it
            if (why == coffer::errc::hold_settled) {  // answered before: the same again
                return success(*made, customer.receipt_of(why.entry()).or_throw());
            }
            if (why == coffer::errc::hold_open) hold = customer.resume(r.key);  // not paid yet
            if (!hold) return refusal(hold.error());
        }
        if (!made) {
            made = model_(r.prompt);                // if this throws, the hold releases itself
            answers_.keep(customer, r.key, *made);  // before it is paid: a retry finds it
        }
        auto paid = hold->settle(
            {.input_tokens = made->input_tokens, .output_tokens = made->output_tokens});
        if (paid == coffer::errc::settle_exceeds) {  // it took more than we promised: our loss
            paid = hold->settle({.amount = paid.error().acceptable()});
        }
        if (paid) return success(*made, *paid);
        hold->detach();  // stays held: the retry only pays
        return refusal(paid.error());
    }

    /// Before the first request: whoever opened these holds ended with the last run of the program.
    static void clean_up(const coffer::wallet& customer) {
        for (const coffer::hold& left : customer.holds().or_throw()) {
            if (auto orphan = customer.resume(left.id)) orphan->adopt();  // and releases it here
        }
    }

private:
    answer_table& answers_;
    language_model model_;
};
// [/endpoint]

/// What the server makes of a handler that throws.
http_response serve(endpoint& handler, const coffer::wallet& customer, const http_request& r) {
    try {
        return handler.post(customer, r);
    } catch (const std::exception& failed) {
        return {502, failed.what(), 1s};
    }
}

// ---- A world in which things go wrong -----------------------------------------------------------

/// A storage that is sometimes away.
class moody_store : public coffer::memory_store {
public:
    bool is_away = false;

    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        return is_away ? coffer::commit_outcome::unavailable : memory_store::commit(batch);
    }
};

int failures = 0;

void check(bool holds, std::string_view what) {
    if (holds) return;
    fmt::print("NOT SO: {}\n", what);
    ++failures;
}

class world {
public:
    explicit world(std::string_view title) {
        acme.grant({.bucket = "package", .amount = 10_cr, .request = "order-1"}).or_throw();
        fmt::print("\n{}\n", title);
    }
    ~world() {
        const auto now = acme.balance().or_throw();
        check(now.held.is_zero(), "nothing stays held");
        check(now.available == (10_cr - spent).or_throw(), "each answer is paid for once");
    }
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    http_response post(std::string_view key) {
        return told(serve(handler, acme, {.key = key, .prompt = "why?"}));
    }
    static http_response told(const http_response& response) {
        fmt::print("  {} {}", response.status, response.body);
        if (response.retry_after > 0s)
            fmt::print(", again after {} s", response.retry_after.count());
        fmt::print("\n");
        return response;
    }

    moody_store store;
    coffer::manual_clock clock{coffer::parse_instant("2026-03-01T12:00:00Z").or_throw()};
    coffer::cost_table prices{
        {"chat", coffer::cost::tokens{.rates = {.input = 0.001_cr_each, .output = 0.01_cr_each}}}};
    coffer::wallets<coffer::plans::prepaid<>, moody_store, coffer::manual_clock> wallets{
        {.cost = prices}, store, clock};
    coffer::wallet acme = wallets["acme"];
    answer_table answers;

    int asked = 0;                        // how often the model worked
    coffer::credits spent = 3_cr;         // in all, by the end
    std::function<void()> while_working;  // once
    endpoint handler{answers, [this](std::string_view) {
                         ++asked;
                         if (while_working) std::exchange(while_working, nullptr)();
                         return answer{"because", 1'000, 200};
                     }};
};

// ---- What happens -------------------------------------------------------------------------------

void a_request_comes_again() {
    world w{"The answer was lost on its way, and the client asks again:"};
    const auto first = w.post("k1");
    check(first.status == 200 && first.body == "because (3 credits)", "an answer");
    w.clock.advance(24h);
    check(w.post("k1").body == first.body, "the same answer again");
    check(w.asked == 1, "the model worked once");
}

void a_double_click() {
    world w{"The button was clicked twice:"};
    w.while_working = [&] {
        const auto twin = w.post("k1");
        check(twin.status == 409 && twin.retry_after == 1s, "the second click waits");
    };
    const auto first = w.post("k1");
    check(first.status == 200, "the first click is answered");
    check(w.post("k1").body == first.body, "so is the second, when it comes again");
    check(w.asked == 1, "the model worked once");
}

void credits_are_short() {
    world w{"Credits are short, and then they are not:"};
    w.spent = 7_cr;  // 9 and 3, less the 5 that come
    w.acme.charge({.amount = 9_cr, .request = "much"}).or_throw();
    check(w.post("k1").status == 402, "nothing is done for nothing");
    check(w.asked == 0, "the model was not asked");
    w.acme.grant({.bucket = "package", .amount = 5_cr, .request = "order-2"}).or_throw();
    check(w.post("k1").status == 200, "the same request goes ahead");
}

void the_model_throws() {
    world w{"The model fails:"};
    w.while_working = [] { throw std::runtime_error{"overloaded"}; };
    check(w.post("k1").status == 502, "no answer");
    check(w.acme.balance().or_throw().available == 10_cr, "no answer costs nothing");
    check(w.post("k1").status == 200, "the same request is worked on anew");
    check(w.asked == 2, "the model worked twice");
}

void the_storage_is_away() {
    world w{"The storage is away, before the work and after it:"};
    w.store.is_away = true;
    const auto before = w.post("k1");
    check(before.status == 503 && before.retry_after == 1s, "come again");
    check(w.asked == 0, "nothing was begun");
    w.store.is_away = false;
    w.while_working = [&] { w.store.is_away = true; };
    check(w.post("k1").status == 503, "done, not paid");
    w.store.is_away = false;
    check(w.acme.balance().or_throw().held == 5_cr, "its price stays held");
    check(w.post("k1").status == 200, "the retry only pays");
    check(w.asked == 1, "the model worked once");
}

void the_program_ends() {
    world w{"The program ended while it worked, and was started again:"};
    (void)
        w.acme  // what is left of the call
            .hold({.action = "chat", .at_most = 5_cr, .expires_in = 2min, .request = "k1"})
            .or_throw()
            .detach();
    check(w.post("k1").status == 409, "as far as anybody knows, somebody is at it");
    endpoint::clean_up(w.acme);
    check(w.post("k1").status == 200, "the request is worked on anew");
    check(w.asked == 1, "the model worked for this answer once");
}

void the_work_takes_too_long() {
    world w{"The work outlasts its hold:"};
    w.while_working = [&] { w.clock.advance(3min); };
    check(w.post("k1").status == 503, "the hold is over");
    check(w.post("k1").status == 200, "the retry holds anew and pays for what was done");
    check(w.asked == 1, "the model worked once");
}

void the_work_takes_too_much() {
    world w{"The work takes more than was held:"};
    w.spent = 5_cr;
    endpoint wordy{w.answers, [](std::string_view) { return answer{"well…", 1'000, 9'000}; }};
    check(world::told(serve(wordy, w.acme, {.key = "k1", .prompt = "why?"})).status == 200,
          "what was held is the most that a customer pays");
}

}  // namespace

int main() {
    a_request_comes_again();
    a_double_click();
    credits_are_short();
    the_model_throws();
    the_storage_is_away();
    the_program_ends();
    the_work_takes_too_long();
    the_work_takes_too_much();
    fmt::print("\n{}\n", failures == 0 ? "all as it should be" : "something is wrong");
    return failures == 0 ? 0 : 1;
}

// Each field of each request, at its borders and beyond: a typed refusal that changes nothing, or
// what the request says.
#include "wallet/subscription/fixture.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace coffer_test;
using coffer::errc;
using coffer::instant;

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
const std::string kibibyte(1'024, 'x');

coffer::plan_book shop() {
    coffer::plan_book book;
    for (const auto& [id, allowance] : {std::pair{"pro", 100_cr}, std::pair{"team", 300_cr}}) {
        coffer::cost_table cost;
        cost.set("chat", coffer::cost::flat{1_cr});
        cost.set("read", coffer::cost::tokens{.rates = {.input = 1_cr_each, .output = 1_cr_each}});
        coffer::any_plan plan{
            {.cost = cost,
             .buckets = {refilled("budget", allowance, eur(1'000)), bought("pack")},
             .overdraft = coffer::overdraft::deny{},
             .access = coffer::access::anyone{}}};
        plan.limits = {{.member = "ann", .per = coffer::window::day, .amount = 50_cr}};
        plan.catalogue = {{.offer = "small", .credits = 10_cr, .price = eur(100), .into = "pack"}};
        plan.choices = {.alerts = 2, .limits = 2, .budget = true};
        plan.choices.recharge = {.allowed = true, .offers = {"small"}};
        book.add(id, plan).or_throw();
    }
    return book;
}

/// A wallet that has one of everything that a request can speak of.
template <class Store>
struct world : lab<Store, coffer::plan_book> {
    world() : lab<Store, coffer::plan_book>{shop()} {
        this->w.start({.plan = "pro"}).or_throw();
        bought = this->grant(20_cr, {.bucket = "pack", .paid = eur(500)});
        this->w.charge({.action = "chat", .request = "charged"}).or_throw();
        held = this->w.hold({.amount = 5_cr, .request = "held"}).or_throw().detach();
        order = this->w.buy({.offer = "small"}).or_throw().id;
    }
    coffer::lot_id bought{};
    coffer::hold_id held{};
    coffer::order_id order{};
};

/// Refusals of what a request says, and not of what else can go wrong.
bool is_about_input(errc code) {
    return code >= errc::unknown_plan && code != errc::policy_contract;
}

/// Sends requests that are sound but for one field.
template <class Store, class Request>
class probe {
public:
    using lab_type = world<Store>;
    using call = std::function<errc(lab_type&, const Request&)>;
    using maker = std::function<Request(lab_type&)>;

    probe(std::string_view verb, bool writes, maker make, call send)
        : verb_{verb}, writes_{writes}, make_{std::move(make)}, send_{std::move(send)} {
        CAPTURE(verb_);
        lab_type fresh;
        CHECK(to_string(send_(fresh, make_(fresh))) == "unknown_error");  // none: it is sound
    }

    /// `bad` has to be refused, `border` may be.
    template <class Member, class Value>
    probe& field(std::string_view name, Member Request::*member, const std::vector<Value>& bad,
                 const std::vector<Value>& border = {}) {
        for (std::size_t i = 0; i < bad.size() + border.size(); ++i) {
            const bool is_bad = i < bad.size();
            const Value& value = is_bad ? bad[i] : border[i - bad.size()];
            CAPTURE(verb_, name, i, is_bad);
            Request asked = make_(here_.at());
            asked.*member = value;
            send(asked, is_bad);
        }
        return *this;
    }
    probe& text(std::string_view name, std::string_view Request::*member,
                const std::vector<std::string_view>& bad = {kibibyte}) {
        return field(name, member, bad,
                     {"", "a//b", "/", "a/", std::string_view{"\0", 1}, "\xff", "\n"});
    }
    template <class Member>
    probe& amount(std::string_view name, Member Request::*member, bool zero_is_bad = false) {
        std::vector<coffer::credits> bad{micros(-1), micros(lowest)};
        if (zero_is_bad) bad.push_back(0_cr);
        return field(name, member, bad, {0_cr, micros(1), micros(highest)});
    }
    template <class Member>
    probe& price(std::string_view name, Member Request::*member) {
        return field(name, member, std::vector{eur(-1), eur(lowest), usd(-1)},
                     {eur(0), eur(1), eur(highest), usd(5), coffer::money{}});
    }
    template <class Member>
    probe& count(std::string_view name, Member Request::*member) {
        return field(name, member, std::vector<std::int64_t>{-1, lowest}, {0, 1, highest});
    }
    /// What each request says: who and why, when, and by which id.
    probe& common() {
        text("actor", &Request::actor).text("reason", &Request::reason);
        field("at", &Request::at,
              std::vector{instant::min(), instant::max(), instant{}, at("2030-01-01T00:00:00Z"),
                          coffer::never});
        return field("request", &Request::request, std::vector<std::string_view>{kibibyte},
                     {"", "held", "charged", "a//b", "\n"});
    }

private:
    /// A world that is made anew once a request has changed it.
    class place {
    public:
        lab_type& at() {
            if (!now_) now_ = std::make_unique<lab_type>();
            return *now_;
        }
        void leave() { now_.reset(); }

    private:
        std::unique_ptr<lab_type> now_;
    };

    void send(const Request& asked, bool is_bad) {
        lab_type& l = here_.at();
        const coffer::account before = l.stored();
        const std::size_t entries = l.entry_count();
        const errc answer = send_(l, asked);
        const bool refused = answer != errc{};
        CAPTURE(to_string(answer));
        if (is_bad) CHECK(refused);
        if (refused) CHECK((is_about_input(answer) || answer == errc::request_mismatch));
        if (refused || !writes_) {
            CHECK(l.entry_count() == entries);
            CHECK(l.stored() == before);
            return;
        }
        CHECK(coffer::replay(l.entries().entries) == l.stored());
        here_.leave();  // which audits it
    }

    std::string verb_;
    bool writes_;
    maker make_;
    call send_;
    place here_;
};

template <class Answer>
errc code_of(const Answer& answer) {
    return answer ? errc{} : answer.error().code();
}

/// What charges, holds and lines of an estimate have in common.
template <class Probe, class Request>
void try_usage(Probe& p) {
    p.text("action", &Request::action, {kibibyte, "nothing"})
        .amount("amount", &Request::amount)
        .text("member", &Request::member)
        .text("resource", &Request::resource)
        .text("tags", &Request::tags)
        .field(
            "quantity", &Request::quantity,
            std::vector{coffer::quantity::from_micros(-1), coffer::quantity::from_micros(lowest)},
            {coffer::quantity{}, coffer::quantity::from_micros(highest)});
    for (const auto& f : coffer::detail::token_fields<Request>) p.count(f.name, f.count);
}

using subscription_verb =
    coffer::result<coffer::receipt> (coffer::wallet::*)(const coffer::subscription_request&) const;

}  // namespace

TEMPLATE_TEST_CASE("rule 40: no field of a spend harms a wallet, whatever it says", "", lends_heads,
                   gives_whole_pages) {
    using W = world<TestType>;
    using C = coffer::charge_request;
    using H = coffer::hold_request;
    using S = coffer::settle_request;
    const auto read = [](auto r) {
        r.action = "read";
        r.input_tokens = 1;
        return r;
    };
    probe<TestType, C> charge{"charge", true, [&](W&) { return read(C{}); },
                              [](W& x, const C& r) { return code_of(x.w.charge(r)); }};
    try_usage<decltype(charge), C>(charge);
    charge.common();
    probe<TestType, C> quote{"quote", false, [&](W&) { return read(C{}); },
                             [](W& x, const C& r) { return code_of(x.w.quote(r)); }};
    try_usage<decltype(quote), C>(quote);
    probe<TestType, H> hold{"hold", true, [&](W&) { return read(H{}); },
                            [](W& x, const H& r) { return code_of(x.w.hold(r)); }};
    try_usage<decltype(hold), H>(hold);
    hold.amount("at_most", &H::at_most).amount("tolerance", &H::tolerance).common();
    hold.field("expires_in", &H::expires_in,
               std::vector{0us, -1us, std::chrono::microseconds{lowest}},
               {1us, std::chrono::microseconds{highest}});
    probe<TestType, S> settle{"settle", true, [](W&) { return S{}; },
                              [](W& x, const S& r) { return code_of(x.w.settle(x.held, r)); }};
    settle.amount("amount", &S::amount).common();
    settle.field("quantity", &S::quantity, std::vector{coffer::quantity::from_micros(-1)},
                 {coffer::quantity{}, coffer::quantity::from_micros(highest)});
    for (const auto& f : coffer::detail::token_fields<S>) settle.count(f.name, f.count);
    using R = coffer::release_request;
    probe<TestType, R>{"release", true, [](W&) { return R{}; },
                       [](W& x, const R& r) { return code_of(x.w.release(x.held, r)); }}
        .common();
    using B = coffer::refund_request;
    probe<TestType, B>{"refund", true, [](W&) { return B{.charge = "charged"}; },
                       [](W& x, const B& r) { return code_of(x.w.refund(r)); }}
        .amount("amount", &B::amount)
        .field("charge", &B::charge, std::vector<std::string_view>{kibibyte, "", "nobody's"})
        .field("entry", &B::entry, std::vector{coffer::entry_id{0xffffffffU}, coffer::entry_id{1}})
        .common();
}

TEMPLATE_TEST_CASE("rule 40: no field about lots and orders harms a wallet, whatever it says", "",
                   lends_heads, gives_whole_pages) {
    using W = world<TestType>;
    const std::vector<coffer::lot_id> no_lots{coffer::lot_id{}, coffer::lot_id{1},
                                              coffer::lot_id{0xffffffffU}};
    const std::vector<coffer::order_id> no_orders{coffer::order_id{}, coffer::order_id{1},
                                                  coffer::order_id{0xffffffffU}};
    using G = coffer::grant_request;
    probe<TestType, G>{"grant", true, [](W&) { return G{.bucket = "pack", .amount = 1_cr}; },
                       [](W& x, const G& r) { return code_of(x.w.grant(r)); }}
        .text("bucket", &G::bucket, {kibibyte, "", "nothing", "a//b", "/"})
        .amount("amount", &G::amount, true)
        .price("paid", &G::paid)
        .text("name", &G::name)
        .field("priority", &G::priority, std::vector<std::int32_t>{},
               {-1, 0, std::numeric_limits<std::int32_t>::min(),
                std::numeric_limits<std::int32_t>::max()})
        .field("source", &G::source, std::vector{static_cast<coffer::lot_source>(99)},
               {coffer::lot_source::plan, coffer::lot_source::refund})
        .field("effective", &G::effective, std::vector{instant::max()},
               {instant::min(), instant{}, coffer::never})
        .field("expires", &G::expires, std::vector{instant::min(), instant{}},
               {instant::max(), coffer::never})
        .common();
    using P = coffer::purchase_refund_request;
    probe<TestType, P>{"refund_purchase", true, [](W& x) { return P{.lot = x.bought}; },
                       [](W& x, const P& r) { return code_of(x.w.refund_purchase(r)); }}
        .field("lot", &P::lot, no_lots)
        .price("money", &P::money)
        .common();
    using D = coffer::dispute_request;
    probe<TestType, D>{"dispute", true, [](W& x) { return D{.lot = x.bought}; },
                       [](W& x, const D& r) { return code_of(x.w.dispute(r)); }}
        .field("lot", &D::lot, no_lots)
        .price("money", &D::money)
        .field("state", &D::state,
               std::vector{coffer::dispute_state::none, static_cast<coffer::dispute_state>(99)},
               {coffer::dispute_state::won, coffer::dispute_state::lost})
        .common();
    using V = coffer::void_request;
    probe<TestType, V>{"void_lot", true, [](W& x) { return V{.lot = x.bought}; },
                       [](W& x, const V& r) { return code_of(x.w.void_lot(r)); }}
        .field("lot", &V::lot, no_lots)
        .amount("amount", &V::amount)
        .common();
    using E = coffer::expiry_request;
    probe<TestType, E>{"expire_at", true, [](W& x) { return E{.lot = x.bought}; },
                       [](W& x, const E& r) { return code_of(x.w.expire_at(r)); }}
        .field("lot", &E::lot, no_lots)
        .field("expires", &E::expires, std::vector{instant::min(), instant{}}, {instant::max()})
        .common();
    using B = coffer::buy_request;
    probe<TestType, B>{"buy", true, [](W&) { return B{.offer = "small"}; },
                       [](W& x, const B& r) { return code_of(x.w.buy(r)); }}
        .text("offer", &B::offer, {kibibyte, "", "nothing"})
        .text("channel", &B::channel, {})
        .text("bucket", &B::bucket, {kibibyte, "pack", "nothing"})
        .field("amount", &B::amount, std::vector{micros(-1), micros(1), micros(highest)})
        .price("price", &B::price)
        .field("expires_in", &B::expires_in,
               std::vector{0us, -1us, std::chrono::microseconds{lowest},
                           std::chrono::microseconds{highest}},
               {1us})
        .common();
    using F = coffer::confirm_request;
    probe<TestType, F>{"confirm", true, [](W& x) { return F{.order = x.order}; },
                       [](W& x, const F& r) { return code_of(x.w.confirm(r)); }}
        .field("order", &F::order, no_orders)
        .price("paid", &F::paid)
        .field("paid", &F::paid, std::vector{eur(1), usd(100), eur(highest)})
        .text("reference", &F::reference)
        .common();
    using N = coffer::fail_request;
    probe<TestType, N>{"fail", true, [](W& x) { return N{.order = x.order}; },
                       [](W& x, const N& r) { return code_of(x.w.fail(r)); }}
        .field("order", &N::order, no_orders)
        .common();
}

TEMPLATE_TEST_CASE("rule 40: no field about a subscription harms a wallet, whatever it says", "",
                   lends_heads, gives_whole_pages) {
    using W = world<TestType>;
    using S = coffer::start_request;
    probe<TestType, S>{"start", true, [](W&) { return S{.plan = "team"}; },
                       [](W& x, const S& r) { return code_of(x.w.start(r)); }}
        .text("plan", &S::plan, {kibibyte, "nothing", "a//b", "/"})
        .price("paid", &S::paid)
        .field(
            "anchor", &S::anchor,
            std::vector{instant::min(), instant::max(), coffer::never, at("2026-01-01T00:00:01Z")},
            {instant{}})
        .field("trial_until", &S::trial_until,
               std::vector{at("2027-01-01T00:00:00Z"), instant::max(), instant::min()})
        .field("then", &S::then,
               std::vector<coffer::after_trial>{"pro", std::string_view{kibibyte}})
        .common();
    using C = coffer::change_request;
    for (const bool writes : {true, false}) {
        probe<TestType, C> change{
            writes ? "change" : "preview", writes, [](W&) { return C{.plan = "team"}; },
            [=](W& x, const C& r) {
                return writes ? code_of(x.w.change(r)) : code_of(x.w.preview(r));
            }};
        change.text("plan", &C::plan, {kibibyte, "", "nothing", "a//b", "/"})
            .field("when", &C::when, std::vector{static_cast<coffer::at>(99)},
                   {coffer::at::period_end})
            .field("how", &C::how, std::vector{static_cast<coffer::upgrade>(99)},
                   {coffer::upgrade::full, coffer::upgrade::prorate})
            .price("paid", &C::paid);
        if (writes) change.common();
    }
    using A = coffer::add_on_request;
    for (const bool writes : {true, false}) {
        probe<TestType, A> add_on{
            writes ? "add_on" : "preview", writes,
            [](W&) { return A{.bucket = "pack", .allowance = 5_cr, .price = eur(1)}; },
            [=](W& x, const A& r) {
                return writes ? code_of(x.w.add_on(r)) : code_of(x.w.preview(r));
            }};
        add_on.text("bucket", &A::bucket, {kibibyte, "", "nothing", "a//b", "/"})
            .amount("allowance", &A::allowance)
            .price("price", &A::price)
            .field("when", &A::when, std::vector{static_cast<coffer::at>(99)},
                   {coffer::at::period_end})
            .field("how", &A::how, std::vector{static_cast<coffer::upgrade>(99)},
                   {coffer::upgrade::later});
        if (writes) add_on.common();
    }
    using Q = coffer::subscription_request;
    const std::vector<std::pair<std::string_view, subscription_verb>> verbs{
        {"keep", &coffer::wallet::keep},       {"pause", &coffer::wallet::pause},
        {"unpause", &coffer::wallet::unpause}, {"past_due", &coffer::wallet::past_due},
        {"paid", &coffer::wallet::paid},       {"end", &coffer::wallet::end}};
    for (const auto& named : verbs) {
        const subscription_verb verb = named.second;
        probe<TestType, Q>{named.first, true, [](W&) { return Q{}; },
                           [=](W& x, const Q& r) { return code_of((x.w.*verb)(r)); }}
            .common();
    }
}

TEMPLATE_TEST_CASE("rule 42: no choice of a customer harms a wallet, whatever it says", "",
                   lends_heads, gives_whole_pages) {
    using W = world<TestType>;
    using C = coffer::configure_request;
    using alert_list = coffer::chosen_list<coffer::alert>;
    using limit_list = coffer::chosen_list<coffer::limit>;
    using some_budget = coffer::chosen<coffer::budget>;
    using some_recharge = coffer::chosen<coffer::recharge_setting>;
    const coffer::alert low{.name = "low", .at = 5_cr};
    const coffer::limit day{.member = "a", .per = coffer::window::day, .amount = 1_cr};
    const auto limited = [&](auto change) {
        coffer::limit l = day;
        change(l);
        return limit_list{l};
    };
    using L = coffer::limit;
    probe<TestType, C>{"configure", true, [&](W&) { return C{.alerts = {low}}; },
                       [](W& x, const C& r) { return code_of(x.w.configure(r)); }}
        .field("alerts", &C::alerts,
               std::vector<alert_list>{
                   alert_list{{.name = "", .at = 5_cr}}, alert_list{{.name = kibibyte, .at = 5_cr}},
                   alert_list{{.name = "a\nb", .at = 5_cr}}, alert_list{low, low},
                   alert_list{{.name = "a", .at = 5_cr, .of = {"nothing"}}},
                   alert_list{{.name = "a", .at = 5_cr, .of = {kibibyte}}},
                   alert_list{low, {.name = "b", .at = 1_cr}, {.name = "c", .at = 1_cr}},
                   alert_list{}},
               {alert_list{coffer::without}, alert_list{coffer::as_planned},
                alert_list{{.name = "a", .at = micros(highest)}},
                alert_list{{.name = "a", .at = micros(-1)}}})
        .field(
            "limits", &C::limits,
            std::vector<limit_list>{
                limited([](L& l) { l.member = "a//b"; }), limited([](L& l) { l.member = "/"; }),
                limited([](L& l) { l.member = kibibyte; }),
                limited([](L& l) { l.action = kibibyte; }),
                limited([](L& l) { l.resource = "a//b"; }), limited([](L& l) { l.tag = kibibyte; }),
                limited([](L& l) { l.amount = micros(-1); }),
                limited([](L& l) { l.amount = micros(lowest); }),
                limited([](L& l) { l.per = static_cast<coffer::window>(99); }),
                limit_list{day, day, day}},
            {limited([](L& l) { l.amount = 0_cr; }),
             limited([](L& l) { l.amount = micros(highest); }), limit_list{coffer::without}})
        .field("budget", &C::budget,
               std::vector<some_budget>{
                   coffer::budget{.amount = micros(-1)}, coffer::budget{.amount = micros(lowest)},
                   coffer::budget{.amount = 1_cr, .per = static_cast<coffer::window>(99)}},
               {coffer::budget{}, coffer::budget{.amount = micros(highest)}, coffer::without})
        .field(
            "recharge", &C::recharge,
            std::vector<some_recharge>{coffer::recharge_setting{.offer = kibibyte},
                                       coffer::recharge_setting{.offer = "nothing"},
                                       coffer::recharge_setting{.threshold = micros(-1)},
                                       coffer::recharge_setting{.monthly_limit = eur(-1)},
                                       coffer::recharge_setting{.monthly_limit = coffer::money{}}},
            {coffer::recharge_setting{.offer = "small", .threshold = 0_cr},
             coffer::recharge_setting{.monthly_limit = usd(5)}, coffer::without})
        .common();
}

TEMPLATE_TEST_CASE("rule 40: no question harms a wallet, whatever it asks", "", lends_heads,
                   gives_whole_pages) {
    using W = world<TestType>;
    using L = coffer::estimate_line;
    probe<TestType, L> estimate{"estimate", false, [](W&) { return L{.action = "read"}; },
                                [](W& x, const L& r) {
                                    return code_of(x.w.estimate({r, r}));
                                }};
    try_usage<decltype(estimate), L>(estimate);
    estimate.count("count", &L::count).count("count_up_to", &L::count_up_to);
    estimate.field("quantity_up_to", &L::quantity_up_to,
                   std::vector{coffer::quantity::from_micros(-1)},
                   {coffer::quantity::from_micros(highest)});
    estimate.text("actor", &L::actor);
    using C = coffer::charge_request;
    using H = coffer::hold_request;
    const std::vector<std::pair<std::string_view, std::function<errc(W&, const C&)>>> of_charges{
        {"explain",
         [](W& x, const C& r) {
             const auto why = x.w.explain(r);
             return !why ? why.error().code() : why->refused ? why->refused->code() : errc{};
         }},
        {"cover", [](W& x, const C& r) { return code_of(x.w.cover(r)); }}};
    for (const auto& [name, ask] : of_charges) {
        probe<TestType, C> about{name, false, [](W&) { return C{.action = "read"}; }, ask};
        try_usage<decltype(about), C>(about);
    }
    probe<TestType, H> cover{"cover_hold", false, [](W&) { return H{.action = "read"}; },
                             [](W& x, const H& r) { return code_of(x.w.cover_hold(r)); }};
    try_usage<decltype(cover), H>(cover);
    using Q = coffer::history_query;
    probe<TestType, Q>{"history", false, [](W&) { return Q{}; },
                       [](W& x, const Q& r) { return code_of(x.w.history(r)); }}
        .text("action", &Q::action, {})
        .text("member", &Q::member, {})
        .text("resource", &Q::resource, {})
        .text("tag", &Q::tag, {})
        .text("actor", &Q::actor, {})
        .text("reference", &Q::reference, {})
        .field("from", &Q::from, std::vector<instant>{}, {instant::min(), instant::max()})
        .field("until", &Q::until, std::vector<instant>{}, {instant::min(), instant::max()})
        .field("limit", &Q::limit, std::vector<std::size_t>{},
               {0, 1, std::numeric_limits<std::size_t>::max()})
        .field("after", &Q::after, std::vector<coffer::entry_id>{},
               {coffer::entry_id{0xffffffffU}});
    using J = coffer::journal_query;
    probe<TestType, J>{"entries", false, [](W&) { return J{}; },
                       [](W& x, const J& r) { return code_of(x.w.entries(r)); }}
        .field("limit", &J::limit, std::vector<std::size_t>{},
               {0, 1, std::numeric_limits<std::size_t>::max()})
        .field("before", &J::before, std::vector<coffer::entry_id>{},
               {coffer::entry_id{}, coffer::entry_id{1}, coffer::entry_id{0xffffffffU}})
        .field("lot", &J::lot, std::vector<coffer::lot_id>{}, {coffer::lot_id{0xffffffffU}});
    W x;
    unchanged same{x};
    for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-1}, lowest}) {
        CHECK(x.w.cover(micros(amount)) == errc::invalid_argument);
    }
    CHECK_FALSE(x.w.cover(micros(highest)).has_value());
    for (const std::uint32_t n : {0U, 0xffffffffU}) {
        CHECK(x.w.receipt_of(coffer::entry_id{n}) == errc::invalid_argument);
        CHECK(x.w.parts_of(coffer::entry_id{n}) == errc::invalid_argument);
        CHECK(x.w.paid_by(coffer::entry_id{n}) == errc::unknown_charge);
        CHECK(x.w.explain(coffer::entry_id{n}) == errc::unknown_charge);
        CHECK(x.w.paid_from(coffer::lot_id{n}) == errc::unknown_lot);
        CHECK(x.w.name_of(coffer::lot_id{n}) == errc::unknown_lot);
        CHECK(x.w.resume(coffer::hold_id{n}) == errc::unknown_hold);
        CHECK(x.w.order(coffer::order_id{n}) == errc::invalid_argument);
    }
    CHECK(x.w.invoice(0xffffffffU) == errc::invalid_argument);
    CHECK(x.w.as(kibibyte).balance() == errc::invalid_argument);
    CHECK(x.w.as_of(instant::min()).or_throw() == coffer::balance_totals{});
    const auto last = x.w.as_of(instant::max());
    CHECK((last || is_about_input(last.error().code())));
    CHECK(x.w.transfer({.to = "other", .amount = 1_cr}) == errc::transfer_refused);
}

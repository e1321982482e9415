#include "io/plan_file_fixture.hpp"

#include <coffer/io/detail/access_reader.hpp>
#include <coffer/io/detail/catalogue_reader.hpp>
#include <coffer/plan/book.hpp>

#include <string>
#include <string_view>

using namespace coffer_test;
using coffer::errc;

TEST_CASE("a plan file says what customers may choose, and the plan's revision") {
    const coffer::any_plan plan = plan_of(R"({
        "buckets": [{"name": "b"}],
        "choices": {
            "alerts": 3, "limits": 50, "budget": true,
            "recharge": {"offers": ["s", "l"], "most_threshold": "200",
                         "most_monthly_limit": "100.00 EUR"},
            "defaults": {
                "alerts": ["25%", {"name": "few", "at": "10", "of": ["b"]}],
                "limits": [{"member": "*", "per": "day", "amount": "5"}],
                "budget": {"amount": "500", "per": "week", "warn": true},
                "recharge": {"on": false, "offer": "s", "threshold": "50",
                             "monthly_limit": "20.00 EUR"} } },
        "revision": 7 })");
    const auto eur = [](std::int64_t cents) { return coffer::money::from_minor(cents, "EUR"); };
    const coffer::choices same{
        .alerts = 3,
        .limits = 50,
        .budget = true,
        .recharge = {.allowed = true,
                     .offers = {"s", "l"},
                     .most_threshold = 200_cr,
                     .most_monthly_limit = eur(10'000)},
        .defaults = {
            .alerts = {{.name = "25%", .at = coffer::percent{25}},
                       {.name = "few", .at = 10_cr, .of = {"b"}}},
            .limits = {{.member = "*", .per = coffer::window::day, .amount = 5_cr}},
            .budget = coffer::budget{500_cr, coffer::window::week, true},
            .recharge = coffer::recharge_setting{
                .on = false, .offer = "s", .threshold = 50_cr, .monthly_limit = eur(2'000)}}};
    CHECK(plan.choices == same);
    CHECK(plan.revision == 7);
    CHECK(plan_of(R"({"choices": {}})").choices == coffer::choices{});
    CHECK(plan_of(R"({"choices": {"recharge": {}}})").choices.recharge.allowed);
}

TEST_CASE("what is wrong with the choices of a plan file is told with its place") {
    const auto of = [](std::string_view said) {
        return wrong(R"({"buckets": [{"name": "b"}], "choices": )" + std::string{said} + "}");
    };
    const std::string at = "invalid_argument plan.choices";
    CHECK(of(R"({"alert": 1})") == at + ".alert");
    CHECK(of(R"({"alerts": "1"})") == at + ".alerts");
    CHECK(of(R"({"alerts": 63})") == at + ".alerts");
    CHECK(of(R"({"limits": -1})") == at + ".limits");
    CHECK(of(R"({"limits": 100})") == at + ".limits");
    CHECK(of(R"({"budget": 1})") == at + ".budget");
    CHECK(of(R"({"recharge": true})") == at + ".recharge");
    CHECK(of(R"({"recharge": {"offers": [""]}})") == at + ".recharge.offers[0]");
    CHECK(of(R"({"recharge": {"most_threshold": "-1"}})") == at + ".recharge.most_threshold");
    CHECK(of(R"({"recharge": {"most_monthly_limit": "1"}})") ==
          at + ".recharge.most_monthly_limit");
    CHECK(of(R"({"defaults": {"alerts": [{"name": "a"}]}})") == at + ".defaults.alerts[0]");
    CHECK(of(R"({"defaults": {"limits": [{"per": "day", "amount": "1"}]}})") ==
          at + ".defaults.limits[0]");
    CHECK(of(R"({"defaults": {"budget": {}}})") == at + ".defaults.budget");
    CHECK(of(R"({"defaults": {"budget": {"amount": "1", "per": "year"}}})") ==
          at + ".defaults.budget.per");
    CHECK(of(R"({"defaults": {"recharge": {"on": "yes"}}})") == at + ".defaults.recharge.on");
    CHECK(wrong(R"({"revision": "1"})") == "invalid_argument plan.revision");
    CHECK(wrong(R"({"revision": -1})") == "invalid_argument plan.revision");
}

TEST_CASE("rule 32: limits of a plan file are objects with a path, a window and an amount") {
    const coffer::any_plan plan = plan_of(R"({"limits": [
        {"member": "*", "per": "day", "amount": "50"},
        {"action": "ai/fast", "tag": "batch", "per": "draw", "amount": "0.5", "warn": true}],
        "unnamed": "refuse"})");
    CHECK(plan.limits ==
          coffer::limits{{.member = "*", .per = coffer::window::day, .amount = 50_cr},
                         {.action = "ai/fast",
                          .tag = "batch",
                          .per = coffer::window::draw,
                          .amount = 0.5_cr,
                          .warn = true}});
    CHECK(plan.unnamed.refuses());
    CHECK_FALSE(plan_of(R"({"unnamed": "pass"})").unnamed.refuses());
}

TEST_CASE("rule 32: limits of a plan file that make no sense are told with their place") {
    const auto wrong_limit = [](std::string_view limit) {
        return wrong("{\"limits\": [" + std::string{limit} + "]}");
    };
    const std::string here = "invalid_argument plan.limits[0]";
    CHECK(wrong(R"({"limits": {}})") == "invalid_argument plan.limits");
    CHECK(wrong(R"({"unnamed": "no"})") == "invalid_argument plan.unnamed");
    CHECK(wrong_limit("\"ann\"") == here);
    CHECK(wrong_limit(R"({"per": "day", "amount": "1"})") == here);
    CHECK(wrong_limit(R"({"member": "a", "amount": "1"})") == here);
    CHECK(wrong_limit(R"({"member": "a", "per": "day"})") == here);
    CHECK(wrong_limit(R"({"member": "a", "per": "month", "amount": "1"})") == here + ".per");
    CHECK(wrong_limit(R"({"member": "a", "per": "day", "amount": "-1"})") == here + ".amount");
    CHECK(wrong_limit(R"({"member": "a//b", "per": "day", "amount": "1"})") == here + ".member");
    CHECK(wrong_limit(R"({"tag": "a/", "per": "day", "amount": "1"})") == here + ".tag");
    CHECK(wrong_limit(R"({"who": "a", "per": "day", "amount": "1"})") == here + ".who");
}

TEST_CASE("rule 30: alerts are levels, or objects with a level, and are named by it") {
    const coffer::any_plan plan = plan_of(R"({"buckets": [{"name": "budget"}], "alerts": [
        "25%", "100", "-3.5", "12.3456%",
        {"name": "low", "at": "0%", "once_per_period": true, "of": ["budget"]}]})");
    CHECK(
        plan.alerts ==
        coffer::alerts{
            {.name = "25%", .at = coffer::percent{25}},
            {.name = "100", .at = 100_cr},
            {.name = "-3.5", .at = micros(-3'500'000)},
            {.name = "12.3456%", .at = coffer::alert_level::share(0.123456_cr)},
            {.name = "low", .at = coffer::percent{0}, .of = {"budget"}, .once_per_period = true}});
}

TEST_CASE("rule 30: alerts of a plan file that make no sense are told with their place") {
    const auto wrong_alert = [](std::string_view alert) {
        return wrong("{\"alerts\": [" + std::string{alert} + "]}");
    };
    CHECK(wrong(R"({"alerts": "25%"})") == "invalid_argument plan.alerts");
    CHECK(wrong_alert("25") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"low\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"%\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"-1%\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"0.00001%\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"5\", \"5\"") == "invalid_argument plan.alerts[1]");
    CHECK(wrong_alert("{}") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert(R"({"at": "5", "of": ["none"]})") == "invalid_argument plan.alerts[0].of[0]");
    CHECK(wrong_alert(R"({"at": "5", "name": "depleted"})") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert(R"({"at": "5", "level": "5"})") == "invalid_argument plan.alerts[0].level");
}

TEST_CASE("rule 17: a plan file says who may do what") {
    using coffer::verb;
    const auto may = [](std::string_view access, std::string_view wallet, std::string_view actor) {
        const coffer::any_plan plan = plan_of("{\"access\": " + std::string{access} + "}");
        coffer::access::verbs all;
        for (std::size_t i = 0; i < coffer::verb_count; ++i) {
            const auto v = static_cast<verb>(i);
            if (plan.access.allows({.wallet = wallet, .verb = v, .actor = actor})) all = all | v;
        }
        return all;
    };
    namespace allow = coffer::access;
    const allow::verbs member = allow::spend | allow::see;
    CHECK(may(R"("anyone")", "acme", "ada") == allow::everything);
    CHECK(plan_of("{}").access.is_open());
    CHECK(may(R"({"members": ["ada"]})", "acme", "ada") == member);
    CHECK(may(R"({"members": []})", "acme", "ada") == allow::verbs{});
    constexpr std::string_view by_wallet = R"({"members": {"acme": ["ada"], "*": ["bob"]}})";
    CHECK(may(by_wallet, "acme", "ada") == member);
    CHECK(may(by_wallet, "globex", "ada") == allow::verbs{});
    CHECK(may(by_wallet, "globex", "bob") == member);
    CHECK(may(by_wallet, "acme", "") == allow::of_host);
    constexpr std::string_view by_role = R"({
        "roles": {"owner": ["everything"], "clerk": ["grant", "refund"],
                  "admin": ["buy", "configure"]},
        "members": {"acme": {"ada": "owner", "bob": "clerk"}, "*": {"cy": "admin"}},
        "host": ["spend", "see"]})";
    CHECK(may(by_role, "acme", "ada") == allow::everything);
    CHECK(may(by_role, "acme", "bob") == (allow::grant | allow::refund));
    CHECK(may(by_role, "globex", "bob") == allow::verbs{});
    CHECK(may(by_role, "globex", "cy") == (allow::buy | allow::configure));
    CHECK(may(by_role, "acme", "") == member);
    CHECK(may(R"({"roles": {}, "members": {}})", "acme", "") == allow::of_host);
}

TEST_CASE("rule 17: access of a plan file that makes no sense is told with its place") {
    const auto wrong_access = [](std::string_view access) {
        return wrong("{\"access\": " + std::string{access} + "}");
    };
    CHECK(wrong_access(R"("everyone")") == "invalid_argument plan.access");
    CHECK(wrong_access("null") == "invalid_argument plan.access");
    CHECK(wrong_access("[]") == "invalid_argument plan.access");
    CHECK(wrong_access("{}") == "invalid_argument plan.access");
    CHECK(wrong_access(R"({"memebers": []})") == "invalid_argument plan.access.memebers");
    CHECK(wrong_access(R"({"members": "ada"})") == "invalid_argument plan.access.members");
    CHECK(wrong_access(R"({"members": [""]})") == "invalid_argument plan.access.members[0]");
    CHECK(wrong_access(R"({"members": [7]})") == "invalid_argument plan.access.members[0]");
    CHECK(wrong_access("{\"members\": [\"" + std::string(96, 'a') + "\"]}") ==
          "invalid_argument plan.access.members[0]");
    CHECK(wrong_access(R"({"members": {"acme": "ada"}})") ==
          "invalid_argument plan.access.members.acme");
    CHECK(wrong("{\"access\": {\"members\": {\"" + std::string(64, 'w') + "\": []}}}")
              .starts_with("invalid_argument plan.access.members.w"));
    CHECK(wrong_access(R"({"members": [], "host": []})") == "invalid_argument plan.access.host");
    CHECK(wrong_access(R"({"roles": {}})") == "invalid_argument plan.access");
    CHECK(wrong_access(R"({"roles": [], "members": {}})") == "invalid_argument plan.access.roles");
    CHECK(wrong_access(R"({"roles": {"a": ["spent"]}, "members": {}})") ==
          "invalid_argument plan.access.roles.a[0]");
    CHECK(wrong_access(R"({"roles": {"a": []}, "members": ["ada"]})") ==
          "invalid_argument plan.access.members");
    CHECK(wrong_access(R"({"roles": {"a": []}, "members": {"acme": {"ada": "b"}}})") ==
          "invalid_argument plan.access.members.acme.ada");
    CHECK(wrong_access(R"({"roles": {"a": []}, "members": {"acme": {"": "a"}}})")
              .starts_with("invalid_argument plan.access.members.acme"));
}

TEST_CASE("rule 33, rule 43: a plan file has the rules of its subscriptions") {
    const auto rules = [](std::string_view said) {
        return plan_of("{\"subscription\": " + std::string{said} + "}").subscription;
    };
    for (std::string_view nothing : {R"({"subscription": {}})", "{}"}) {
        const coffer::subscription_rules standard = plan_of(nothing).subscription;
        CHECK(standard.upgrades == coffer::upgrade::difference);
        CHECK(standard.grace.is_zero());
        CHECK(standard.purchases == coffer::after_end::usable);
    }
    using coffer::upgrade;
    for (upgrade how : {upgrade::difference, upgrade::prorate, upgrade::full, upgrade::later}) {
        const std::string said{to_string(how)};
        CHECK(rules("{\"upgrades\": \"" + said + "\"}").upgrades == how);
    }
    CHECK(rules(R"({"grace": "7 days"})").grace == coffer::days{7});
    CHECK(rules(R"({"grace": "1 month"})").grace == coffer::months{1});
    CHECK(rules(R"({"grace": "0 days"})").grace.is_zero());
    CHECK(rules(R"({"purchases": "locked"})").purchases == coffer::after_end::locked);
    CHECK(rules(R"({"purchases": "usable"})").purchases == coffer::after_end::usable);
    const auto all = rules(R"({"upgrades": "full", "grace": "36 hours", "purchases": "locked"})");
    CHECK(all.upgrades == upgrade::full);
    CHECK(all.grace == 36h);
    CHECK(all.purchases == coffer::after_end::locked);
}

TEST_CASE("rule 33, rule 43: wallets keep to the rules of subscriptions in a plan file") {
    constexpr std::string_view json = R"({
        "buckets": [{"name": "budget", "refill": {"every": "1 month", "amount": "AMOUNT"},
                     "expiry": "period_end"},
                    {"name": "packs"}],
        "subscription": {"upgrades": "later", "grace": "7 days", "purchases": "locked"}})";
    const auto with = [&](std::string_view amount) {
        std::string text{json};
        return plan_of(text.replace(text.find("AMOUNT"), 6, amount));
    };
    coffer::plan_book book;
    book.add("small", with("100")).or_throw();
    book.add("large", with("300")).or_throw();
    book.set_default("small").or_throw();
    coffer::memory_store store;
    const auto begin = coffer::parse_instant("2026-01-01T00:00:00Z").or_throw();
    coffer::manual_clock clock{begin};
    coffer::wallets wallets{book, store, clock};
    const auto acme = wallets["acme"];
    acme.start().or_throw();
    acme.change({.plan = "large"}).or_throw();
    CHECK(acme.balance()->available == 100_cr);  // the rest comes with the next period
    acme.past_due().or_throw();
    clock.set(begin + 24h * 7 - 1us);
    CHECK(acme.charge({.amount = 1_cr}).has_value());
    clock.set(begin + 24h * 7);
    CHECK(acme.charge({.amount = 1_cr}) == errc::wallet_paused);
    const auto ada = wallets["ada"];
    ada.start().or_throw();
    ada.grant({.bucket = "packs", .amount = 5_cr}).or_throw();
    ada.end().or_throw();
    clock.set(begin + 24h * 60);
    CHECK(ada.charge({.amount = 1_cr}) == errc::wallet_paused);
}

TEST_CASE("rule 33, rule 43: a subscription of a plan file that makes no sense is told of") {
    const auto no = [](std::string_view said) {
        return wrong("{\"subscription\": " + std::string{said} + "}");
    };
    const std::string here = "invalid_argument plan.subscription";
    for (std::string_view said : {"[]", "null", "\"later\"", "7", "true"}) CHECK(no(said) == here);
    CHECK(no(R"({"upgrade": "full"})") == here + ".upgrade");
    CHECK(no(R"({"grace": "7 days", "grace": "8 days"})").starts_with("invalid_argument"));
    for (std::string_view said : {"\"none\"", "\"\"", "\"Full\"", "1", "null", "[]"}) {
        CAPTURE(said);
        CHECK(no("{\"upgrades\": " + std::string{said} + "}") == here + ".upgrades");
        CHECK(no("{\"purchases\": " + std::string{said} + "}") == here + ".purchases");
    }
    for (std::string_view said : {"\"7\"", "\"-7 days\"", "\"\"", "7", "\"7 moons\"", "null"}) {
        CAPTURE(said);
        CHECK(no("{\"grace\": " + std::string{said} + "}") == here + ".grace");
    }
}

TEST_CASE("rule 44: a plan file sells packs") {
    const coffer::any_plan plan = plan_of(R"({
        "buckets": [{"name": "packs"}, {"name": "gifts"}],
        "catalogue": [
            {"offer": "starter", "credits": "100", "price": "10.00 USD", "into": "packs"},
            {"offer": "basic", "credits": "250", "into": "packs", "bonus": "10",
             "bonus_into": "gifts", "plans": ["pro", "team"],
             "prices": {"app_store": "29.99 USD", "google_play": "27.99 USD"}}]})");
    CHECK(plan.catalogue ==
          coffer::catalogue{
              {.offer = "starter", .credits = 100_cr, .price = usd("10.00"), .into = "packs"},
              {.offer = "basic",
               .credits = 250_cr,
               .into = "packs",
               .bonus = 10_cr,
               .bonus_into = "gifts",
               .plans = {"pro", "team"},
               .prices = {{"app_store", usd("29.99")}, {"google_play", usd("27.99")}}}});
}

TEST_CASE("rule 44: a catalogue in a file that makes no sense is told with its place") {
    const auto fault = [](std::string_view pack) {
        return wrong("{\"buckets\": [{\"name\": \"packs\"}], \"catalogue\": [" + std::string{pack} +
                     "]}");
    };
    const std::string here = "invalid_argument plan.catalogue[0]";
    CHECK(wrong(R"({"catalogue": {}})") == "invalid_argument plan.catalogue");
    CHECK(fault("5") == here);
    CHECK(fault("{}") == here);
    const auto with = [&](std::string_view key, std::string_view value) {
        nlohmann::json pack{
            {"offer", "a"}, {"credits", "1"}, {"price", "1.00 EUR"}, {"into", "packs"}};
        pack[std::string{key}] = nlohmann::json::parse(value);
        return fault(pack.dump());
    };
    const std::string kilobyte = "\"" + std::string(1'024, 'x') + "\"";
    CHECK(with("offer", "\"b\"").empty());
    CHECK(with("ofer", "\"b\"") == here + ".ofer");
    for (std::string_view key : {"offer", "into", "bonus_into"}) {
        CHECK(with(key, kilobyte) == here + "." + std::string{key});
    }
    CHECK(with("offer", "\"\"") == here + ".offer");
    CHECK(with("into", "\"pack\"") == "unknown_bucket plan.catalogue[0].into");
    CHECK(with("credits", "\"0\"") == here + ".credits");
    CHECK(with("credits", "\"-1\"") == here + ".credits");
    CHECK(with("credits", "1") == here + ".credits");
    CHECK(with("credits", "\"9223372036855\"") == "amount_overflow plan.catalogue[0].credits");
    CHECK(with("price", "\"0.00 EUR\"") == here + ".price");
    CHECK(with("price", "\"-1.00 EUR\"") == here + ".price");
    CHECK(with("price", "\"1.001 EUR\"") == here + ".price");
    CHECK(with("price", "\"1.00\"") == here + ".price");
    CHECK(with("bonus", "\"-1\"") == here + ".bonus");
    CHECK(with("bonus_into", "\"packs\"") == here + ".bonus_into");
    CHECK(with("plans", "[]") == here + ".plans");
    CHECK(with("plans", "[\"\"]") == here + ".plans[0]");
    CHECK(with("prices", "{\"\": \"1.00 EUR\"}") == here + ".prices");
    CHECK(with("prices", "{\"ios\": \"0.00 EUR\"}") == here + ".prices");
    CHECK(with("prices", "{\"ios\": \"1.00 USD\"}").empty());
}

TEST_CASE("rule 44: what a set or a book sells is read by itself") {
    const auto shop = coffer::read_catalogue(
        R"([{"offer": "a", "credits": "1", "price": "1.00 EUR", "into": "packs"}])");
    REQUIRE(shop);
    CHECK(shop->sell("a", {})->price == eur("1.00"));
    CHECK(coffer::read_catalogue("{}").error().path == "catalogue");
    CHECK(coffer::read_catalogue("[").error().path == "catalogue");
    CHECK(coffer::read_catalogue(R"([{"offer": "a", "credits": "1", "into": "b"}])").error().path ==
          "catalogue[0].price");
    CHECK(coffer::read_catalogue(coffer::json_place{nullptr, "shop"}).error().path == "shop");
}

TEST_CASE("rule 31: a plan file says when the plan buys by itself, and what") {
    const auto bought = [](std::string_view recharge) {
        return plan_of(R"({"buckets": [{"name": "b"}, {"name": "c"}], "catalogue": [
            {"offer": "standard", "credits": "50", "price": "10.00 EUR", "into": "b"}],
            "recharge": )" +
                       std::string{recharge} + "}")
            .recharge;
    };
    CHECK(plan_of("{}").recharge == coffer::recharge{});
    CHECK(bought(R"({"threshold": "10", "amount": "50", "bucket": "b", "price": "5.00 USD",
        "monthly_limit": "50.00 USD", "max_per_month": 4, "multiple_of": "25", "of": ["b"]})") ==
          coffer::recharge{.amount = 50_cr,
                           .pack = 25_cr,
                           .into = "b",
                           .price = usd(500),
                           .below = 10_cr,
                           .of = {"b"},
                           .monthly = usd(5'000),
                           .times = 4});
    CHECK(bought(R"({"threshold": "0", "amount": {"to": "80"}, "bucket": "c", "price": "0.10 USD",
        "per_credit": true})") == coffer::recharge{.to = 80_cr, .into = "c", .each = usd(10)});
    CHECK(bought(R"({"threshold": "10", "offer": "standard", "packs": true})") ==
          coffer::recharge{.offer = "standard", .packs = true, .below = 10_cr});
}

TEST_CASE("rule 31: a recharge of a plan file that makes no sense is told with its place") {
    const auto no = [](std::string_view recharge) {
        return wrong("{\"buckets\": [{\"name\": \"b\"}], \"recharge\": " + std::string{recharge} +
                     "}");
    };
    const auto with = [&](std::string_view more, std::string_view amount = "\"50\"") {
        return no(R"({"threshold": "10", "bucket": "b", "price": "5.00 USD", "amount": )" +
                  std::string{amount} + std::string{more} + "}");
    };
    const std::string here = "invalid_argument plan.recharge";
    CHECK(with("").empty());
    CHECK(no("[]") == here);
    CHECK(no("{}") == here);
    CHECK(no(R"({"threshold": "10"})") == here);
    CHECK(with(R"(, "prise": "1")") == here + ".prise");
    CHECK(with("", "\"0\"") == here);
    CHECK(with("", "\"-1\"") == here + ".amount");
    CHECK(with("", "\"1e99\"").starts_with("amount_overflow"));
    CHECK(with("", "{\"to\": \"50\"}") == here);
    CHECK(with("", "{\"up\": \"50\"}") == here + ".amount.up");
    CHECK(with(R"(, "multiple_of": "0")") == here + ".multiple_of");
    CHECK(with(R"(, "monthly_limit": "5.00 EUR")") == here);
    CHECK(with(R"(, "monthly_limit": "-5.00 USD")") == here + ".monthly_limit");
    CHECK(with(R"(, "max_per_month": -1)") == here + ".max_per_month");
    CHECK(with(R"(, "max_per_month": "1")") == here + ".max_per_month");
    CHECK(with(R"(, "of": ["nowhere"])") == here + ".of[0]");
    CHECK(with(R"(, "per_credit": "yes")") == here + ".per_credit");
    CHECK(with(R"(, "offer": "standard")") == here + ".amount");
    CHECK(with(R"(, "packs": true)") == here + ".packs");
    CHECK(no(R"({"threshold": "-1", "bucket": "b", "price": "5.00 USD", "amount": "5"})") ==
          here + ".threshold");
    CHECK(no(R"({"threshold": "1", "bucket": "x", "price": "5.00 USD", "amount": "5"})") ==
          here + ".bucket");
    CHECK(no(R"({"threshold": "1", "bucket": "b", "price": "-5.00 USD", "amount": "5"})") ==
          here + ".price");
    CHECK(no(R"({"threshold": "1", "bucket": "b", "price": "5.00", "amount": "5"})") ==
          here + ".price");
    CHECK(no("{\"threshold\": \"1\", \"offer\": \"" + std::string(1'024, 'x') + "\"}") ==
          here + ".offer");
}

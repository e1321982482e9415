#include "support/wallet_fixture.hpp"

#include <coffer/plan/book.hpp>
#include <coffer/plan/ready.hpp>

#include <atomic>
#include <thread>

using namespace coffer_test;

namespace {

coffer::plans::prepaid<> priced(coffer::credits chat) {
    return {.cost = {{"chat", coffer::cost::flat{chat}}}};
}
coffer::credits chat_price(const coffer::any_plan& plan) {
    return plan.cost.price({.action = "chat"})->total;
}

coffer::plan_book free_and_pro() {
    coffer::plan_book book;
    book.add("free", priced(2_cr)).or_throw();
    book.add("pro", priced(1_cr)).or_throw();
    book.set_default("free").or_throw();
    return book;
}

}  // namespace

TEST_CASE("a book hands out each plan under its id") {
    const coffer::plan_book book = free_and_pro();
    CHECK(book.visit("free", chat_price) == 2_cr);
    CHECK(book.visit("pro", chat_price) == 1_cr);
    CHECK(book.ids() == std::vector<std::string>{"free", "pro"});
    REQUIRE(book.find("pro"));
    CHECK(chat_price(*book.find("pro")) == 1_cr);
    const auto refused = book.visit("gold", chat_price);
    REQUIRE(refused == coffer::errc::unknown_plan);
    CHECK(refused.error().subject() == "gold");
    CHECK(book.find("gold") == nullptr);
    CHECK_FALSE(book.contains("gold"));
    CHECK(book.contains("pro"));
}

TEST_CASE("a book has no default plan before one is named") {
    coffer::plan_book book;
    CHECK(book.visit("", chat_price) == coffer::errc::unknown_plan);
    book.add("pro", priced(1_cr)).or_throw();
    CHECK(book.visit("", chat_price) == coffer::errc::unknown_plan);
    CHECK(book.find("") == nullptr);
    CHECK_FALSE(book.contains(""));
    CHECK(book.default_plan() == "");
    CHECK(book.set_default("gold") == coffer::errc::unknown_plan);
    CHECK(book.set_default("pro"));
    CHECK(book.default_plan() == "pro");
    CHECK(book.visit("", chat_price) == 1_cr);
}

TEST_CASE("what a book refuses changes nothing") {
    coffer::plan_book book = free_and_pro();
    CHECK(book.add("pro", priced(9_cr)) == coffer::errc::invalid_argument);
    CHECK(book.replace("gold", priced(9_cr)) == coffer::errc::unknown_plan);
    CHECK(book.remove("gold") == coffer::errc::unknown_plan);
    CHECK(book.remove("free") == coffer::errc::invalid_argument);
    for (const std::string& id : {std::string{}, std::string(64, 'x')}) {
        CHECK(book.add(id, priced(9_cr)) == coffer::errc::invalid_argument);
    }
    coffer::any_plan bad{priced(9_cr)};
    bad.buckets.push_back(bad.buckets[0]);
    const auto refused = book.replace("pro", bad);
    REQUIRE(refused == coffer::errc::invalid_argument);
    CHECK(refused.error().path == "pro.buckets[1].name");
    CHECK(book.add("bad", bad) == coffer::errc::invalid_argument);
    CHECK(book.ids() == std::vector<std::string>{"free", "pro"});
    CHECK(book.visit("pro", chat_price) == 1_cr);
    CHECK(book.add(std::string(63, 'x'), priced(9_cr)));
}

TEST_CASE("a plan that was found stays as it is while others replace or remove it") {
    coffer::plan_book book = free_and_pro();
    const auto found = book.find("pro");
    book.replace("pro", priced(7_cr)).or_throw();
    CHECK(chat_price(*found) == 1_cr);
    CHECK(book.visit("pro", chat_price) == 7_cr);
    const auto seen = book.visit("pro", [&](const coffer::any_plan& plan) {
        book.remove("pro").or_throw();
        book.add("pro", priced(8_cr)).or_throw();
        return chat_price(plan);
    });
    CHECK(seen == 7_cr);
    CHECK(book.visit("pro", chat_price) == 8_cr);
}

TEST_CASE("copies of a book are the same book") {
    coffer::plan_book book = free_and_pro();
    const coffer::plan_book copy = book;
    coffer::plan_book moved = std::move(book);
    moved.add("gold", priced(5_cr)).or_throw();
    CHECK(copy.contains("gold"));
    CHECK(book.contains("gold"));
}

TEST_CASE("a book passes the check of plans, and is none itself") {
    STATIC_REQUIRE(coffer::check_plan<coffer::plan_book>());
    STATIC_REQUIRE(coffer::detail::chooses_by_account<coffer::plan_book>);
    STATIC_REQUIRE_FALSE(coffer::plan<coffer::plan_book>);
}

TEST_CASE("plans are found while others come and go") {
    coffer::plan_book book = free_and_pro();
    std::atomic<bool> wrong{false};
    std::atomic<int> found{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (found < 3'000) {
                auto price = book.visit("pro", chat_price);
                if (!price || price->micros() % 1'000'000 != 0) wrong = true;
                auto gone = book.visit("gold", chat_price);
                if (!gone && !(gone == coffer::errc::unknown_plan)) wrong = true;
                ++found;
            }
        });
    }
    for (std::int64_t i = 1; found < 3'000; ++i) {
        book.replace("pro", priced(micros(i % 100 * 1'000'000))).or_throw();
        book.add("gold", priced(1_cr)).or_throw();
        book.remove("gold").or_throw();
    }
    for (std::thread& each : readers) each.join();
    CHECK_FALSE(wrong);
}

TEMPLATE_TEST_CASE("wallets of a book follow the plan of each account", "", lends_heads,
                   gives_whole_pages) {
    coffer::plan_book book = free_and_pro();
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{book, store, clock};
    auto ada = wallets["ada"];
    ada.grant({.bucket = "package", .amount = 50_cr}).or_throw();
    CHECK(ada.charge({.action = "chat"}).or_throw().cost == 2_cr);
    ada.change({.plan = "pro", .how = coffer::upgrade::later}).or_throw();
    CHECK(ada.charge({.action = "chat"}).or_throw().cost == 1_cr);

    SECTION("a plan that is replaced holds from the next operation on") {
        book.replace("pro", priced(5_cr)).or_throw();
        CHECK(ada.charge({.action = "chat"}).or_throw().cost == 5_cr);
    }
    SECTION("an account whose plan is gone is answered once it is there again") {
        book.remove("pro").or_throw();
        CHECK(ada.charge({.action = "chat"}) == coffer::errc::unknown_plan);
        book.add("pro", priced(3_cr)).or_throw();
        CHECK(ada.charge({.action = "chat"}).or_throw().cost == 3_cr);
    }
    SECTION("a plan that is added can be had at once") {
        book.add("gold", priced(9_cr)).or_throw();
        ada.change({.plan = "gold", .how = coffer::upgrade::later}).or_throw();
        CHECK(ada.charge({.action = "chat"}).or_throw().cost == 9_cr);
    }
}

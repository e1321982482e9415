#include "support/catch.hpp"

#include <coffer/base/id.hpp>

#include <set>
#include <string>
#include <string_view>

using coffer::bucket_id;
using coffer::request_id;
using coffer::wallet_id;
using scope = coffer::request_id::scope;

TEST_CASE("a wallet has a name of 1 to 63 bytes of any kind") {
    using namespace std::string_view_literals;
    CHECK_FALSE(wallet_id{}.is_valid());
    CHECK_FALSE(wallet_id{""}.is_valid());
    CHECK(wallet_id{"a"}.is_valid());
    CHECK(wallet_id{"\0"sv}.is_valid());
    CHECK(wallet_id{std::string(63, 'x')}.is_valid());
    CHECK_FALSE(wallet_id{std::string(64, 'x')}.is_valid());
    CHECK(wallet_id{"acme"}.text() == "acme");
    CHECK(wallet_id{"acme"} == wallet_id{std::string{"acme"}});
    CHECK_FALSE(wallet_id{"acme"} == wallet_id{"Acme"});
    CHECK_FALSE(wallet_id{"a"} == wallet_id{"a\0"sv});
    CHECK_FALSE(wallet_id{std::string(64, 'x')} == wallet_id{});
}

TEST_CASE("text of any kind becomes a wallet's or a request's name") {
    auto wallet = [](const wallet_id& id) { return std::string{id.text()}; };
    auto request = [](const request_id& id) { return std::string{id.text()}; };
    const std::string text = "acme";
    CHECK(wallet(text) == "acme");
    CHECK(wallet("acme") == "acme");
    CHECK(wallet(std::string_view{text}) == "acme");
    CHECK(request(text) == "acme");
    CHECK(request("acme") == "acme");
    CHECK(request(std::string_view{text}) == "acme");
}

TEST_CASE("a request id is empty, or 1 to 95 bytes of the caller's") {
    CHECK(request_id{}.empty());
    CHECK(request_id{}.is_valid());
    CHECK(request_id{""}.empty());
    CHECK(request_id{""}.made_by() == scope::none);
    CHECK(request_id{"r"}.made_by() == scope::caller);
    CHECK(request_id{std::string(95, 'x')}.is_valid());
    CHECK_FALSE(request_id{std::string(96, 'x')}.is_valid());
}

TEST_CASE("an id made from a hold equals none that a caller gives") {
    std::set<std::string> texts;
    for (std::uint32_t hold : {0u, 1u, 9u, 10u, 123u, 4'294'967'295u}) {
        const request_id settle = request_id::derived(scope::settle, hold);
        const request_id release = request_id::derived(scope::release, hold);
        CHECK(settle.text() == std::to_string(hold));
        CHECK(settle.made_by() == scope::settle);
        CHECK_FALSE(settle.empty());
        CHECK_FALSE(settle == release);
        CHECK_FALSE(settle == request_id{std::to_string(hold)});
        CHECK(settle == request_id::stored(scope::settle, settle.text()));
        texts.insert(std::string{settle.text()});
    }
    CHECK(texts.size() == 6);
}

TEST_CASE("an id made from a hold and a content names both") {
    const request_id refused = request_id::derived(scope::settle, 4'294'967'295, 0xfeull);
    CHECK(refused.text() == "4294967295/00000000000000fe");
    CHECK(refused.made_by() == scope::settle);
    CHECK(refused.is_valid());
    CHECK_FALSE(refused == request_id::derived(scope::settle, 4'294'967'295));
    CHECK_FALSE(refused == request_id::derived(scope::settle, 4'294'967'295, 0xffull));
    CHECK(request_id::derived(scope::settle, 0, ~0ull).text() == "0/ffffffffffffffff");
}

TEST_CASE("a stored id comes back as it was") {
    const request_id asked{"invoice-7"};
    CHECK(request_id::stored(asked.made_by(), asked.text()) == asked);
    CHECK(request_id::stored(scope::none, "").empty());
}

TEST_CASE("numbers of the journal compare, and zero is none") {
    CHECK_FALSE(coffer::entry_id{});
    CHECK(coffer::entry_id{1});
    CHECK(coffer::entry_id{1} < coffer::entry_id{2});
    CHECK(coffer::lot_id{7} == coffer::lot_id{7});
    CHECK(coffer::hold_id{7}.value() == 7);
}

TEST_CASE("a bucket is known by its name throughout the program") {
    const bucket_id budget = bucket_id::of("budget");
    CHECK(budget);
    CHECK(bucket_id::of("budget") == budget);
    CHECK(bucket_id::find("budget") == budget);
    CHECK(budget.name() == "budget");
    CHECK(budget == "budget");
    CHECK_FALSE(budget == "Budget");
    CHECK_FALSE(budget == bucket_id::of("package"));
    CHECK(bucket_id::stored(budget.value()) == budget);
}

TEST_CASE("a name that nobody has used, or that is none, gives the empty bucket") {
    CHECK_FALSE(bucket_id::find("a bucket that no test has ever named"));
    CHECK_FALSE(bucket_id::of(""));
    CHECK_FALSE(bucket_id::of(std::string(64, 'x')));
    CHECK(bucket_id::of(std::string(63, 'x')));
    CHECK(bucket_id{}.name().empty());
    CHECK(bucket_id::stored(65'535).name().empty());
}

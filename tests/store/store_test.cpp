#include "support/catch.hpp"
#include "support/whole_page_store.hpp"

#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/store/store.hpp>
#include <coffer/wallet/wallets.hpp>

using namespace coffer::literals;

TEST_CASE("a query without conditions asks for a page of everything, oldest first") {
    const coffer::journal_query q;
    CHECK_FALSE(q.after);
    CHECK_FALSE(q.before);
    CHECK_FALSE(q.about);
    CHECK_FALSE(q.lot);
    CHECK(q.limit > 0);
    CHECK_FALSE(q.newest_first);
}

TEST_CASE("the memory store is a store that knows where a wallet is") {
    STATIC_REQUIRE(coffer::check_store<coffer::memory_store>());
    STATIC_REQUIRE(coffer::store<coffer::memory_store>);
    coffer::memory_store store;
    coffer::detail::port_of port{store};
    CHECK(port.locate("acme").record == nullptr);  // nobody knows it yet
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    wallets["acme"].grant({.bucket = "package", .amount = 1_cr}).or_throw();
    CHECK(port.locate("acme").record != nullptr);
    CHECK(port.locate("acme").record == store.locate("acme").record);
}

TEST_CASE("a store that knows no places is asked for none") {
    coffer_test::whole_page_store store;
    coffer::detail::port_of port{store};
    CHECK(port.locate("acme").record == nullptr);
    CHECK(port.locate("acme").home == nullptr);
}

namespace {

/// Answers each page with an error.
struct broken_store : coffer_test::whole_page_store {
    coffer::result<void> open(const coffer::page_request&, coffer::page&) {
        return coffer::errc::corrupt_record;
    }
};

}  // namespace

TEST_CASE("load and find answer from a page, or with its error") {
    coffer_test::whole_page_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto w = wallets["acme"];
    w.grant({.bucket = "package", .amount = 9_cr, .request = "g"}).or_throw();
    const auto c = w.charge({.amount = 4_cr, .request = "c"}).or_throw();
    w.refund({.charge = "c", .request = "r"}).or_throw();
    CHECK(coffer::load(store, "acme")->totals.available == 9_cr);
    const auto found = coffer::find(store, "acme", "c").or_throw();
    REQUIRE(found.entries.size() == 1);  // and not what speaks of it
    CHECK(found.entries[0].id == c.id);
    CHECK(coffer::find(store, "acme", "x")->entries.empty());
    broken_store broken;
    CHECK(coffer::load(broken, "acme") == coffer::errc::corrupt_record);
    CHECK(coffer::find(broken, "acme", "c") == coffer::errc::corrupt_record);
}

TEST_CASE("notices and due wallets compare by what they say") {
    const coffer::notice a{.id = 1, .wallet = "acme", .kind = "alert", .text = "25%"};
    coffer::notice b = a;
    CHECK(a == b);
    b.text = "10%";
    CHECK_FALSE(a == b);
    const coffer::due_wallet d{.wallet = "acme", .due = {}};
    CHECK(d == coffer::due_wallet{.wallet = "acme", .due = {}});
    CHECK_FALSE(d == coffer::due_wallet{.wallet = "other", .due = {}});
}

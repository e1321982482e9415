#include "support/catch.hpp"
#include "support/dice.hpp"

#include <coffer/ledger/packed.hpp>

#include <cstdint>
#include <limits>
#include <string>

using coffer::instant;
using coffer::money;
using coffer::detail::packed_reader;
using coffer::detail::packed_writer;

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("rule 40: what is packed is read as it was, at the ends of its range, too") {
    for (std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                                std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
        CAPTURE(value);
        const std::string packed = packed_writer{}.number(value).take();
        packed_reader in{packed};
        CHECK(in.number() == value);
        CHECK(in.complete());
    }
    for (std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, lowest, highest}) {
        CAPTURE(value);
        const std::string packed = packed_writer{}.whole(value).byte(0xff).take();
        packed_reader in{packed};
        CHECK(in.whole() == value);
        CHECK_FALSE(in.complete());
        CHECK(in.byte() == 0xff);
        CHECK(in.complete());
    }
    const std::string packed =
        packed_writer{}.time(coffer::never).text("a").text("").rest("to the end").take();
    packed_reader in{packed};
    CHECK(in.time() == coffer::never);
    CHECK(in.text() == "a");
    CHECK(in.text().empty());
    CHECK(in.rest() == "to the end");
    CHECK(in.complete());
}

TEST_CASE("rule 40: money is packed with its currency, or as none") {
    for (const money& m :
         {money{}, money::from_minor(lowest, "EUR"), money::from_minor(highest, "JPY")}) {
        packed_writer out;
        pack(out, m);
        const std::string packed = out.take();
        packed_reader in{packed};
        CHECK(coffer::detail::read_money(in) == m);
        CHECK(in.complete());
    }
    const std::string packed = packed_writer{}.whole(1).text("eu").take();
    packed_reader in{packed};
    CHECK(coffer::detail::read_money(in).is_none());
    CHECK_FALSE(in.good());
}

TEST_CASE("rule 40: bytes that nothing packs to fail, and read as zeros from there on") {
    const auto fails = [](const std::string& bytes) {
        packed_reader in{bytes};
        const std::uint64_t value = in.number();
        return value == 0 && !in.good() && in.byte() == 0 && in.text().empty() && in.whole() == 0;
    };
    CHECK(fails(""));
    CHECK(fails("\x80"));                                          // ends too early
    CHECK(fails(std::string("\x80\x00", 2)));                      // not the shortest
    CHECK(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));      // beyond 64 bits
    CHECK(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));  // and longer
    packed_reader short_text{
        "\x05"
        "abcd"};
    CHECK(short_text.text().empty());
    CHECK_FALSE(short_text.good());
    packed_reader large{"\x7f"};
    CHECK(large.up_to(126) == 0);
    CHECK_FALSE(large.good());
    const std::string negative = packed_writer{}.number(std::uint64_t{1} << 63).take();
    packed_reader count{negative};
    CHECK(count.count() == 0);
    CHECK_FALSE(count.good());
}

TEST_CASE("rule 40: no bytes harm a reader") {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        coffer_test::fair_dice d{seed};
        std::string bytes;
        for (std::int64_t i = d.below(40); i > 0; --i) {
            bytes.push_back(static_cast<char>(d.one_in(2) ? d.below(256) : d.below(4)));
        }
        packed_reader in{bytes};
        for (int i = 0; i < 50 && in.good() && !in.complete(); ++i) {
            switch (d.below(5)) {
                case 0: in.number(); break;
                case 1: in.time(); break;
                case 2: in.text(); break;
                case 3: coffer::detail::read_money(in); break;
                default: in.byte();
            }
        }
        CHECK((in.complete() || !in.good()));
    }
}

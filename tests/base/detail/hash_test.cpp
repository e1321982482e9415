#include "support/catch.hpp"

#include <coffer/base/detail/hash.hpp>

#include <cstdint>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace detail = coffer::detail;
using detail::digest;

namespace {

std::string word(std::uint64_t value) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &value, 8);
    return bytes;
}

/// How many different hashes the texts have.
std::size_t distinct(const std::vector<std::string>& texts, std::uint64_t seed) {
    std::set<std::uint64_t> hashes;
    for (const std::string& text : texts) hashes.insert(detail::hash(text, seed));
    return hashes.size();
}

constexpr std::uint64_t seeds[] = {0, 1, 0x243f6a8885a308d3ull, ~std::uint64_t{0}};
/// Words of the digest's own making, which a client can know and send.
constexpr std::uint64_t own_words[] = {0xe7037ed1a0b428dbull, 0x8ebc6af09c88c6e3ull,
                                       0x589965cc75374cc3ull, 0xa0761d6478bd642full};

}  // namespace

TEST_CASE("the same text hashes alike, whatever memory it stands in") {
    for (std::size_t size = 0; size < 80; ++size) {
        std::string text(size, 'x');
        const std::string padded = "y" + text + "z";
        CHECK(detail::hash(text, 5) == detail::hash(std::string_view{padded}.substr(1, size), 5));
    }
}

TEST_CASE("every byte and the length of a text count") {
    for (std::uint64_t seed : seeds) {
        for (std::size_t size = 1; size < 70; ++size) {
            std::vector<std::string> texts{std::string(size, 'a'), std::string(size - 1, 'a'),
                                           std::string(size + 1, 'a'), std::string(size, '\0'),
                                           std::string(size + 1, '\0')};
            for (std::size_t i = 0; i < size; ++i) {
                texts.push_back(texts[0]);
                texts.back()[i] = 'b';
            }
            INFO("seed " << seed << " size " << size);
            CHECK(distinct(texts, seed) == texts.size());
        }
    }
}

TEST_CASE("another seed gives other hashes") {
    std::set<std::uint64_t> hashes;
    for (std::uint64_t seed = 0; seed < 1'000; ++seed) hashes.insert(detail::hash("acme", seed));
    CHECK(hashes.size() == 1'000);
}

TEST_CASE("a digest tells where one value ends and the next begins, and their order") {
    auto of = [](auto... values) {
        digest d;
        (d.add(values), ...);
        return d.value();
    };
    using std::string_view;
    const std::vector<std::uint64_t> all{of(string_view{"ab"}, string_view{"c"}),
                                         of(string_view{"a"}, string_view{"bc"}),
                                         of(string_view{"abc"}),
                                         of(string_view{"abc"}, string_view{}),
                                         of(string_view{}, string_view{"abc"}),
                                         of(std::uint64_t{1}, std::uint64_t{2}),
                                         of(std::uint64_t{2}, std::uint64_t{1}),
                                         of(std::uint64_t{1}),
                                         of(std::uint64_t{0}),
                                         of(std::uint64_t{0}, std::uint64_t{0}),
                                         of(std::int64_t{-1}),
                                         of()};
    CHECK(std::set<std::uint64_t>(all.begin(), all.end()).size() == all.size());
}

TEST_CASE("random values do not collide in all bits, nor much in the upper or lower half") {
    std::mt19937_64 random{1};
    std::set<std::uint64_t> whole;
    std::set<std::uint32_t> upper, lower;
    constexpr std::size_t count = 100'000;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t h = detail::hash("wallet-" + std::to_string(i), random());
        whole.insert(h);
        upper.insert(static_cast<std::uint32_t>(h >> 32));
        lower.insert(static_cast<std::uint32_t>(h));
    }
    CHECK(whole.size() == count);
    CHECK(upper.size() > count - 20);
    CHECK(lower.size() > count - 20);
}

TEST_CASE("counted names spread evenly over shards") {
    constexpr std::size_t shards = 256, count = 256 * 400;
    std::vector<int> load(shards);
    for (std::size_t i = 0; i < count; ++i) {
        ++load[detail::hash(std::to_string(i), 99) % shards];
    }
    for (int n : load) {
        CHECK(n > 280);
        CHECK(n < 520);
    }
}

TEST_CASE("nobody who knows the digest but not the seed can make texts that hash alike") {
    for (std::uint64_t seed : {seeds[2], std::uint64_t{77}}) {
        for (std::uint64_t w : own_words) {
            std::vector<std::string> one, two, cancelling, tails;
            for (std::uint64_t i = 0; i < 500; ++i) {
                one.push_back(word(w) + word(i));
                two.push_back(word(w) + word(i) + word(w) + word(i + 1));
                cancelling.push_back(word(w) + word(i) + word(w) + word(i ^ 12'345));
                tails.push_back(word(i) + word(~i) + word(w));
            }
            CHECK(distinct(one, seed) == 500);
            CHECK(distinct(two, seed) == 500);
            CHECK(distinct(cancelling, seed) == 500);
            CHECK(distinct(tails, seed) == 500);
        }
    }
}

/// Hashing of bytes for tables and for request contents. Not cryptographic: a table seeds it, since
/// clients choose ids; a content digest does not, since it is stored.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Mixes two words by a full 64 × 64 bit product.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using wide = unsigned __int128;
    wide product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Feeds values one after another into a 64-bit digest; the same on every machine of one byte
/// order.
class digest {
public:
    explicit digest(std::uint64_t seed = 0) noexcept
        : state_{seed ^ 0x8f1bbcdc4a7c15f3ull}, key_{std::rotl(seed, 32) ^ 0xe7037ed1a0b428dbull} {}

    digest& add(std::uint64_t value) noexcept {
        state_ = mix(state_ ^ value, 0x9e3779b97f4a7c15ull);
        return *this;
    }
    digest& add(std::int64_t value) noexcept { return add(static_cast<std::uint64_t>(value)); }
    digest& add(std::string_view text) noexcept {
        return text.empty() ? add(std::uint64_t{0xa0761d6478bd642full}) : add_letters(text);
    }

    std::uint64_t value() const noexcept { return mix(state_ ^ 0xd6e8feb86659fd93ull, state_); }

private:
    digest& add_letters(std::string_view text) noexcept {
        const char* at = text.data();
        std::size_t left = text.size();
        std::uint64_t state = state_ ^ (left * 0xa0761d6478bd642full);
        if (left >= 16) {
            for (; left >= 16; at += 16, left -= 16) {
                state = absorb(read(at, 8) ^ key_, read(at + 8, 8) ^ state);
            }
            if (left == 0) {  // the length went in at the start: nothing is left to tell apart
                state_ = state;
                return *this;
            }
        }
        if (left > 8) {
            state = absorb(read(at, 8) ^ key_, read(at + 8, left - 8) ^ state);
        } else {
            state = absorb(read(at, left) ^ ~key_, state ^ 0x589965cc75374cc3ull);
        }
        state_ = state;
        return *this;
    }

    /// Keeps both words in play even where a caller's bytes make one factor zero.
    static std::uint64_t absorb(std::uint64_t a, std::uint64_t b) noexcept {
        return mix(a, b) ^ a ^ b;
    }
    static std::uint64_t read(const char* from, std::size_t count) noexcept {
        std::uint64_t word = 0;
        if (count == 8) {
            std::memcpy(&word, from, 8);
        } else if (count >= 4) {  // two overlapping reads: no loop over bytes
            std::uint32_t low = 0;
            std::uint32_t high = 0;
            std::memcpy(&low, from, 4);
            std::memcpy(&high, from + count - 4, 4);
            word = low | (static_cast<std::uint64_t>(high) << 32);
        } else if (count > 0) {
            word = static_cast<unsigned char>(from[0]) |
                   (static_cast<std::uint64_t>(static_cast<unsigned char>(from[count / 2])) << 8) |
                   (static_cast<std::uint64_t>(static_cast<unsigned char>(from[count - 1])) << 16);
        }
        return word;
    }

    std::uint64_t state_;
    std::uint64_t key_;  // from the seed: bytes from outside cannot be chosen to cancel it
};

inline std::uint64_t hash(std::string_view text, std::uint64_t seed) noexcept {
    return digest{seed}.add(text).value();
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

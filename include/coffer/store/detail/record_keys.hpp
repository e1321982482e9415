/// The keys under which the store in memory finds wallets and their records.
#pragma once

#include <coffer/base/detail/hash.hpp>
#include <coffer/base/id.hpp>

#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Hashes of what is looked for. Each store has a seed of its own, since clients choose ids.
class record_keys {
public:
    explicit record_keys(std::uint64_t seed) noexcept : seed_{seed} {}

    std::uint64_t of(const wallet_id& wallet) const noexcept { return hash(wallet.text(), seed_); }
    /// Of a request of the wallet with that number; never zero.
    std::uint64_t of(std::uint64_t wallet, request_id::scope made_by,
                     std::string_view text) const noexcept {
        return hash(text, seed_ ^ wallet ^ static_cast<std::uint64_t>(made_by) << 32) | 1;
    }
    std::uint64_t of(std::uint64_t wallet, const request_id& request) const noexcept {
        return of(wallet, request.made_by(), request.text());
    }
    /// Of what speaks of an entry.
    std::uint64_t about(std::uint64_t wallet, entry_id entry) const noexcept {
        return digest{~seed_}.add(wallet << 32 | entry.value()).value();
    }
    /// Of the place of an entry in the journal.
    std::uint64_t milestone(std::uint64_t wallet, std::uint32_t entry) const noexcept {
        return digest{seed_}.add(wallet << 32 | entry).value();
    }

private:
    std::uint64_t seed_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

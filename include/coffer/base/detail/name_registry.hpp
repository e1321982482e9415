/// The names of buckets, each kept once for the life of the program, so that records hold a number
/// in place of a text. Reading a name takes no lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <new>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

class name_registry {
public:
    static constexpr std::size_t max_size = 63;
    static constexpr std::uint32_t max_names = 65'000;

    /// The number of a name that is there; 0 if it is not.
    std::uint16_t find(std::string_view text) const noexcept {
        std::uint32_t count = count_.load(std::memory_order_acquire);
        for (std::uint32_t number = 1; number <= count; ++number) {
            if (slot(number)->view() == text) return static_cast<std::uint16_t>(number);
        }
        return 0;
    }

    /// The number of a name, added if it is new; 0 if it cannot be kept.
    std::uint16_t number_of(std::string_view text) noexcept {
        if (text.empty() || text.size() > max_size) return 0;
        if (std::uint16_t known = find(text)) return known;
        std::lock_guard lock{adding_};
        if (std::uint16_t known = find(text)) return known;
        std::uint32_t number = count_.load(std::memory_order_relaxed) + 1;
        if (number > max_names) return 0;
        std::atomic<name*>& block = blocks_[number / block_size];
        if (!block.load(std::memory_order_relaxed)) {
            name* fresh = new (std::nothrow) name[block_size]{};
            if (!fresh) return 0;
            block.store(fresh, std::memory_order_release);
        }
        name* kept = block.load(std::memory_order_relaxed) + number % block_size;
        std::memcpy(kept->bytes, text.data(), text.size());
        kept->size = static_cast<std::uint8_t>(text.size());
        count_.store(number, std::memory_order_release);
        return static_cast<std::uint16_t>(number);
    }

    std::string_view text_of(std::uint16_t number) const noexcept {
        if (number == 0 || number > count_.load(std::memory_order_acquire)) return {};
        return slot(number)->view();
    }

private:
    struct name {
        char bytes[max_size];
        std::uint8_t size;
        std::string_view view() const noexcept { return {bytes, size}; }
    };
    static constexpr std::uint32_t block_size = 512;

    const name* slot(std::uint32_t number) const noexcept {
        return blocks_[number / block_size].load(std::memory_order_acquire) + number % block_size;
    }

    std::mutex adding_;
    std::atomic<std::uint32_t> count_{0};
    std::atomic<name*> blocks_[max_names / block_size + 1]{};
};

/// The one registry of the program. It is never destroyed, so that names outlive everything.
inline name_registry& bucket_names() noexcept {
    alignas(name_registry) static std::byte room[sizeof(name_registry)];
    static name_registry* registry = ::new (static_cast<void*>(room)) name_registry;
    return *registry;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// Objects that are only ever added, addressed by number, and never moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Numbers begin at 1. Guarantees: after `reserve_one` the next `add` does not throw.
template <class T>
class slot_pool {
public:
    T& operator[](std::uint32_t number) const noexcept {
        return blocks_[(number - 1) / block_size][(number - 1) % block_size];
    }
    std::uint32_t size() const noexcept { return size_; }
    void reserve_one() {
        if (size_ == blocks_.size() * block_size) {
            blocks_.push_back(std::unique_ptr<T[]>{new T[block_size]});
        }
    }
    T& add() noexcept { return (*this)[++size_]; }

private:
    static constexpr std::uint32_t block_size = 16;

    std::vector<std::unique_ptr<T[]>> blocks_;
    std::uint32_t size_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// Which items, any number of each, reach a size for the least money: whole numbers, exactly, in
/// bounded work. Private to coffer.
#pragma once

#include <coffer/amount/detail/wide.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

struct cover_item {
    std::int64_t size;
    std::int64_t price;
};

struct cheapest_cover_answer {
    std::vector<std::int64_t> counts{};  ///< Of each item, in their order.
    int128 price = 0;
    int128 at_least = 0;  ///< Nothing is cheaper than this; the price, once that is proven.
};

/// Looks through the combinations, the best price per size first, and leaves out those that cannot
/// be cheaper than the best so far.
class cover_search {
public:
    /// Requires: items, of sizes and prices that are positive, as is `need`.
    cover_search(const std::vector<cover_item>& items, std::int64_t need, std::int64_t most_steps)
        : steps_left_{most_steps} {
        for (std::size_t i = 0; i < items.size(); ++i) {
            all_.push_back({i, std::min(items[i].size, need), items[i].price, 0, 0});
        }
        drop_useless();
        std::sort(all_.begin(), all_.end(), [](const item& a, const item& b) {
            const int128 left = wide_product(a.price, b.size);
            const int128 right = wide_product(b.price, a.size);
            return left != right ? left < right : a.size > b.size;
        });
        limit_counts();
        for (const item& i : all_) price_step_ = std::gcd(price_step_, i.price);
        counts_.resize(all_.size());
        best_counts_ = counts_;
        best_ = std::numeric_limits<int128>::max();
        at_least_ = bound(0, need);
        look(0, need, 0);
    }

    cheapest_cover_answer answer(std::size_t items) const {
        cheapest_cover_answer found{std::vector<std::int64_t>(items), best_,
                                    steps_left_ > 0 ? best_ : std::min(at_least_, best_)};
        for (std::size_t i = 0; i < all_.size(); ++i) {
            found.counts[all_[i].place] = best_counts_[i];
        }
        return found;
    }

private:
    struct item {
        std::size_t place;
        std::int64_t size;  // no more than what is needed
        std::int64_t price;
        std::int64_t most;  // no cheapest combination needs more
        int128 reach;       // the size of the most of this and all that follow
    };

    static std::int64_t times(std::int64_t need, std::int64_t size) noexcept {
        return need / size + (need % size != 0 ? 1 : 0);
    }

    /// Drops what is never better than some of another: one of it that is no dearer, or several
    /// that are cheaper.
    void drop_useless() {
        const auto replaces = [](const item& other, const item& one) {
            if (other.place == one.place) return false;
            const std::int64_t count = times(one.size, other.size);
            const int128 instead = wide_product(other.price, count);
            if (count > 1 || instead != one.price) return instead < one.price;
            return other.size > one.size || other.place < one.place;
        };
        std::vector<item> useful;
        for (const item& one : all_) {
            const auto is_better = [&](const item& other) { return replaces(other, one); };
            if (std::none_of(all_.begin(), all_.end(), is_better)) useful.push_back(one);
        }
        all_ = std::move(useful);
    }

    /// As many of one as make a multiple of a better one's size are no better than that.
    void limit_counts() {
        int128 reach = 0;
        for (std::size_t i = all_.size(); i-- > 0;) {
            item& one = all_[i];
            one.most = std::numeric_limits<std::int64_t>::max();
            for (std::size_t k = 0; k < i; ++k) {
                const std::int64_t shared = std::gcd(one.size, all_[k].size);
                one.most = std::min(one.most, all_[k].size / shared - 1);
            }
            constexpr int128 enough = std::numeric_limits<std::int64_t>::max();
            reach = std::min(enough, reach + wide_product(one.most, one.size));
            one.reach = reach;
        }
    }

    /// The least price for which the items from one on may reach a size.
    int128 bound(std::size_t from, std::int64_t need) const noexcept {
        int128 least = std::numeric_limits<int128>::max();
        for (std::size_t i = from; i < all_.size(); ++i) {
            const item& one = all_[i];
            int128 price = one.price;
            if (one.size < need) price = (wide_product(need, one.price) + one.size - 1) / one.size;
            least = std::min(least, price);
        }
        return whole_steps(least);
    }
    /// All prices are multiples of a step.
    int128 whole_steps(int128 price) const noexcept {
        const int128 over = price % price_step_;
        return over == 0 ? price : price - over + price_step_;
    }

    /// Whether the items from one on cannot reach a size for less than the best; with a larger size
    /// for the money that one of a better item leaves, they still cannot.
    bool is_hopeless(std::size_t from, std::int64_t need, int128 price) const noexcept {
        if (need <= 0) return price >= best_;
        if (from == all_.size() || need > all_[from].reach) return true;
        const item& one = all_[from];
        return price + wide_product(need, one.price) / one.size >= best_;
    }

    void look(std::size_t from, std::int64_t need, int128 price) {
        if (steps_left_ == 0) return;
        --steps_left_;
        if (need <= 0) {
            best_ = price;
            best_counts_ = counts_;
            return;
        }
        if (price + bound(from, need) >= best_) return;
        const item& one = all_[from];
        std::int64_t count = std::min(times(need, one.size), one.most);
        for (; count >= 0 && steps_left_ > 0; --count) {
            const int128 covered = wide_product(one.size, count);
            const std::int64_t left =
                covered >= need ? 0 : static_cast<std::int64_t>(need - covered);
            const int128 paid = price + wide_product(one.price, count);
            if (left > 0 && is_hopeless(from + 1, left, paid)) break;
            counts_[from] = count;
            if (paid < best_) look(from + 1, left, paid);
        }
        counts_[from] = 0;
    }

    std::vector<item> all_;
    std::vector<std::int64_t> counts_;
    std::vector<std::int64_t> best_counts_;
    int128 best_;
    int128 at_least_;
    std::int64_t price_step_ = 0;
    std::int64_t steps_left_;
};

/// The cheapest combination of items that reaches a size.
///
/// Requires: items, of sizes and prices that are positive, as is `need`.
/// Guarantees: what is answered reaches it, and costs less than one item of the best price per size
/// more than `at_least`.
/// Complexity: at most `most_steps` combinations are begun, each in linear time.
inline cheapest_cover_answer cheapest_cover(const std::vector<cover_item>& items, std::int64_t need,
                                            std::int64_t most_steps) {
    return cover_search{items, need, most_steps}.answer(items.size());
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

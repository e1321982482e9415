/// Many charges in one call, of one or of many wallets: each is decided by itself, all are written
/// together where the store can do so.
#pragma once

#include <coffer/perform/charge.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A charge of a batch, and the wallet that it is for.
struct aimed_charge {
    const target& wallet;
    const charge_request& request;
};

/// A group of the store's, which is dropped unless it comes to its end.
class open_group {
public:
    explicit open_group(store_port& store) : store_{store}, begun_{store.begin_group()} {}
    open_group(const open_group&) = delete;
    open_group& operator=(const open_group&) = delete;
    ~open_group() {
        if (begun_) store_.drop_group();
    }

    const result<void>& begun() const noexcept { return begun_; }
    commit_outcome end() {
        begun_ = errc::unavailable;
        return store_.end_group();
    }

private:
    store_port& store_;
    result<void> begun_;
};

/// Charges one after another, and tells the store some beforehand which comes next. The answers are
/// in the order of the charges. Where the store writes them together and fails to, that failure is
/// the answer to all of them: each was decided on what those before it wrote.
/// `item(i)`: the i-th charge, as an `aimed_charge`.
template <class Item>
std::vector<result<receipt>> charge_each(engine& by, std::size_t count, Item&& item) {
    constexpr std::size_t ahead = 8;
    std::vector<result<receipt>> answers;
    answers.reserve(count);
    const auto announce = [&](std::size_t i) {
        if (i >= count) return;
        const aimed_charge next = item(i);
        by.store().prefetch(next.wallet.place, next.request.request);
    };
    kept_commits kept;  // in a group, nothing is written before its end
    const manner how{.kept = by.store().groups() ? &kept : nullptr};
    open_group group{by.store()};
    if (!group.begun()) {
        answers.assign(count, group.begun().error());
        return answers;
    }
    for (std::size_t i = 0; i < std::min(ahead, count); ++i) announce(i);
    for (std::size_t i = 0; i < count; ++i) {
        announce(i + ahead);
        const aimed_charge next = item(i);
        answers.push_back(charge(by, next.wallet, next.request, how));
    }
    const commit_outcome written = group.end();
    if (written != commit_outcome::committed) {
        answers.assign(count, error_of(written));
        return answers;
    }
    kept.show_to(by.observed_by());
    return answers;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer

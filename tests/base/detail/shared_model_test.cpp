#include "support/catch.hpp"

#include <coffer/base/detail/shared_model.hpp>

#include <type_traits>
#include <utility>

namespace {

struct asked : coffer::detail::shared_object {
    virtual int answer() const = 0;
};

/// Counts how many of it there are.
struct counted {
    explicit counted(int& alive, int says) : alive_{&alive}, says_{says} { ++*alive_; }
    counted(const counted& other) : alive_{other.alive_}, says_{other.says_} { ++*alive_; }
    counted& operator=(const counted&) = delete;
    ~counted() { --*alive_; }
    int says() const noexcept { return says_; }

private:
    int* alive_;
    int says_;
};

template <class Policy>
struct of final : asked {
    explicit of(Policy p) : policy(std::move(p)) {}
    int answer() const override { return policy.says(); }
    Policy policy;
};

using model = coffer::detail::shared_model<asked>;

static_assert(std::is_nothrow_copy_constructible_v<model> &&
              std::is_nothrow_move_constructible_v<model>);

}  // namespace

TEST_CASE("a model that copies share lives as long as the last of them") {
    int alive = 0;
    model kept;
    CHECK_FALSE(kept);
    {
        const model first = coffer::detail::share<asked, of>(counted{alive, 7});
        CHECK(alive == 1);
        kept = first;
        CHECK(alive == 1);
        CHECK(first->answer() == 7);
    }
    CHECK(alive == 1);
    CHECK(kept->answer() == 7);
    kept = model{};
    CHECK_FALSE(kept);
    CHECK(alive == 0);
}

TEST_CASE("a model that was moved from or assigned to itself still answers") {
    int alive = 0;
    model one = coffer::detail::share<asked, of>(counted{alive, 1});
    model other = std::move(one);
    CHECK(one->answer() == 1);
    model& self = other;
    other = self;
    CHECK(other->answer() == 1);
    one = coffer::detail::share<asked, of>(counted{alive, 2});
    CHECK(one->answer() == 2);
    CHECK(other->answer() == 1);
    CHECK(alive == 2);
}

// How hard tests try.
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COFFER_TEST_IS_SLOWED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COFFER_TEST_IS_SLOWED 1
#endif

namespace coffer_test {

/// How often a test draws at random: an eighth of it under a sanitizer, which makes each draw ten
/// times as long.
constexpr int draws(int count) noexcept {
#ifdef COFFER_TEST_IS_SLOWED
    return count / 8;
#else
    return count;
#endif
}

}  // namespace coffer_test

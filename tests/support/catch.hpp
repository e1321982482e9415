/// One include for Catch2 2.13 and 3: the only file that knows which of them it is.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>

#include <string>
#include <utility>

namespace Catch::Matchers {

inline auto ContainsSubstring(std::string text) { return Contains(std::move(text)); }

}  // namespace Catch::Matchers
#endif

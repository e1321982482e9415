/// Reads a trace of requests to a language model: `TIMESTAMP,ContextTokens,GeneratedTokens`, in
/// UTF-8 with a byte order mark or without. A time is in UTC unless it has an offset.
#pragma once

#include <coffer/base/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Why the program cannot do what it was asked to: one sentence for people.
struct bad_input {
    std::string sentence;
};

/// The most tokens that one request may have.
inline constexpr std::int64_t max_tokens = 1'000'000'000;

/// One request of a trace.
struct traced_request {
    std::int64_t after = 0;  ///< Since the first row, in the trace's steps of 100 ns.
    std::int64_t context_tokens = 0;
    std::int64_t generated_tokens = 0;
};

/// All rows, in their order. `source` is how errors call the text.
coffer::result<std::vector<traced_request>, bad_input> parse_trace(std::string_view text,
                                                                   std::string_view source);

coffer::result<std::vector<traced_request>, bad_input> load_trace(const std::string& path);

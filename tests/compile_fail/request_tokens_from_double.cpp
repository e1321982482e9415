// expect: coffer: '.input_tokens' and the like, and '.priority', are whole numbers
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void settle(const coffer::settle_request&);

void use() {
#ifdef COFFER_FIXED
    settle({.input_tokens = 2});
#else
    settle({.input_tokens = 1.5});
#endif
}

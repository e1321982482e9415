// expect: coffer: '.amount', '.at_most' and '.tolerance' of a request are credits
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void grant(const coffer::grant_request&);

void use() {
#ifdef COFFER_FIXED
    grant({.bucket = "package", .amount = coffer::credits::parse("100").or_throw()});
#else
    grant({.bucket = "package", .amount = "100"});
#endif
}

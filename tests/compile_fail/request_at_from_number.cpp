// expect: coffer: '.at', '.anchor', '.effective' and '.expires' of a request are instants
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void charge(const coffer::charge_request&);

void use() {
#ifdef COFFER_FIXED
    charge({.action = "image", .at = coffer::instant{std::chrono::seconds{1'700'000'000}}});
#else
    charge({.action = "image", .at = 1'700'000'000});
#endif
}

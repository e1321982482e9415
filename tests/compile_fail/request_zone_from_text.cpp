// expect: coffer: '.zone' of a request is a zone
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void start(const coffer::start_request&);

void use() {
#ifdef COFFER_FIXED
    start({.zone = coffer::zone::find("Europe/Berlin").or_throw()});
#else
    start({.zone = "Europe/Berlin"});
#endif
}

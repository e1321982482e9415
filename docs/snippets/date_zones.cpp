// The part of the page on time that needs the library date.
#include "figures.hpp"

#include <coffer/coffer.hpp>
#include <coffer/time/date_zones.hpp>

#include <chrono>

using namespace std::chrono_literals;

int main() {
    // [date_zones]
    coffer::use_date_zones();  // the first thing that the program does

    const coffer::zone berlin = coffer::zone::find("Europe/Berlin").or_throw();
    holds(berlin.offset(at("2026-07-01T00:00:00Z")) == 2h);
    // [/date_zones]
    return figures.verdict(1);
}

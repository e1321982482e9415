#include <coffer/time/date_zones.hpp>

// The package brings date along.
int main() { return coffer::find_date_zone("Europe/Berlin") ? 0 : 1; }

// expect: (money_is_written_in_decimal_with_the_decimals_of_its_currency|constant expression)
// shows: money_is_written_in_decimal_with_the_decimals_of_its_currency
#include <coffer/amount/amount.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
constexpr auto price = eur("10.00");
#else
constexpr auto price = eur("10.001");
#endif

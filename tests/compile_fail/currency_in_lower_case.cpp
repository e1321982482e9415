// expect: (a_currency_is_written_as_three_upper_case_letters|constant expression)
#include <coffer/amount/amount.hpp>

#ifdef COFFER_FIXED
constexpr coffer::currency in{"USD"};
#else
constexpr coffer::currency in{"usd"};
#endif

// expect: coffer: prices are scaled by a 'coffer::factor' or by what answers one for a wallet
#include <coffer/policy/cost/scaled.hpp>

#include <string_view>

struct agreed {
#ifdef COFFER_FIXED
    coffer::factor operator()(std::string_view) const { return {3, 4}; }
#else
    int operator()(std::string_view) const { return 75; }
#endif
};

coffer::cost::scaled<coffer::cost_table, agreed> prices;

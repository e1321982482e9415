// expect: coffer: a gateway needs 'result<std::optional<payment_answer>>
#include <coffer/coffer.hpp>
#include <coffer/wallet/payer.hpp>

#include <optional>
#include <string_view>

struct provider {
#ifdef COFFER_FIXED
    coffer::result<std::optional<coffer::payment_answer>> find(std::string_view);
#endif
    coffer::result<coffer::payment_answer> charge(const coffer::payment_request&);
};
using shop = coffer::wallets<coffer::plans::prepaid<>, coffer::memory_store>;
void use(shop& wallets, provider& gateway) { coffer::payer payer{wallets, gateway}; }

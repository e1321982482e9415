/// The verb `reprice` of a scenario, which the format has no words for: other prices from now on.
/// You need it only to write a runner of your own; `scenario.hpp` has one.
#pragma once

#include <coffer/io/detail/cost_reader.hpp>
#include <coffer/io/json_reader.hpp>
#include <coffer/policy/cost/cost.hpp>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The verb `reprice`: no request of a wallet, but what a host does to its list.
struct reprice_request {
    cost_table prices{};
};

/// Reads prices as plans have them.
class reprice_reader : public cost_reader {
public:
    reprice_request replacement(const json_place& at) {
        if (!object(at, {"costs"})) return {};
        const json_place list = need(at, "costs");
        return good() ? reprice_request{costs(list)} : reprice_request{};
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

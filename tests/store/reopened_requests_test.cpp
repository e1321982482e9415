// The conformance kit tells stores that take requests over from those that do not.
#include "support/catch.hpp"
#include "support/whole_page_store.hpp"

#include <coffer/testing/store_conformance.hpp>

#include <memory>

namespace {

/// Takes no request over: each that is known stays a duplicate.
class unyielding_store : public coffer_test::whole_page_store {
public:
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        coffer::commit_batch all_new = batch;
        all_new.reopened = {};
        return whole_page_store::commit(all_new);
    }
};

/// Answers with the journal's first entry of a request, not with its newest.
class nostalgic_store : public coffer_test::whole_page_store {
public:
    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        auto opened = whole_page_store::open(wanted, into);
        if (!opened || into.known.empty()) return opened;
        auto all = entries(wanted.wallet, {});
        if (!all) return all.error();
        for (const coffer::entry& e : all->entries) {
            if (e.request != wanted.request.text()) continue;
            into.known.assign(1, e);
            into.texts = all->texts;
            break;
        }
        return opened;
    }
};

constexpr coffer::testing::conformance_options quick{.lots = 20, .threads = 1, .rounds = 1};

template <class Store>
coffer::testing::conformance_report report_of() {
    return coffer::testing::check_store_conformance([] { return std::make_unique<Store>(); },
                                                    quick);
}

bool passes(const coffer::testing::conformance_report& report, std::string_view check) {
    const auto* found = report.find(check);
    REQUIRE(found != nullptr);
    return found->passed;
}

}  // namespace

TEST_CASE("a store that takes no request over does not pass") {
    constexpr auto takes_over =
        "commit: an entry takes over the request of the one that is reopened";
    const auto right = report_of<coffer_test::whole_page_store>();
    INFO(right.to_text());
    CHECK(right.passed());
    CHECK_FALSE(passes(report_of<unyielding_store>(), takes_over));
    CHECK_FALSE(passes(report_of<nostalgic_store>(), takes_over));
}

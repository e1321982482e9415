#include "support/sqlite_scratch.hpp"
#include "wallet/payer/fixture.hpp"

#include <coffer/store/sqlite.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;

namespace {

/// A provider that several processes share: a file for each payment, made once.
class file_gateway {
public:
    explicit file_gateway(std::string folder) : folder_{std::move(folder)} {}

    /// Ends this process after the so manieth step: 1 before, 2 after the first charge …
    int dies_at = 0;

    coffer::result<std::optional<coffer::payment_answer>> find(std::string_view key) {
        step();
        std::optional<coffer::payment_answer> found;
        if (std::filesystem::exists(file_of(key))) found = answer_to(key);
        step();
        return found;
    }
    coffer::result<coffer::payment_answer> charge(const coffer::payment_request& r) {
        const int file = ::open(file_of(r.key).c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (file >= 0) {
            ::close(file);
            const int log =
                ::open((folder_ + "/taken").c_str(), O_CREAT | O_APPEND | O_WRONLY, 0600);
            const ssize_t written = ::write(log, "x", 1);
            ::close(log);
            if (written != 1) return coffer::errc::unavailable;
        }
        step();
        return answer_to(r.key);
    }
    /// How often money was taken.
    std::size_t taken() const {
        const std::string log = folder_ + "/taken";
        return std::filesystem::exists(log) ? std::filesystem::file_size(log) : 0;
    }

private:
    static coffer::payment_answer answer_to(std::string_view key) {
        return {.state = coffer::payment_state::succeeded, .reference = "for " + std::string{key}};
    }
    std::string file_of(std::string_view key) const {
        std::string name{key};
        for (char& c : name) c = c == '/' ? '-' : c;
        return folder_ + "/" + name;
    }
    void step() {
        if (--dies_at == 0) ::_exit(9);
    }

    std::string folder_;
};

/// Wallets that ran low, in a file, and a provider in a folder.
struct file_shop {
    explicit file_shop(int count) {
        std::filesystem::create_directory(folder);
        with_wallets([&](auto& wallets) {
            for (int i = 0; i < count; ++i) {
                auto w = wallets["w" + std::to_string(i)];
                w.grant({.bucket = "package", .amount = 60_cr}).or_throw();
                w.charge({.amount = 20_cr}).or_throw();
            }
        });
    }
    ~file_shop() { std::filesystem::remove_all(folder); }
    file_shop(const file_shop&) = delete;
    file_shop& operator=(const file_shop&) = delete;

    template <class F>
    void with_wallets(F&& f) {
        auto store = coffer::sqlite_store::open(file.path(), hasty).or_throw();
        coffer::wallets wallets{recharging_plan(), store};
        f(wallets);
    }
    /// Pays in a process of its own, which may die; answers its number.
    pid_t pay_elsewhere(int dies_at) {
        const pid_t child = ::fork();
        if (child != 0) return child;
        with_wallets([&](auto& wallets) {
            file_gateway gateway{folder};
            gateway.dies_at = dies_at;
            coffer::payer payer{wallets, gateway};
            for (int i = 0; i < 3; ++i) static_cast<void>(payer.run());
        });
        ::_exit(0);
    }
    void check_paid(int count) {
        CHECK(file_gateway{folder}.taken() == static_cast<std::size_t>(count));
        with_wallets([&](auto& wallets) {
            for (int i = 0; i < count; ++i) {
                auto w = wallets["w" + std::to_string(i)];
                CHECK(w.balance()->available == 145_cr);
                CHECK(w.orders()->empty());
                CHECK(w.verify()->sound);
            }
            CHECK(wallets.store().notices(10)->empty());
        });
    }

    scratch_file file;
    std::string folder = file.path() + ".provider";
};

int ended(pid_t child) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE(
    "rule 31: a payer that dies at any step is taken up by the next, without a second charge") {
    for (int dies_at = 1; dies_at <= 7; ++dies_at) {
        CAPTURE(dies_at);
        file_shop shop{2};
        const int code = ended(shop.pay_elsewhere(dies_at));
        CHECK(code == (dies_at <= 6 ? 9 : 0));  // three steps an order
        CHECK(ended(shop.pay_elsewhere(0)) == 0);
        shop.check_paid(2);
    }
}

TEST_CASE("rule 31: payers in several processes on one file charge once and grant once") {
    for (int round = 0; round < 3; ++round) {
        file_shop shop{6};
        std::vector<pid_t> children;
        for (int i = 0; i < 3; ++i) children.push_back(shop.pay_elsewhere(0));
        for (pid_t child : children) CHECK(ended(child) == 0);
        CHECK(ended(shop.pay_elsewhere(0)) == 0);
        shop.check_paid(6);
    }
}

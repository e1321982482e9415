/// Seeing in process what wallets commit: for live views, metrics and caches. What the world
/// outside must not miss goes by `deliver`.
///
///     coffer::observing live{[&](const coffer::committed& c) { push(c.wallet, c.notices); }};
///     wallets.observe(live);
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/store/detail/entry_codec.hpp>
#include <coffer/store/page.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What one operation, or a sweep, has written. All of it lasts as long as the call.
struct committed {
    const wallet_id& wallet;
    std::span<const entry> entries;   ///< In order.
    std::span<const notice> notices;  ///< What the entries tell; their `id` is not known here.
};

/// Sees each commit of its `wallets` after it was made, outside any lock, in the thread that made
/// it and before that has its answer. It may call wallets itself.
///
/// Guarantees: at most once; nothing that was not written, nothing on a repeat. Commits that two
/// threads make on one wallet may be seen in either order, which the numbers of the entries tell.
/// What it throws is dropped: what has been committed is answered.
class observer {
public:
    virtual void see(const committed& what) = 0;

protected:
    observer() = default;
    observer(const observer&) = default;
    observer& operator=(const observer&) = default;
    ~observer() = default;
};

/// An observer that is a function.
template <class F>
class observing final : public observer {
public:
    explicit observing(F f) : f_{std::move(f)} {}
    void see(const committed& what) override { f_(what); }

private:
    F f_;
};

namespace detail {

inline void show(observer& to, const committed& what) noexcept {
#if defined(__cpp_exceptions)
    try {
        to.see(what);
    } catch (...) {  // the commit stands, and so does its answer
    }
#else
    to.see(what);
#endif
}

/// Commits that are shown once the group that they belong to is written.
class kept_commits {
public:
    void keep(const committed& what) {
        one& kept = all_.emplace_back();
        kept.wallet = what.wallet;
        kept.notices.assign(what.notices.begin(), what.notices.end());
        kept.entries.resize(what.entries.size());
        for (std::size_t i = 0; i < what.entries.size(); ++i) {
            byte_list& bytes = kept.texts.emplace_back();
            (void)pack(what.entries[i], bytes);  // it was written: it can be
            (void)unpack(bytes.data(), bytes.size(), kept.entries[i]);
        }
    }
    void show_to(observer* by) const noexcept {
        for (const one& kept : all_) {
            if (by) show(*by, {kept.wallet, kept.entries, kept.notices});
        }
    }

private:
    struct one {
        wallet_id wallet{};
        std::vector<entry> entries{};
        std::vector<notice> notices{};
        std::vector<byte_list> texts{};  // of the entries
    };
    std::vector<one> all_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

/// How a program of the documentation checks the figures of its page.
#pragma once

#include <coffer/coffer.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// Counts the figures of the page, and those that are wrong.
class figures_of_page {
public:
    void note(bool is_right) {
        ++all_;
        if (is_right) return;
        std::printf("figure %d of the page is wrong\n", all_);
        ++wrong_;
    }
    /// The exit code of the program; `expected` keeps a page from losing its figures unnoticed.
    int verdict(int expected) const {
        return wrong_ == 0 && all_ == expected ? EXIT_SUCCESS : EXIT_FAILURE;
    }

private:
    int all_ = 0;
    int wrong_ = 0;
};

inline figures_of_page figures;

inline void holds(bool figure) { figures.note(figure); }

inline coffer::instant at(std::string_view text) { return coffer::parse_instant(text).or_throw(); }
inline coffer::money usd(std::string_view amount) {
    return coffer::money::parse(std::string{amount} + " USD").or_throw();
}

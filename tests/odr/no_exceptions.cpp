// Compiled with -fno-exceptions: no header may need them, and a result is asked, not thrown.
#include <coffer/coffer.hpp>

coffer::errc ask(const coffer::result<int>& answer);

coffer::errc ask(const coffer::result<int>& answer) {
    return answer ? coffer::errc{} : answer.error().code();
}

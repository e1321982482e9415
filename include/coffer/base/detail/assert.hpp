/// The hook for programmers' mistakes. Define COFFER_ASSERT before the first include to route a
/// failed precondition to your own handler; it must be the same in every translation unit.
#pragma once

#ifndef COFFER_ASSERT
#include <cassert>
#define COFFER_ASSERT(condition) assert(condition)
#endif

// The whole library again; see first.cpp.
#include <coffer/coffer.hpp>

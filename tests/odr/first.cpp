// The whole library once; second.cpp holds it again, and both are linked into one program.
#include <coffer/coffer.hpp>

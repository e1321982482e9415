#include <coffer/store/sqlite.hpp>

// The package brings SQLite along.
int main() { return coffer::sqlite_store::open(":memory:") ? 0 : 1; }

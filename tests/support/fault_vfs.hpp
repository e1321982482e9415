/// A disk that fails as it is told: a layer between SQLite and the operating system. While a
/// `fault_vfs` lives, stores that are opened go through it.
#pragma once

#include <sqlite3.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <new>
#include <string>
#include <utility>

namespace coffer_test {

/// What happens when the operation comes that is to fail.
enum class disk_fault : std::uint8_t {
    none,
    error,      ///< That operation fails, as a disk does.
    errors,     ///< It fails, and all after it.
    full,       ///< There is no room for that operation.
    fulls,      ///< Nor for any after it.
    done_late,  ///< It happens, and is reported as failed.
    kill,       ///< The process ends before it.
    power,      ///< So does the machine: what was not flushed is gone.
};

/// Counts what changes a file: writes, cuts, flushes and removals. Does not really flush.
class fault_vfs {
public:
    fault_vfs() {
        real() = sqlite3_vfs_find(nullptr);
        vfs_ = *real();
        vfs_.iVersion = 1;
        vfs_.zName = "coffer-test-faults";
        vfs_.szOsFile += static_cast<int>(sizeof(file));
        vfs_.xOpen = open;
        vfs_.xDelete = remove;
        plan() = {};
        sqlite3_vfs_register(&vfs_, 1);
    }
    fault_vfs(const fault_vfs&) = delete;
    fault_vfs& operator=(const fault_vfs&) = delete;
    ~fault_vfs() {
        sqlite3_vfs_unregister(&vfs_);
        sqlite3_vfs_register(real(), 1);
    }

    /// The `n`th operation from now on, counted from 1, fails.
    static void fail(int n, disk_fault how) { plan() = {.left = n, .how = how}; }
    static void heal() { plan() = {}; }
    /// How many operations are left until then.
    static int left() { return plan().left; }
    /// Whether the operation that was to fail has come.
    static bool has_failed() { return plan().how != disk_fault::none && plan().left <= 0; }

private:
    struct file {
        sqlite3_file base;
        const char* name;
        sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };
    struct script {
        int left = 0;
        disk_fault how = disk_fault::none;
    };
    static script& plan() {
        static script current;
        return current;
    }
    /// What is on the disk for sure, file by file.
    static std::map<std::string, std::string>& flushed() {
        static std::map<std::string, std::string> all;
        return all;
    }
    static void keep_flushed(const char* name, sqlite3_file* of) {
        sqlite3_int64 size = 0;
        if (plan().how != disk_fault::power || !name) return;
        of->pMethods->xFileSize(of, &size);
        std::string all(static_cast<std::size_t>(size), '\0');
        of->pMethods->xRead(of, all.data(), static_cast<int>(size), 0);
        flushed()[name] = std::move(all);
    }
    static void lose_power() {
        for (const auto& [name, bytes] : flushed()) {
            std::ofstream{name, std::ios::binary | std::ios::trunc} << bytes;
        }
        std::raise(SIGKILL);
    }

    static sqlite3_vfs*& real() {
        static sqlite3_vfs* found = nullptr;
        return found;
    }

    /// Lets an operation happen, or not.
    template <class Operation>
    static int pass(int error, Operation&& operation) {
        script& p = plan();
        if (p.how == disk_fault::none) return operation();
        const int place = --p.left;
        const bool lasts = p.how == disk_fault::errors || p.how == disk_fault::fulls;
        if (place > 0 || (place < 0 && !lasts)) return operation();
        switch (p.how) {
            case disk_fault::kill: std::raise(SIGKILL); break;
            case disk_fault::power: lose_power(); break;
            case disk_fault::full:
            case disk_fault::fulls: return SQLITE_FULL;
            case disk_fault::done_late: operation(); break;
            default: break;
        }
        return error;
    }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* where, int flags, int* out) {
        auto* made = ::new (static_cast<void*>(where)) file{};
        std::memset(made->below(), 0, static_cast<std::size_t>(real()->szOsFile));
        const int code = real()->xOpen(real(), name, made->below(), flags, out);
        made->base.pMethods = made->below()->pMethods ? methods() : nullptr;
        made->name = name;
        if (made->base.pMethods) keep_flushed(name, made->below());
        return code;
    }
    static int remove(sqlite3_vfs*, const char* name, int flush) {
        return pass(SQLITE_IOERR_DELETE, [&] { return real()->xDelete(real(), name, flush); });
    }
    static sqlite3_file* below(sqlite3_file* f) { return reinterpret_cast<file*>(f)->below(); }
    static const sqlite3_io_methods* methods() {
        static const sqlite3_io_methods all{
            .iVersion = 1,
            .xClose = [](sqlite3_file* f) { return below(f)->pMethods->xClose(below(f)); },
            .xRead =
                [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
                    return below(f)->pMethods->xRead(below(f), to, size, at);
                },
            .xWrite =
                [](sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
                    return pass(SQLITE_IOERR_WRITE, [&] {
                        return below(f)->pMethods->xWrite(below(f), from, size, at);
                    });
                },
            .xTruncate =
                [](sqlite3_file* f, sqlite3_int64 size) {
                    return pass(SQLITE_IOERR_TRUNCATE,
                                [&] { return below(f)->pMethods->xTruncate(below(f), size); });
                },
            .xSync =
                [](sqlite3_file* f, int) {
                    return pass(SQLITE_IOERR_FSYNC, [&] {
                        keep_flushed(reinterpret_cast<file*>(f)->name, below(f));
                        return SQLITE_OK;
                    });
                },
            .xFileSize =
                [](sqlite3_file* f, sqlite3_int64* size) {
                    return below(f)->pMethods->xFileSize(below(f), size);
                },
            .xLock = [](sqlite3_file* f,
                        int lock) { return below(f)->pMethods->xLock(below(f), lock); },
            .xUnlock = [](sqlite3_file* f,
                          int lock) { return below(f)->pMethods->xUnlock(below(f), lock); },
            .xCheckReservedLock =
                [](sqlite3_file* f, int* held) {
                    return below(f)->pMethods->xCheckReservedLock(below(f), held);
                },
            .xFileControl =
                [](sqlite3_file* f, int what, void* with) {
                    return below(f)->pMethods->xFileControl(below(f), what, with);
                },
            .xSectorSize =
                [](sqlite3_file* f) { return below(f)->pMethods->xSectorSize(below(f)); },
            .xDeviceCharacteristics =
                [](sqlite3_file* f) {
                    return below(f)->pMethods->xDeviceCharacteristics(below(f));
                },
            .xShmMap = nullptr,
            .xShmLock = nullptr,
            .xShmBarrier = nullptr,
            .xShmUnmap = nullptr,
            .xFetch = nullptr,
            .xUnfetch = nullptr};
        return &all;
    }

    sqlite3_vfs vfs_;
};

}  // namespace coffer_test

// Compares coffer's zones with `zdump`, for every zone file of this system, from 1970 to 2100.
//
// On both sides of each transition that zdump lists, and every few days in between, the offset has
// to be zdump's. The same is asked of "slim" files, freshly compiled by `zic`, whose last listed
// transition lies years in the past, so that the rule in their last line has to be followed.
// Where the library date is there, the zones that are made from it are asked, too.
// Exit codes: 0 no difference, 1 differences, 4 skipped (no zone files, no zdump or no zic).
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#if COFFER_TEST_HAS_DATE
#include <coffer/time/date_zones.hpp>
#endif

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr int exit_skipped = 4;
constexpr std::int64_t from_1970 = 0;
constexpr std::int64_t until_2101 = 4'133'980'800;
constexpr std::int64_t sample_every = 5 * 86'400 + 3'600;

/// One line of zdump: at this UTC second, local time is ahead by `offset` seconds.
struct fact {
    std::int64_t at;
    std::int64_t offset;
};
using facts_by_zone = std::map<std::string, std::vector<fact>>;

/// The names of the zone files in a folder, by content: links are many, and zdump is slow.
using names_by_content = std::map<std::string, std::vector<std::string>>;

std::string content_of(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// All zone files but those that are another zone's by definition: the machine's own, and the
/// copies that count leap seconds or say that they do not.
names_by_content zone_names(const fs::path& directory) {
    names_by_content names;
    std::error_code failed;
    for (fs::recursive_directory_iterator entry{directory, failed}, end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().lexically_relative(directory).generic_string();
        if (name == "right" || name == "posix") entry.disable_recursion_pending();
        if (name == "localtime" || name == "posixrules") continue;
        if (!entry->is_regular_file(failed)) continue;
        const std::string content = content_of(entry->path());
        if (content.starts_with("TZif")) names[content].push_back(name);
    }
    return names;
}

int month_number(std::string_view name) {
    constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::size_t found = names.find(name);
    return found == std::string_view::npos ? 0 : static_cast<int>(found / 3) + 1;
}

/// Reads "Europe/Berlin  Sun Apr  6 00:59:59 1980 UT = ... gmtoff=3600"; other lines are left out.
void read_line(const char* line, facts_by_zone& facts) {
    std::array<char, 128> name{};
    std::array<char, 4> month{};
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int year = 0;
    const char* const offset = std::strstr(line, "gmtoff=");
    if (offset == nullptr || std::sscanf(line, "%127s %*3s %3s %d %d:%d:%d %d UT =", name.data(),
                                         month.data(), &day, &hour, &minute, &second, &year) != 7) {
        return;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{year},
        std::chrono::month{static_cast<unsigned>(month_number(month.data()))},
        std::chrono::day{static_cast<unsigned>(day)}};
    const std::chrono::sys_seconds at = std::chrono::sys_days{date} + std::chrono::hours{hour} +
                                        std::chrono::minutes{minute} + seconds{second};
    facts[name.data()].push_back(
        {at.time_since_epoch().count(), std::strtol(offset + 7, nullptr, 10)});
}

/// What zdump says of the first name of each content, asked for many at a time; nothing where it
/// cannot run. The C library of this process reads from the same folder from now on.
facts_by_zone ask_zdump(const std::string& directory, const names_by_content& names) {
    setenv("TZDIR", directory.c_str(), 1);
    facts_by_zone facts;
    constexpr std::size_t batch = 100;
    for (auto next = names.begin(); next != names.end();) {
        std::string command = "zdump -v -c 1970,2101";
        for (std::size_t i = 0; i < batch && next != names.end(); ++i, ++next) {
            command += " '" + next->second.front() + "'";
        }
        std::FILE* const pipe = popen(command.c_str(), "r");
        if (pipe == nullptr) return {};
        std::array<char, 512> line{};
        while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) {
            read_line(line.data(), facts);
        }
        if (pclose(pipe) != 0) return {};
    }
    return facts;
}

/// The C library's offset: for zones of which zdump lists no transition in these years.
std::int64_t offset_of_libc(const std::string& name, std::int64_t at) {
    setenv("TZ", name.c_str(), 1);
    tzset();
    const std::time_t time = at;
    std::tm parts{};
    localtime_r(&time, &parts);
    return parts.tm_gmtoff;
}

class comparison {
public:
    void check(const std::string& name, const coffer::zone& zone, std::int64_t at,
               std::int64_t expected) {
        const coffer::instant t{seconds{at}};
        const std::int64_t actual = zone.offset(t).count();
        ++checked_;
        if (actual == expected) return;
        if (++differences_ <= 50) {
            std::printf("%s at %s: %lld, but zdump says %lld\n", name.c_str(),
                        coffer::iso8601(t).c_str(), static_cast<long long>(actual),
                        static_cast<long long>(expected));
        }
    }

    /// From one line of zdump to the next nothing changes.
    void check_between(const std::string& name, const coffer::zone& zone, std::int64_t from,
                       std::int64_t until, std::int64_t expected) {
        for (std::int64_t at = from; at < until; at += sample_every) {
            check(name, zone, at, expected);
        }
        if (from < until) check(name, zone, until - 1, expected);
    }

    void check_zone(const std::string& name, const coffer::zone& zone,
                    const std::vector<fact>& facts) {
        ++zones_;
        if (facts.empty()) {
            check_between(name, zone, from_1970, until_2101, offset_of_libc(name, from_1970));
            return;
        }
        check_between(name, zone, from_1970, facts.front().at, facts.front().offset);
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const std::int64_t end = i + 1 < facts.size() ? facts[i + 1].at : until_2101;
            check_between(name, zone, facts[i].at, end, facts[i].offset);
        }
    }

    void unreadable(const std::string& name) {
        ++differences_;
        std::printf("%s: cannot be read\n", name.c_str());
    }

    /// Prints the sums; whether there is no difference.
    bool report(const char* files) const {
        std::printf("%s files: %d zones, %lld instants, %lld differences\n", files, zones_,
                    checked_, differences_);
        return differences_ == 0;
    }

private:
    int zones_ = 0;
    long long checked_ = 0;
    long long differences_ = 0;
};

/// Reads each zone by each of its names and compares it; whether there is no difference.
template <class Read>
bool files_agree(const char* files, const names_by_content& zones, facts_by_zone& facts,
                 Read read) {
    comparison result;
    for (const auto& [content, names] : zones) {
        for (const std::string& name : names) {
            const auto zone = read(name);
            if (zone) {
                result.check_zone(name, *zone, facts[names.front()]);
            } else {
                result.unreadable(name);
            }
        }
    }
    return result.report(files);
}

/// A folder that is gone with everything in it when this goes.
class temporary_folder {
public:
    temporary_folder() {
        std::string name = (fs::temp_directory_path() / "coffer-zones-XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~temporary_folder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

bool compile_slim(const std::string& directory) {
    if (directory.empty()) return false;
    const std::string command = "PATH=\"$PATH:/usr/sbin:/sbin\" zic -b slim -d '" + directory +
                                "' /usr/share/zoneinfo/tzdata.zi";
    return std::system(command.c_str()) == 0;
}

/// Like `coffer::zone::find`, in another folder.
class folder_reader {
public:
    explicit folder_reader(std::string directory) : directory_{std::move(directory)} {}

    std::optional<coffer::zone> operator()(const std::string& name) {
        data_ = coffer::detail::read_zone(directory_, name);
        if (!data_) return std::nullopt;
        return coffer::detail::zone_access::of(*data_);
    }

private:
    std::string directory_;
    std::optional<coffer::detail::zone_data> data_;
};

int skipped(const char* reason) {
    std::printf("skipped: %s\n", reason);
    return exit_skipped;
}

}  // namespace

int main() {
    const std::string system{coffer::detail::system_zone_directory};
    const names_by_content zones = zone_names(system);
    if (zones.empty()) return skipped("no zone files in /usr/share/zoneinfo; install tzdata");
    facts_by_zone facts = ask_zdump(system, zones);
    if (facts.empty()) return skipped("zdump is missing or lists nothing; install libc-bin");
    if (!files_agree("system", zones, facts, coffer::zone::find)) return 1;
#if COFFER_TEST_HAS_DATE
    names_by_content known_to_date = zones;
    std::erase_if(known_to_date, [](const auto& z) { return z.second.front() == "Factory"; });
    if (!files_agree("date's", known_to_date, facts, coffer::find_date_zone)) return 1;
#endif

    const temporary_folder slim;
    if (!compile_slim(slim.path())) {
        return skipped("no slim files: zic or tzdata.zi is missing or fails");
    }
    // Compiled from the same data in another way, some differ from the system's in a few years.
    const names_by_content slim_zones = zone_names(slim.path());
    facts = ask_zdump(slim.path(), slim_zones);
    if (facts.empty()) return skipped("zdump does not read the slim files");
    return files_agree("slim", slim_zones, facts, folder_reader{slim.path()}) ? 0 : 1;
}

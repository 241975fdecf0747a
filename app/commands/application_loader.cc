// SPDX-License-Identifier: Apache-2.0
#include "app/commands/application_loader.h"

#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "server/base/exit_code.h"

namespace tollgate::commands {
namespace {

constexpr std::string_view kMarker = TOLLGATE_STAMP_MARKER;
constexpr std::string_view kHowToRebuild =
    "rebuild it against this tollgate (find_package(tollgate), the same compiler and sanitizer)";

// Whether all is there that the ELF header speaks of. A file that was copied only in part may
// load all the same, and would crash when what is missing is first used. Linkers put the
// section headers last, so that hardly a cut escapes.
bool is_cut_short(std::string_view content) {
  if (!content.starts_with(ELFMAG)) return false;  // it is something else altogether
  Elf64_Ehdr header;
  if (content.size() < sizeof(header)) return true;
  std::memcpy(&header, content.data(), sizeof(header));
  const uint64_t table = uint64_t{header.e_shnum} * header.e_shentsize;
  return header.e_shoff > content.size() || content.size() - header.e_shoff < table;
}

// The stamp that stands in the file, or nothing.
Result<std::string> read_stamp(int fd, const std::string& name) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return fail(from_errno(name, errno));
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const bytes = size == 0 ? MAP_FAILED : mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) return fail(Errc::InvalidArgument, name + ": the file is empty");
  const std::string_view content(static_cast<const char*>(bytes), size);
  std::string stamp;
  const bool cut_short = is_cut_short(content);
  if (const auto marker = content.find(kMarker); marker != std::string_view::npos) {
    const std::string_view rest = content.substr(marker + kMarker.size(), 128);
    stamp = rest.substr(0, rest.find('\0'));
  }
  munmap(bytes, size);
  if (cut_short)
    return fail(Errc::InvalidArgument,
                name +
                    " is cut short: it was copied only in part. Copy it under another name and "
                    "rename it when it is whole");
  if (stamp.empty())
    return fail(Errc::InvalidArgument,
                name + " is not a tollgate application: it has no TOLLGATE_APP");
  return stamp;
}

// Why the library does not load, and what to do about it.
std::string explain(std::string_view why) {
  if (why.find("cannot open shared object file") == std::string_view::npos)
    return std::string(why) + "; " + std::string(kHowToRebuild);
  return std::string(why) +
         "; an application is loaded from a copy, so that $ORIGIN in its RUNPATH is /proc/self/fd: "
         "write absolute paths there";
}

StartFailure failure(const Error& error) {
  return {error.code == Errc::Unavailable ? kExitConfiguration : kExitApplication, error.message};
}

}  // namespace

Result<const ApplicationEntry*> load_application(int fd, const std::string& name) {
  TOLLGATE_TRY(stamp, read_stamp(fd, name));
  if (stamp != TOLLGATE_STAMP)
    return fail(Errc::InvalidArgument, name + " was built for \"" + stamp + "\", and this is \"" +
                                           TOLLGATE_STAMP + "\": " + std::string(kHowToRebuild));
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return fail(Errc::InvalidArgument, name + " does not load: " + explain(dlerror()));
  const void* const symbol = dlsym(library, "tollgate_application");
  if (symbol == nullptr)
    return fail(Errc::InvalidArgument,
                name + " hides its tollgate_application: link it as a MODULE");
  return static_cast<const ApplicationEntry*>(symbol);
}

tl::expected<RunningApplication, StartFailure> start_application(const ApplicationEntry& entry,
                                                                 const Config& config,
                                                                 shm::RateLimits* limits) {
  auto application = std::make_unique<Application>(config);
  if (limits != nullptr) application->share(*limits);
  try {
    entry.define(*application);
  } catch (const ConfigurationError& error) {
    return tl::unexpected(StartFailure{kExitConfiguration, error.what()});
  } catch (const std::exception& error) {
    return tl::unexpected(
        StartFailure{kExitApplication,
                     std::string("the application threw while it was defined: ") + error.what()});
  } catch (...) {
    return tl::unexpected(
        StartFailure{kExitApplication, "the application threw while it was defined"});
  }
  const auto service = application->build();
  if (!service) return tl::unexpected(failure(service.error()));
  return RunningApplication{std::move(application), *service};
}

}  // namespace tollgate::commands

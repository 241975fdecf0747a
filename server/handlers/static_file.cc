// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/static_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "server/base/siphash.h"
#include "server/http/date.h"

namespace tollgate::handlers {
namespace {

using http::Coding;

// A file up to this size is held: one write sends it behind its head, which costs less than a
// write and a sendfile up to about 24 KiB (loopback, Linux 6.18: 5.2 us to 6.6 us at 10 KiB).
constexpr uint64_t kHeld = 16 << 10;
// Longer than any tick of the kernel's clock and any file system's resolution (FAT: 2 s).
constexpr std::chrono::seconds kYoung(3);

constexpr std::pair<Coding, const char*> kSiblings[] = {{Coding::Brotli, ".br"},
                                                        {Coding::Gzip, ".gz"}};

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::chrono::sys_seconds to_seconds(int64_t nanoseconds) {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(nanoseconds)));
}

FileState state_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<uint64_t>(status.st_size),
          .modified = nanoseconds(status.st_mtim),
          .changed = nanoseconds(status.st_ctim)};
}

// All of the file; nullopt: it is no longer as `state` says.
std::optional<std::string> read_all(int fd, const FileState& state) {
  std::string bytes(state.size, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count =
        pread(fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(filled));
    if (count <= 0) return std::nullopt;
    filled += static_cast<std::size_t>(count);
  }
  struct stat now {};
  if (fstat(fd, &now) != 0 || state_of(now) != state) return std::nullopt;
  return bytes;
}

// The time of the last change is in it: a file that is replaced by one of the same size and date
// (rsync, a build that sets all dates alike) must not have the tag of other bytes. So machines have
// tags of their own, and a client that comes to another one fetches the file once more: the lesser
// evil. No secret is to be kept, so the key is fixed.
std::string etag_of(const FileState& state, Coding coding) {
  const std::array<uint64_t, 4> known = {state.size, static_cast<uint64_t>(state.modified),
                                         static_cast<uint64_t>(state.changed),
                                         static_cast<uint64_t>(coding)};
  const std::string_view bytes(reinterpret_cast<const char*>(known.data()), sizeof(known));
  return fmt::format("\"{:016x}\"", siphash({0, 0}, bytes));
}

}  // namespace

http::Piece Representation::piece(uint64_t first, uint64_t size) const {
  if (file) return http::FilePart{.file = file, .offset = first, .size = size};
  return bytes.substr(first, size);
}

// Named are those that say something of the file itself; all others say that nobody could look.
NoFile why_none(int error) {
  switch (error) {
    case EISDIR:
      return NoFile::Directory;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EXDEV:
    case ELOOP:
    case ENXIO:
    case EACCES:
    case EPERM:
      return NoFile::Missing;
    default:
      return NoFile::Failed;
  }
}

std::size_t StaticFile::descriptors() const {
  const auto open = [](const std::optional<Representation>& of) {
    return of && of->file ? 1U : 0U;
  };
  return (plain.file ? 1U : 0U) + open(brotli) + open(gzip);
}

const Representation& StaticFile::preferred(std::span<const http::FieldView> fields) const {
  if (!brotli && !gzip) return plain;
  constexpr Coding kBoth[] = {Coding::Brotli, Coding::Gzip};
  const std::span<const Coding> offered =
      std::span(kBoth).subspan(brotli ? 0 : 1, (brotli ? 1U : 0U) + (gzip ? 1U : 0U));
  // Who refuses the plain file, too, is given that (RFC 9110 12.5.3).
  switch (http::choose(fields, offered).value_or(Coding::Identity)) {
    case Coding::Brotli:
      return *brotli;
    case Coding::Gzip:
      return *gzip;
    case Coding::Identity:
      break;
  }
  return plain;
}

StaticFileLoader::StaticFileLoader(Beneath directory, std::string cache_control,
                                   const http::MediaTypes& types, const Clock& clock)
    : directory_(std::move(directory)),
      cache_control_(std::move(cache_control)),
      types_(types),
      clock_(clock) {}

LoadedFile StaticFileLoader::load(std::string_view path) const {
  const std::string name(path);
  auto plain = open(name);
  if (!plain) return tl::unexpected(plain.error());
  auto file = std::make_shared<StaticFile>();
  file->plain = *std::move(plain);
  file->young = is_young(file->plain.state);
  for (std::size_t i = 0; i < file->siblings.size(); ++i) {
    const auto& [coding, ending] = kSiblings[i];
    file->siblings[i] = look_at(name + ending);
    auto& sibling = coding == Coding::Brotli ? file->brotli : file->gzip;
    auto opened = open_sibling(name + ending, *file, file->siblings[i]);
    if (!opened) return tl::unexpected(opened.error());
    sibling = *std::move(opened);
    if (sibling) file->young = file->young || is_young(sibling->state);
  }
  const bool varies = file->brotli || file->gzip;
  write_fields(file->plain, path, Coding::Identity, varies);
  if (file->brotli) write_fields(*file->brotli, path, Coding::Brotli, varies);
  if (file->gzip) write_fields(*file->gzip, path, Coding::Gzip, varies);
  return file;
}

bool StaticFileLoader::is_current(std::string_view path, const StaticFile& file) const {
  const std::string name(path);
  if (file.young || look_at(name) != file.plain.state) return false;
  for (std::size_t i = 0; i < file.siblings.size(); ++i)
    if (look_at(name + kSiblings[i].second) != file.siblings[i]) return false;
  return true;
}

tl::expected<Representation, int> StaticFileLoader::open(const std::string& path) const {
  auto fd = directory_.open_file(path);
  if (!fd) return tl::unexpected(fd.error());
  struct stat status {};
  if (fstat(fd->get(), &status) != 0) return tl::unexpected(errno);
  if (S_ISDIR(status.st_mode)) return tl::unexpected(EISDIR);
  if (!S_ISREG(status.st_mode)) return tl::unexpected(ENXIO);
  Representation made;
  made.state = state_of(status);
  made.file = std::make_shared<const UniqueFd>(*std::move(fd));
  keep_bytes(made);
  return made;
}

// Then the descriptor is not needed.
void StaticFileLoader::keep_bytes(Representation& of) const {
  if (of.state.size > kHeld || is_young(of.state)) return;
  auto bytes = read_all(of.file->get(), of.state);
  if (!bytes) return;
  of.bytes = *std::move(bytes);
  of.file.reset();
}

bool StaticFileLoader::is_young(const FileState& state) const {
  return clock_.wall() - to_seconds(state.changed) < kYoung;
}

std::optional<FileState> StaticFileLoader::look_at(const std::string& path) const {
  struct stat status {};
  if (fstatat(directory_.fd(), path.c_str(), &status, 0) != 0) return std::nullopt;
  return state_of(status);
}

// One that is older than the file was made of another content. Its seconds count: not every
// program that compresses copies the rest. Where nobody could look it is an error, or it would be
// remembered as not there.
tl::expected<std::optional<Representation>, int> StaticFileLoader::open_sibling(
    const std::string& path, const StaticFile& beside, const std::optional<FileState>& seen) const {
  if (!seen || to_seconds(seen->modified) < to_seconds(beside.plain.state.modified))
    return std::nullopt;
  auto opened = open(path);
  if (!opened && why_none(opened.error()) == NoFile::Failed) return tl::unexpected(opened.error());
  if (!opened || opened->state != *seen) return std::nullopt;
  return *std::move(opened);
}

void StaticFileLoader::write_fields(Representation& of, std::string_view path, Coding coding,
                                    bool varies) const {
  of.media_type = types_.of(path);
  // Never later than the response's Date (RFC 9110 8.8.2.1).
  of.last_modified = std::min(to_seconds(of.state.modified),
                              std::chrono::floor<std::chrono::seconds>(clock_.wall()));
  of.etag = etag_of(of.state, coding);
  of.ok.add_header("Content-Type", std::string(of.media_type));
  of.ok.add_header("Last-Modified", http::http_date(of.last_modified));
  of.ok.add_header("Accept-Ranges", "bytes");
  // A browser must not find a script in what is no script (WHATWG Fetch, "nosniff").
  of.ok.add_header("X-Content-Type-Options", "nosniff");
  if (coding != Coding::Identity)
    of.ok.add_header("Content-Encoding", std::string(http::to_string(coding)));
  for (http::Response* const response : {&of.ok, &of.not_modified}) {
    response->add_header("ETag", of.etag);
    if (!cache_control_.empty()) response->add_header("Cache-Control", cache_control_);
    if (varies) response->add_header("Vary", "Accept-Encoding");
  }
}

}  // namespace tollgate::handlers

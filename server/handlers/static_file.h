// A file as it is sent: its bytes or its descriptor, and the fields of its response, made once.
// With it those that stand beside it, compressed already: FILE.br and FILE.gz.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/base/unique_fd.h"
#include "server/handlers/beneath.h"
#include "server/http/accept_encoding.h"
#include "server/http/content.h"
#include "server/http/media_types.h"
#include "server/http/response.h"

namespace tollgate::handlers {

// By what a file is known to be still the same. No program can set the time of its last change
// (ctime), as it can that of its content.
struct FileState {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified = 0;  // nanoseconds
  int64_t changed = 0;   // nanoseconds

  friend bool operator==(const FileState&, const FileState&) = default;
};

// What can be sent for a path; constant once made.
struct Representation {
  FileState state;
  std::string_view media_type;  // of the table, which outlives it
  std::string etag;             // strong, see etag_of() in static_file.cc
  std::chrono::sys_seconds last_modified;
  http::Response ok;                     // 200 with its fields, without content
  http::Response not_modified{304};      // with those of RFC 9110 15.4.5
  std::shared_ptr<const UniqueFd> file;  // nullptr: `bytes` are all of it
  std::string bytes;

  // A part of it, or all.
  http::Piece piece(uint64_t first, uint64_t size) const;
};

struct StaticFile {
  Representation plain;
  std::optional<Representation> brotli;
  std::optional<Representation> gzip;
  // What stood beside it, whether or not it was of use: FILE.br, FILE.gz.
  std::array<std::optional<FileState>, 2> siblings;
  // A file that was changed a moment ago may change again within the same tick of the kernel's
  // clock, and nobody would see it: its bytes are not held yet.
  bool young = false;

  const Representation& preferred(std::span<const http::FieldView> fields) const;
  // How many it holds open.
  std::size_t descriptors() const;
};

// Why there is none.
enum class NoFile : uint8_t {
  Missing,    // or nothing that may be told
  Directory,  // its name wants a slash
  Failed,     // the system could not: another time it may be there
};
NoFile why_none(int error);

// Errors: errno; EISDIR is a directory, ENXIO what is neither that nor a regular file.
using LoadedFile = tl::expected<std::shared_ptr<const StaticFile>, int>;

// Where files come from. Loop thread only: it reads what is normally in the page cache.
class StaticFileLoader {
 public:
  // `types` and `clock` outlive it.
  StaticFileLoader(Beneath directory, std::string cache_control, const http::MediaTypes& types,
                   const Clock& clock);

  LoadedFile load(std::string_view path) const;

  // Whether load() would give the same again.
  bool is_current(std::string_view path, const StaticFile& file) const;

 private:
  tl::expected<Representation, int> open(const std::string& path) const;
  void keep_bytes(Representation& of) const;
  bool is_young(const FileState& state) const;
  std::optional<FileState> look_at(const std::string& path) const;
  tl::expected<std::optional<Representation>, int> open_sibling(
      const std::string& path, const StaticFile& beside,
      const std::optional<FileState>& seen) const;
  void write_fields(Representation& of, std::string_view path, http::Coding coding,
                    bool varies) const;

  Beneath directory_;
  std::string cache_control_;
  const http::MediaTypes& types_;
  const Clock& clock_;
};

}  // namespace tollgate::handlers

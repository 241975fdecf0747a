// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/static_files.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "server/base/text.h"
#include "server/http/conditional.h"
#include "server/http/range.h"

namespace tollgate::handlers {
namespace {

using http::ByteRange;
using http::Request;
using http::Response;

// What the parser leaves: segments without dots at their front, none of them empty.
bool may_be_served(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return true;
  return std::ranges::none_of(split(path, '/'), [](std::string_view segment) {
    return segment.empty() || segment.front() == '.';
  });
}

Response not_found() { return http::detail(404, "Not found."); }

http::RangeSet ranges_of(const Request& request, const Representation& file,
                         const http::Validators& validators, WallTime now) {
  const auto field = request.header("range");
  // RFC 9110 14.2: only GET has ranges. The field is no list, so two of it are none.
  if (!field || request.method() != http::Method::Get ||
      http::count_fields(request.headers(), "range") > 1 ||
      !http::range_applies(request.headers(), validators, now))
    return {};
  return http::parse_range(*field, file.state.size);
}

// With the fields of the whole, but for what the parts say of themselves.
Response partial(const Representation& file, http::Content content) {
  Response response(206);
  for (const http::Field& field : file.ok.fields()) response.add_header(field.name, field.value);
  response.set_content(std::move(content));
  return response;
}

// Nobody who wrote the file could know it.
std::string make_boundary() {
  std::array<uint64_t, 2> random{};
  // Fails only before the system has any randomness, which is long before this.
  if (getrandom(random.data(), sizeof(random), 0) < 0) return "tollgate";
  return fmt::format("{:016x}{:016x}", random[0], random[1]);
}

// Always pieces: what has a tag and ranges of its own is not to be compressed (compress.h), or its
// 200 would be another representation than its 206 and 304.
http::Content content_of(http::Piece piece) {
  http::Pieces pieces;
  pieces.push_back(std::move(piece));
  return pieces;
}

Response one_part(const Representation& file, const ByteRange& range) {
  Response response = partial(file, content_of(file.piece(range.first, range.size)));
  response.add_header("Content-Range", http::content_range(range, file.state.size));
  return response;
}

// multipart/byteranges, RFC 9110 14.6.
Response parts(const Representation& file, const std::vector<ByteRange>& ranges) {
  const std::string boundary = make_boundary();
  http::Pieces pieces;
  std::string_view before = "--";
  for (const ByteRange& range : ranges) {
    pieces.emplace_back(fmt::format("{}{}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n", before,
                                    boundary, file.media_type,
                                    http::content_range(range, file.state.size)));
    pieces.push_back(file.piece(range.first, range.size));
    before = "\r\n--";
  }
  pieces.emplace_back("\r\n--" + boundary + "--\r\n");
  Response response = partial(file, std::move(pieces));
  response.set_header("Content-Type", "multipart/byteranges; boundary=" + boundary);
  return response;
}

}  // namespace

Result<std::unique_ptr<StaticFiles>> StaticFiles::open(const std::string& directory,
                                                       std::string cache_control,
                                                       const http::MediaTypes& types,
                                                       const Clock& clock,
                                                       OpenFileCache::Limits limits) {
  TOLLGATE_TRY(beneath, Beneath::open(directory));
  return std::make_unique<StaticFiles>(
      StaticFileLoader(std::move(beneath), std::move(cache_control), types, clock), clock, limits);
}

StaticFiles::StaticFiles(StaticFileLoader loader, const Clock& clock, OpenFileCache::Limits limits)
    : files_(std::move(loader), clock, limits), clock_(clock), refusals_(clock), failures_(clock) {}

Response StaticFiles::serve(const Request& request, std::string_view path) {
  if (!may_be_served(path)) return not_found();
  const bool wants_index = path.empty() || path.ends_with('/');
  const LoadedFile file =
      wants_index ? files_.open(std::string(path) + "index.html") : files_.open(path);
  if (file) return send(request, (*file)->preferred(request.headers()));
  note(path, file.error());
  switch (why_none(file.error())) {
    case NoFile::Directory:
      return wants_index ? not_found() : http::redirect_to_slash(request.path(), request.target());
    case NoFile::Failed:
      return http::detail(503, "This cannot be served now.").set_header("Retry-After", "1");
    case NoFile::Missing:
      break;
  }
  return not_found();
}

// What a client is told is the same for all that is missing; what there is to know is in the log.
void StaticFiles::note(std::string_view path, int error) {
  const auto refused = [&](std::string_view why) {
    refusals_.write(LogLevel::Warning,
                    fmt::format("static file {}: not served, since {}", path, why));
  };
  switch (error) {
    case EISDIR:
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return;
    case EXDEV:
    case ELOOP:
      return refused("a link leads out of the directory");
    case ENXIO:
      return refused("it is no regular file");
    case EACCES:
    case EPERM:
      return refused("it may not be read");
    default:
      failures_.write(LogLevel::Error,
                      from_errno("static file " + std::string(path), error).message);
  }
}

Response StaticFiles::send(const Request& request, const Representation& file) const {
  const WallTime now = clock_.wall();
  const http::Validators validators{.etag = file.etag, .last_modified = file.last_modified};
  switch (http::evaluate(request.method(), request.headers(), validators, now)) {
    case http::Precondition::NotModified:
      return file.not_modified;
    case http::Precondition::Failed:
      return http::detail(412, "The file is not what the request expects.");
    case http::Precondition::Proceed:
      break;
  }
  const http::RangeSet set = ranges_of(request, file, validators, now);
  switch (set.kind) {
    case http::RangeSet::Kind::Unsatisfiable:
      return http::detail(416, "The range is not within the file.")
          .set_header("Content-Range", http::unsatisfied_range(file.state.size));
    case http::RangeSet::Kind::Partial:
      return set.ranges.size() == 1 ? one_part(file, set.ranges.front()) : parts(file, set.ranges);
    case http::RangeSet::Kind::Whole:
      break;
  }
  Response response = file.ok;
  response.set_content(content_of(file.piece(0, file.state.size)));
  return response;
}

}  // namespace tollgate::handlers

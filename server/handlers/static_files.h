// Files of a directory, as responses to GET and HEAD: conditional requests, ranges, files that
// are compressed already.
//
// It runs on the loop: what is asked for often is in the page cache, and what is not makes the
// worker wait for the disk, as nginx does without aio. Nothing outside of the directory is
// reached (beneath.h), no segment that begins with a dot is served, no directory listed; what may
// not be read is 404 like what is not there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/handlers/open_file_cache.h"
#include "server/http/media_types.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/log/sparing.h"

namespace tollgate::handlers {

class StaticFiles {
 public:
  // `types` and `clock` outlive it. Errors: the directory cannot be opened.
  static Result<std::unique_ptr<StaticFiles>> open(const std::string& directory,
                                                   std::string cache_control,
                                                   const http::MediaTypes& types,
                                                   const Clock& clock,
                                                   OpenFileCache::Limits limits);
  StaticFiles(StaticFileLoader loader, const Clock& clock, OpenFileCache::Limits limits);

  // `path`: what of the request's path is behind that of the directory; "" or "…/" is the
  // index.html there. One call at a time.
  http::Response serve(const http::Request& request, std::string_view path);

 private:
  http::Response send(const http::Request& request, const Representation& file) const;
  void note(std::string_view path, int error);

  OpenFileCache files_;
  const Clock& clock_;
  // Apart, so that what any client can cause does not hide what only the system can.
  log::Sparing refusals_;
  log::Sparing failures_;
};

}  // namespace tollgate::handlers

// SPDX-License-Identifier: Apache-2.0
#include "app/api/static_routes.h"

#include <utility>

#include "server/log/logging.h"
#include "server/middleware/recover.h"

namespace tollgate::api {
namespace {

// No authentication: anyone may, and no token is looked at. Conflict: there is a route already.
Status add_route(routing::Router& router, StepMaker& maker, const std::string& pattern,
                 http::Handler handler) {
  TOLLGATE_TRY(around, maker.make({}, "GET " + pattern, {}));
  return router.add({.pattern = pattern,
                     .method = http::Method::Get,
                     .gate = std::move(around.gate),
                     .handler = middleware::recover(std::move(handler)),
                     .finishers = std::move(around.finishers),
                     .preflight = std::move(around.preflight)});
}

}  // namespace

void StaticRoutes::add(std::string_view url, std::string directory) {
  mounts_.push_back({.url = std::string(url), .directory = std::move(directory)});
}

// As the settings are checked among themselves (server/config/validate.h).
Status StaticRoutes::check_own() const {
  for (std::size_t i = 0; i < mounts_.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (mounts_[i].url == mounts_[j].url)
        return fail(Errc::InvalidArgument,
                    "static files: \"" + mounts_[i].url + "\" stands for two directories");
  return {};
}

Status StaticRoutes::build(const Config& config, routing::Router& router, StepMaker& maker) {
  TOLLGATE_CHECK(check_own());
  for (const std::string& text : config.static_files) {
    TOLLGATE_TRY(mount, parse_static_mount(text));
    mounts_.push_back(std::move(mount));
  }
  if (mounts_.empty()) return {};
  limits_ = handlers::OpenFileCache::share(mounts_.size());
  types_ = std::make_unique<http::MediaTypes>(http::MediaTypes::load());
  for (const StaticMount& mount : mounts_) TOLLGATE_CHECK(build(mount, config, router, maker));
  return {};
}

Status StaticRoutes::build(const StaticMount& mount, const Config& config, routing::Router& router,
                           StepMaker& maker) {
  if (const Status fine = check_static_mount(mount); !fine)
    return fail(with_context("static files", fine.error()));
  auto opened = handlers::StaticFiles::open(mount.directory, config.static_cache_control, *types_,
                                            clock_, limits_);
  if (!opened)
    return fail(Errc::Unavailable, "static files of " + mount.url + ": " + opened.error().message);
  handlers::StaticFiles& files = **opened;
  files_.push_back(*std::move(opened));

  Status below =
      add_route(router, maker, mount.url + "{file:path}", [&files](const http::Request& request) {
        return files.serve(request, request.parameter(0));
      });
  if (!below && below.error().code != Errc::Conflict) return below;
  if (!below)
    log::warning(
        "static files of {}: not served from {}, since the application serves what is below it",
        mount.url, mount.directory);
  // The directory's own path; the application may have a page there.
  Status itself = add_route(router, maker, mount.url, [&files](const http::Request& request) {
    return files.serve(request, "");
  });
  if (!itself && itself.error().code != Errc::Conflict) return itself;
  return {};
}

}  // namespace tollgate::api

// The routes of static files: those of the application first, then those of the settings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/api/steps.h"
#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/config/config.h"
#include "server/config/static_mount.h"
#include "server/handlers/static_files.h"
#include "server/http/media_types.h"
#include "server/routing/router.h"

namespace tollgate::api {

class StaticRoutes {
 public:
  // `clock` outlives it.
  explicit StaticRoutes(const Clock& clock) : clock_(clock) {}

  // Of the application.
  void add(std::string_view url, std::string directory);

  // Opens the directories and adds the routes to `router`, whose own come first: it is to be
  // called when those are there. Around them stands what the application says, made by `maker`. The
  // routes use this object.
  // Errors: InvalidArgument (a url that none can be, or that the application says twice),
  // Unavailable (no such directory).
  Status build(const Config& config, routing::Router& router, StepMaker& maker);

 private:
  Status check_own() const;
  Status build(const StaticMount& mount, const Config& config, routing::Router& router,
               StepMaker& maker);

  const Clock& clock_;
  std::vector<StaticMount> mounts_;
  std::unique_ptr<http::MediaTypes> types_;
  handlers::OpenFileCache::Limits limits_;  // of each
  std::vector<std::unique_ptr<handlers::StaticFiles>> files_;
};

}  // namespace tollgate::api

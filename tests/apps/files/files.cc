// Serves the directory that FILES names, with a route and a page of its own in its place.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "app/api/application.h"

TOLLGATE_APP(app) {
  const char* const directory = std::getenv("FILES");
  app.static_files("/files/", directory != nullptr ? directory : "");
  app.get("/files/route", [] { return tollgate::text("the route\n"); }).allow_anyone();
  app.get("/files/", [] { return tollgate::text("the page\n"); }).allow_anyone();
}

// SPDX-License-Identifier: Apache-2.0
#include "server/http/media_types.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

TEST(MediaTypes, AreThoseOfTheTable) {
  const MediaTypes types(
      "# a comment\n\n"
      "application/x-thing\tthing THING2   other # not this\n"
      "application/nothing\n"
      "text/x-css css\r\n");
  struct {
    const char* name;
    const char* type;
  } const rows[] = {
      {"a.thing", "application/x-thing"},     {"dir.css/a.thing2", "application/x-thing"},
      {"a.OTHER", "application/x-thing"},     {"a.not", "application/octet-stream"},
      {"a.css", "text/x-css; charset=utf-8"},  // the table's word counts for more than ours
      {"thing", "application/octet-stream"},  {"dir.thing/file", "application/octet-stream"},
      {"a.", "application/octet-stream"},     {"", "application/octet-stream"},
  };
  for (const auto& row : rows) EXPECT_EQ(types.of(row.name), row.type) << row.name;
}

TEST(MediaTypes, OfAWebSiteAreKnownWithoutATable) {
  const MediaTypes types = MediaTypes::load("/nonexistent");
  EXPECT_EQ(types.of("index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(types.of("app.min.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(types.of("app.js.map"), "application/json; charset=utf-8");
  EXPECT_EQ(types.of("logo.svg"), "image/svg+xml");
  EXPECT_EQ(types.of("a.woff2"), "font/woff2");
}

TEST(MediaTypes, OfTheSystemAreRead) {
  const MediaTypes types = MediaTypes::load();
  EXPECT_EQ(types.of("paper.pdf"), "application/pdf");
  EXPECT_EQ(types.of("film.mp4"), "video/mp4");
}

}  // namespace
}  // namespace tollgate::http

// Static files as an application asks for them.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/static_routes.h"

#include <filesystem>

#include "tests/app/api/application_fixture.h"
#include "tests/support/temp_dir.h"

namespace tollgate {
namespace {

class StaticRoutesTest : public ApplicationTest {
 protected:
  const test::TempDir root_;
};

TEST_F(StaticRoutesTest, AUrlStandsForOneDirectory) {
  const Config config;
  Application twice(config);
  twice.static_files("/s/", root_.path());
  twice.static_files("/t/", root_.path());
  twice.static_files("/s/", "/usr");
  const auto built = twice.build();
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, Errc::InvalidArgument);
  EXPECT_EQ(built.error().message, "static files: \"/s/\" stands for two directories");
}

TEST_F(StaticRoutesTest, TheApplicationsDirectoryComesBeforeThatOfTheSettings) {
  test::write_file(root_ / "a", "the application's");
  const test::TempDir other;
  test::write_file(other / "a", "the settings'");
  Config config;
  config.static_files = {"/s/=" + other.path()};
  Application app(config);
  app.static_files("/s/", root_.path());
  EXPECT_EQ(size_of(ask(app, "/s/a").content()), std::string("the application's").size());
}

TEST_F(StaticRoutesTest, ADirectoryIsSaidWithASlashOnThisHost) {
  std::filesystem::create_directory(root_ / "a b");
  const Config config;
  Application app(config);
  app.static_files("/", root_.path());
  EXPECT_EQ(*ask(app, "/a b").header("location"), "/a%20b/");
  EXPECT_EQ(ask(app, "//a b").status(), 404);
  EXPECT_EQ(ask(app, "/\\a b").status(), 404);
}

}  // namespace
}  // namespace tollgate

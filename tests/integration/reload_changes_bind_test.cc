// A reload opens and closes listening sockets, and those who wait there lose nothing.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include "tests/support/http_client.h"
#include "tests/support/load.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

class ChangedBind : public testing::Test {
 protected:
  std::string unix_path(std::string_view name) const { return site_.directory() / name; }
  void write(std::string_view binds, std::string_view more = "") const {
    write_file(file_, "bind = [" + std::string(binds) + "]\n" + std::string(more));
  }
  std::string quoted(std::string_view name) const { return "\"unix:" + unix_path(name) + "\""; }
  // Until `end` stands in the log.
  bool reload(std::string_view end = "reload: done") const {
    const std::size_t mark = server_.log().mark();
    server_.signal(SIGHUP);
    return server_.log().wait_for(end, mark).has_value();
  }
  static Address at(const std::string& path) { return {.kind = Address::Kind::Unix, .path = path}; }
  static bool exists(const std::string& path) {
    struct stat info;
    return lstat(path.c_str(), &info) == 0;
  }

  const Site site_;
  const std::string file_ = site_.directory() / "tollgate.toml";
  ServerProcess server_{site_.command([this] {
    write(quoted("a.sock"));
    return std::vector<std::string>{"serve",
                                    "--workers",
                                    "2",
                                    "--config",
                                    file_,
                                    "--signing-key-file",
                                    site_.directory() / "signing.key",
                                    "--database",
                                    site_.database()};
  }())};
};

TEST_F(ChangedBind, OpensAndClosesSocketsWithoutLoss) {
  Load stays(at(unix_path("a.sock")), {.clients = 4});
  ASSERT_TRUE(stays.wait_for_answers(20));
  write(quoted("a.sock") + ", " + quoted("b.sock"));
  ASSERT_TRUE(reload()) << server_.log().text();
  EXPECT_EQ(get(at(unix_path("b.sock")), "/plain").status, 200);

  // New TCP addresses too; the log says which port the kernel chose.
  write(quoted("a.sock") + ", " + quoted("b.sock") + ", \"127.0.0.2:0\"");
  const std::size_t mark = server_.log().mark();
  ASSERT_TRUE(reload()) << server_.log().text();
  const auto line = server_.log().wait_for("now listening on 127.0.0.2:", mark);
  ASSERT_TRUE(line);
  const auto tcp = parse_address(line->text.substr(line->text.find("127.0.0.2:")));
  ASSERT_TRUE(tcp) << line->text;
  EXPECT_EQ(get(*tcp, "/plain").status, 200);

  Load leaves(at(unix_path("b.sock")), {.clients = 4, .may_be_refused = true});
  ASSERT_TRUE(leaves.wait_for_answers(20));
  write(quoted("a.sock"));
  ASSERT_TRUE(reload()) << server_.log().text();
  EXPECT_FALSE(exists(unix_path("b.sock")));
  expect_no_loss(leaves.wait_until_refused());
  expect_no_loss(stays.stop());
}

TEST_F(ChangedBind, ThatCannotBeOpenedChangesNothing) {
  const auto workers = server_.workers();
  write_file(unix_path("taken"), "not a socket");
  write(quoted("b.sock") + ", " + quoted("taken"), "workers = 3\n");
  ASSERT_TRUE(reload("reload: nothing was changed: bind unix:" + unix_path("taken")))
      << server_.log().text();
  EXPECT_EQ(server_.workers(), workers);
  EXPECT_FALSE(exists(unix_path("b.sock"))) << "it was opened before the other failed";
  EXPECT_EQ(get(at(unix_path("a.sock")), "/plain").status, 200);
}

// By then the number may be that of anything that the master has open.
TEST_F(ChangedBind, ToADescriptorThatWasNotPassedChangesNothing) {
  for (int fd = 0; fd < 20; ++fd) {
    write(quoted("a.sock") + ", \"fd://" + std::to_string(fd) + "\"");
    ASSERT_TRUE(reload("reload: nothing was changed: fd://" + std::to_string(fd)))
        << server_.log().text();
  }
  const auto workers = server_.workers();
  ASSERT_EQ(kill(workers.front(), SIGKILL), 0);
  EXPECT_TRUE(server_.wait_for_workers(2, {workers.front()})) << server_.log().text();
  EXPECT_EQ(get(at(unix_path("a.sock")), "/plain").status, 200);
}

TEST_F(ChangedBind, OfAGenerationThatFailsIsClosedAgain) {
  write(quoted("a.sock") + ", " + quoted("b.sock"),
        "access_log_format = \"%(x)s\"\naccesslog = \"-\"\n");
  ASSERT_TRUE(reload("is abandoned, generation 1 goes on")) << server_.log().text();
  write(quoted("a.sock"));
  ASSERT_TRUE(reload()) << server_.log().text();
  EXPECT_FALSE(exists(unix_path("b.sock")));
}

TEST_F(ChangedBind, IsSaidWithEveryOtherChangedSetting) {
  write(quoted("a.sock"), "keepalive = 9\npidfile = \"/tmp/x.pid\"\n");
  ASSERT_TRUE(reload()) << server_.log().text();
  EXPECT_TRUE(server_.log().wait_for("reload: keepalive: \"5s\" becomes \"9s\""));
  EXPECT_TRUE(server_.log().wait_for(
      "reload: pidfile: \"\" becomes \"/tmp/x.pid\" at the next restart only"));
}

}  // namespace
}  // namespace tollgate::test

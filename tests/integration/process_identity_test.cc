// Workers are somebody else than their master, hold what they need and nothing else, and leave
// nothing behind.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "server/base/text.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"
#include "tests/support/token.h"

namespace tollgate::test {
namespace {

constexpr uid_t kNobody = 65534;

std::string proc(pid_t pid, const std::string& file) {
  return read_file("/proc/" + std::to_string(pid) + "/" + file);
}

// The words behind "Uid:" in /proc/PID/status, joined by a blank.
std::string status_of(pid_t pid, const std::string& field) {
  const std::string text = proc(pid, "status");
  const auto begin = text.find("\n" + field + ":\t") + field.size() + 3;
  std::string value = text.substr(begin, text.find('\n', begin) - begin);
  std::ranges::replace(value, '\t', ' ');
  return std::string(trim(value));
}

std::string title_of(pid_t pid) { return proc(pid, "cmdline").c_str(); }

bool has(const std::multiset<std::string>& texts, std::string_view part) {
  return std::ranges::any_of(
      texts, [part](const std::string& text) { return text.find(part) != std::string::npos; });
}

// A site whose database belongs to nobody, and whose key and logs to root alone.
class Identity : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0)
      GTEST_SKIP() << "NOT TESTED: only root can start a server that drops to a user";
    const std::string& home = site_.directory().path();
    for (const std::string& path : {home, home + "/users.db"})
      ASSERT_EQ(chown(path.c_str(), kNobody, kNobody), 0);
    ASSERT_EQ(mkdir(logs_.c_str(), 0700), 0);
  }
  // Without the leak check of a sanitizer, which cannot look into a process that has dropped.
  Command server(std::vector<std::string> arguments) const {
    Command command = site_.server(std::move(arguments));
    command.arguments.insert(command.arguments.begin(),
                             {"/usr/bin/env", "ASAN_OPTIONS=detect_leaks=0"});
    return command;
  }

  const Site site_;
  const std::string logs_ = site_.directory() / "logs";
};

TEST_F(Identity, OfWorkersIsThatOfTheSettingsAndTheMasterKeepsItsOwn) {
  const ServerProcess server(
      this->server({"serve", "--workers", "2", "--user", "nobody", "--group", "daemon"}));
  for (const pid_t worker : server.workers()) {
    EXPECT_EQ(status_of(worker, "Uid"), "65534 65534 65534 65534");
    EXPECT_EQ(status_of(worker, "Gid"), "1 1 1 1");
    EXPECT_EQ(status_of(worker, "Groups"), "1");
    EXPECT_EQ(status_of(worker, "CapPrm"), "0000000000000000");
    EXPECT_EQ(status_of(worker, "CapEff"), "0000000000000000");
  }
  EXPECT_EQ(status_of(server.pid(), "Uid"), "0 0 0 0");
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site_.token(1))).status, 200);
}

TEST_F(Identity, LeavesTheApplicationLoadable) {
  const ServerProcess server(this->server(
      {"serve", "--workers", "1", "--user", "nobody", TEST_APPLICATIONS "/libtest_version_1.so"}));
  EXPECT_EQ(get(server.address(), "/version").body, "1");
}

TEST_F(Identity, GoesWithLogsThatOnlyRootMayOpenAlsoAfterARotation) {
  const std::string error = logs_ + "/error";
  const std::string access = logs_ + "/access";
  ServerProcess server(this->server({"serve", "--workers", "2", "--user", "nobody",
                                     "--access-logfile", access, "--access-logformat", "%(U)s"}));
  get(server.address(), "/plain");
  std::filesystem::rename(access, access + ".1");
  server.signal(SIGUSR1);
  ASSERT_TRUE(server.log().wait_for("log files reopened"));
  for (const Deadline deadline(kPatience); !deadline.passed();) {
    get(server.address(), "/json");  // until the worker that answers has obeyed, and flushed
    if (read_file(access).find("/json") != std::string::npos) break;
  }
  server.stop();
  EXPECT_NE(read_file(access).find("/json\n"), std::string::npos);
  EXPECT_EQ(read_file(access).find("/plain"), std::string::npos);
  EXPECT_NE(read_file(access + ".1").find("/plain\n"), std::string::npos);
  struct stat info {};
  ASSERT_EQ(stat(access.c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 0U);  // no worker has made it
}

TEST_F(Identity, GoesWithAKeyThatOnlyRootMayReadAlsoAfterANewOne) {
  const ServerProcess server(this->server({"serve", "--workers", "1", "--user", "nobody"}));
  const std::string before = site_.token(1);
  ASSERT_EQ(get(server.address(), "/api/me", bearer(before)).status, 200);
  const std::string key = "another key, which has as many bytes as HS256 asks for";
  write_file(site_.directory() / "signing.key", key);
  const std::string after = sign(key, access_token_payload(1));

  // A replacement of the same generation has that generation's key.
  const pid_t worker = server.workers().front();
  ASSERT_EQ(kill(worker, SIGTERM), 0);
  ASSERT_TRUE(server.wait_for_workers(1, {worker}));
  EXPECT_EQ(get(server.address(), "/api/me", bearer(before)).status, 200);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(after)).status, 401);

  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(before)).status, 401);
  EXPECT_EQ(get(server.address(), "/api/me", bearer(after)).status, 200);
  EXPECT_EQ(server.log().text().find("another key"), std::string::npos);
}

TEST_F(Identity, GoesWithABrokenKeyWhichAReloadRefuses) {
  const ServerProcess server(this->server({"serve", "--workers", "1", "--user", "nobody"}));
  write_file(site_.directory() / "signing.key", "short");
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: nothing was changed: ")) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site_.token(1))).status, 200);
}

TEST_F(Identity, ThatDoesNotExistIsRefused) {
  const struct {
    std::vector<std::string> flags;
    const char* sentence;
  } cases[] = {
      {{"--user", "no-such-user"}, "user: there is no user \"no-such-user\""},
      {{"--group", "no-such-group"}, "group: there is no group \"no-such-group\""},
      {{"--socket-owner", "no-such-user"}, "socket_owner: there is no user"},
  };
  for (const auto& [flags, sentence] : cases)
    for (const char* command : {"serve", "check"}) {
      std::vector<std::string> line = flags;
      line.insert(line.begin(), command);
      const Finished ended = run(site_.server(line));
      EXPECT_EQ(ended.status.code, 78) << ended.err;
      EXPECT_NE(ended.err.find(sentence), std::string::npos) << ended.err;
    }
}

TEST_F(Identity, OfAnotherIsRefusedToWhoIsNotRoot) {
  Command command = site_.server({"serve", "--user", "root"});
  command.arguments.insert(command.arguments.begin(), {"/usr/bin/setpriv", "--reuid=65534",
                                                       "--regid=65534", "--clear-groups"});
  const Finished ended = run(command);
  EXPECT_EQ(ended.status.code, 78);
  EXPECT_NE(ended.err.find("user: only root can become somebody else, and this is user 65534"),
            std::string::npos)
      << ended.err;
}

// The change of user forgets what the kernel was asked for before it. A worker whose loop hangs
// cannot see the end of its lifeline: only the kernel ends it.
TEST_F(Identity, OfItsOwnKeepsNoWorkerFromDyingWithItsMaster) {
  ServerProcess server(this->server({"serve", "--workers", "1", "--user", "nobody"}));
  const UniqueFd worker = open_pidfd(server.workers().front());
  HttpClient hanging(server.address());
  hanging.send(request("GET", "/hang/60000", bearer(site_.token(3))));
  const Deadline deadline(kPatience);
  while (HttpClient(server.address(), 300ms).exchange("GET", "/plain"))  // until it does hang
    ASSERT_FALSE(deadline.passed());
  server.signal(SIGKILL);
  EXPECT_TRUE(wait_for_end_of(worker, bound(1000ms)));
  server.expect_end({.code = -1, .signal = SIGKILL});
}

class Workers : public testing::Test {
 protected:
  const Site site_;
};

TEST_F(Workers, HoldNothingThatTheyDoNotNeed) {
  Command command =
      site_.server({"serve", "--workers", "1", "--error-logfile", site_.directory() / "e"});
  // Two that somebody forgot to close.
  command.arguments.insert(
      command.arguments.begin(),
      {"/bin/sh", "-c", "exec 8</etc/passwd 9</etc/passwd; exec \"$@\"", "sh"});
  Process server(command);
  const auto log = [this] { return read_file(site_.directory() / "e"); };
  const auto wait_for = [&log](std::string_view text) {
    const Deadline deadline(kPatience);
    while (log().find(text) == std::string::npos && !deadline.passed()) {
    }
    return log().find(text) != std::string::npos;
  };
  const auto worker_of = [&log](std::string_view generation) {
    const std::string text = log();
    const auto end = text.find(", generation " + std::string(generation) + ") is ready");
    const auto begin = text.rfind("(pid ", end) + 5;
    return static_cast<pid_t>(std::stoi(text.substr(begin, end - begin)));
  };
  ASSERT_TRUE(wait_for("is ready: listening")) << log();
  const auto first = descriptors_of(worker_of("1"));
  ASSERT_TRUE(has(descriptors_of(server.pid()), "/etc/passwd"));
  server.signal(SIGHUP);
  ASSERT_TRUE(wait_for("generation 2) is ready")) << log();
  const auto second = descriptors_of(worker_of("2"));
  for (const auto& held : {first, second})
    for (const char* part : {"/etc/passwd", "signing key", "pidfd", "signalfd"})
      EXPECT_FALSE(has(held, part)) << part;
  EXPECT_EQ(first.count(site_.directory() / "e"), 1U);
  EXPECT_EQ(second.count(site_.directory() / "e"), 1U);
  EXPECT_EQ(first.size(), second.size());
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), (ExitStatus{.code = 0}));
}

TEST_F(Workers, LeaveNoCoreUnlessTheyAreToldTo) {
  ServerProcess server(site_, {"serve", "--workers", "1"});
  const pid_t worker = server.workers().front();
  // One byte: at 0, a core_pattern that is a program would be run.
  EXPECT_TRUE(proc(worker, "limits").find("core file size        1                    1  ") !=
              std::string::npos)
      << proc(worker, "limits");
  ASSERT_EQ(kill(worker, SIGABRT), 0);  // which no sanitizer takes for itself
  ASSERT_TRUE(server.log().wait_for("was killed by SIGABRT"));
  ASSERT_TRUE(server.wait_for_workers(1, {worker}));
  server.stop();
  EXPECT_EQ(server.log().text().find("core dumped"), std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(site_.directory().path()))
    EXPECT_FALSE(entry.path().filename().string().starts_with("core")) << entry.path();

  ServerProcess dumping(site_, {"serve", "--workers", "1", "--core-dumps"});
  const std::string limits = proc(dumping.workers().front(), "limits");
  EXPECT_EQ(limits.find("core file size        1 "), std::string::npos) << limits;
  EXPECT_NE(dumping.log().text().find("a core file holds the keys of tokens"), std::string::npos);
}

TEST_F(Workers, AreScheduledAsBatchOrAsTheirMaster) {
  const int ours = sched_getscheduler(0);  // which the master inherits
  for (const auto& [flags, policy] :
       {std::pair<std::vector<std::string>, int>{{}, ours == SCHED_OTHER ? SCHED_BATCH : ours},
        {{"--worker-scheduling", "inherit"}, ours}}) {
    std::vector<std::string> arguments = {"serve", "--workers", "1"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const ServerProcess server(site_, arguments);
    EXPECT_EQ(sched_getscheduler(server.pid()), ours);
    EXPECT_EQ(sched_getscheduler(server.workers().front()), policy);
  }
}

TEST_F(Workers, AreShownWithTheNameOfTheServer) {
  const ServerProcess server(site_, {"serve", "--workers", "1", "--name", "shop"});
  EXPECT_EQ(title_of(server.pid()), "tollgate master [shop]");
  EXPECT_EQ(title_of(server.workers().front()), "tollgate worker 0 [shop] generation 1");
}

TEST_F(Workers, HaveTheEnvironmentAndTheDirectoryOfTheSettings) {
  const std::string inner = site_.directory() / "inner";
  ASSERT_EQ(mkdir(inner.c_str(), 0755), 0);
  // Relative: the file and the application to the start, the access log to chdir.
  std::filesystem::create_symlink(TEST_APPLICATIONS "/libtest_hooks.so",
                                  site_.directory() / "app.so");
  write_file(
      site_.directory() / "t.toml",
      "chdir = 'inner'\numask = '077'\nraw_env = ['COLOUR=a=b', 'EMPTY=']\naccesslog = 'access'\n");
  const ServerProcess server(site_.command(
      {"serve", "--config", "t.toml", "--bind", "127.0.0.1:0", "--workers", "1", "./app.so"}));
  const auto expect_all = [&] {
    EXPECT_EQ(get(server.address(), "/directory").body, inner);
    EXPECT_EQ(get(server.address(), "/environment/COLOUR").body, "a=b");
    EXPECT_EQ(get(server.address(), "/environment/EMPTY").body, "");
  };
  expect_all();
  struct stat info {};
  ASSERT_EQ(stat((inner + "/access").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  // What holds from the start to the end is not changed by a reload, which says so.
  write_file(site_.directory() / "t.toml",
             read_file(site_.directory() / "t.toml") + "proc_name = 'other'\n");
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done")) << server.log().text();
  EXPECT_TRUE(server.log().wait_for("proc_name: \"\" becomes \"other\" at the next restart only"));
  expect_all();
}

TEST_F(Workers, DoNotNeedReusePortWhichIsSaid) {
  const ServerProcess server(site_, {"serve", "--workers", "1", "--reuse-port"});
  EXPECT_NE(server.log().text().find("reuse_port is not needed"), std::string::npos);
  const Finished check = run(site_.server({"check", "--reuse-port"}));
  EXPECT_EQ(check.status.code, 0);
  EXPECT_NE(check.err.find("reuse_port is not needed"), std::string::npos) << check.err;
}

}  // namespace
}  // namespace tollgate::test

// The upgrade of the binary (USR2): a new master takes over, or the old one goes on.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "tests/integration/upgrade_fixture.h"
#include "tests/support/load.h"

namespace tollgate::test {
namespace {

TEST(Upgrade, FiveInARowLoseNoRequest) {
  UpgradeSite site({"--upgrade-probation", "100ms"});
  auto& server = site.server();
  Load kept(server.addresses()[0], {.clients = 8});
  Load anew(server.addresses()[0], {.clients = 4, .keep_alive = false});
  Load local(server.addresses()[1], {.clients = 4});
  Load local_anew(server.addresses()[1], {.clients = 2, .keep_alive = false});
  for (int i = 0; i < 5; ++i) {
    const std::size_t mark = server.log().mark();
    const pid_t next = site.upgrade();
    ASSERT_TRUE(server.log().wait_for("upgrade: done", mark)) << server.log().text();
    ASSERT_EQ(site.pid_in_file(), next);
    for (Load* load : {&kept, &anew, &local, &local_anew})
      ASSERT_TRUE(load->wait_for_answers(20)) << server.log().text();
  }
  for (Load* load : {&kept, &anew, &local, &local_anew}) expect_no_loss(load->stop());
  site.end();
}

TEST(Upgrade, OfRequestsUnderWayLosesNone) {
  UpgradeSite site({"--upgrade-probation", "0ms", "--threads", "2"});
  auto& server = site.server();
  HttpClient busy(server.address());
  busy.send(request("GET", "/block/500"));
  // It is under way when another, behind it, has been answered.
  ASSERT_EQ(get(server.address(), "/plain").status, 200);
  site.upgrade();
  const auto response = busy.receive();
  ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
  EXPECT_EQ(response->body, "blocked for 500 ms\n");
  server.log().wait_for("upgrade: done");
  site.end();
}

TEST(Upgrade, ByCtlIsToldItsOutcomeAndTheControlSocketFollows) {
  UpgradeSite site({"--upgrade-probation", "10ms"});
  const auto pid_of_status = [&] {
    const std::string json = site.ctl({"status", "--json"}).out;
    const auto at = json.find("\"pid\":");
    return at == std::string::npos ? 0 : std::atoi(json.c_str() + at + 6);
  };
  ASSERT_EQ(pid_of_status(), site.pid_in_file());
  site.become_script("exit 3");
  const Finished bad = site.upgrade_by_ctl();
  EXPECT_EQ(bad.status.code, 1);
  EXPECT_NE(bad.err.find("ended with code 3"), std::string::npos) << bad.err;
  site.become_binary();
  // The path is there at every moment, also while one steps down and the next takes it.
  for (int i = 0; i < 5; ++i) {
    const Finished good = site.upgrade_by_ctl();
    ASSERT_EQ(good.status.code, 0) << good.err << site.server().log().text();
    EXPECT_NE(site.pid_in_file(), site.server().pid());
    EXPECT_EQ(pid_of_status(), site.pid_in_file());
  }
  EXPECT_EQ(site.ctl({"reload", "--wait"}).status.code, 0);
  site.end();
  EXPECT_FALSE(site.exists("ctl"));
}

TEST(Upgrade, HasAPidFileAndASocketAtEachStage) {
  UpgradeSite site({"--upgrade-probation", "300ms"});
  auto& server = site.server();
  EXPECT_EQ(site.pid_in_file(), server.pid());
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation()) << server.log().text();
  EXPECT_EQ(site.pid_in_file(), server.pid());
  EXPECT_EQ(site.pid_in_file(".2"), next);
  EXPECT_EQ(get(server.addresses()[1], "/plain").status, 200);
  ASSERT_TRUE(server.log().wait_for("has stopped with code 0")) << server.log().text();
  site.expect_owner(next);
  site.end();
  site.expect_nothing_left();
}

TEST(Upgrade, TakesTheCountersAlong) {
  UpgradeSite site({"--upgrade-probation", "0ms"});
  auto& server = site.server();
  std::size_t mark = 0;
  for (const int count : {10, 30}) {
    for (int i = count == 10 ? 0 : 10; i < count; ++i)
      ASSERT_EQ(get(server.address(), "/plain").status, 200);
    mark = server.log().mark();
    site.upgrade();
    // The old master folds them in when its workers are gone, which may be after the take-over.
    ASSERT_TRUE(server.log().wait_for("has stopped with code 0", mark)) << server.log().text();
    ASSERT_TRUE(server.log().wait_for("upgrade: done", mark)) << server.log().text();
  }
  mark = server.log().mark();
  site.upgrade();
  EXPECT_TRUE(server.log().wait_for("steps down; 30 requests so far", mark)) << server.log().text();
  ASSERT_TRUE(server.log().wait_for("upgrade: done", mark));
  site.end();
}

TEST(Upgrade, KeepsTheSigningKeyOutOfEveryEnvironment) {
  UpgradeSite site({"--upgrade-probation", "0ms"}, {.key_in_environment = true});
  auto& server = site.server();
  const std::vector<pid_t> old = server.workers();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(server.wait_for_workers(2, old)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site.token())).status, 200);
  std::vector<pid_t> processes = server.workers();
  processes.push_back(next);
  for (const pid_t pid : processes) {
    const std::string environment = read_file("/proc/" + std::to_string(pid) + "/environ");
    EXPECT_NE(environment.find("PATH="), std::string::npos) << pid;
    EXPECT_EQ(environment.find(site.key()), std::string::npos) << pid;
  }
  server.log().wait_for("upgrade: done");
  // The next one gets it, too.
  const std::size_t mark = server.log().mark();
  site.upgrade();
  ASSERT_TRUE(server.log().wait_for("upgrade: done", mark)) << server.log().text();
  EXPECT_EQ(get(server.address(), "/api/me", bearer(site.token())).status, 200);
  site.end();
}

TEST(Upgrade, TakesTheSocketsOfTheNewConfiguration) {
  UpgradeSite site({"--upgrade-probation", "0ms"}, {.bind_in_file = true});
  auto& server = site.server();
  const Address port = server.addresses()[0];
  Address other = server.addresses()[1];
  other.path = site.file("other");
  site.bind({"127.0.0.1:0", "unix:" + other.path});
  site.upgrade();
  ASSERT_TRUE(server.log().wait_for("has stopped with code 0")) << server.log().text();
  EXPECT_EQ(get(port, "/plain").status, 200);
  EXPECT_EQ(get(other, "/plain").status, 200);
  EXPECT_FALSE(site.exists("socket"));  // nobody listens there any more
  site.end();
  EXPECT_FALSE(site.exists("other"));
}

struct BadProgram {
  std::string name;
  std::string script;  // empty: there is none
  std::string says;    // the old master's log
};

class UpgradeToABadProgram : public testing::TestWithParam<BadProgram> {};

TEST_P(UpgradeToABadProgram, LeavesTheOldOneAsItWas) {
  UpgradeSite site;
  auto& server = site.server();
  const std::vector<pid_t> workers = server.workers();
  Load load(server.address(), {.clients = 4});
  ASSERT_TRUE(load.wait_for_answers(20));
  if (GetParam().script.empty())
    site.remove_program();
  else
    site.become_script(GetParam().script);
  site.upgrade();
  const auto failed = server.log().wait_for("upgrade: failed: ");
  ASSERT_TRUE(failed) << server.log().text();
  EXPECT_NE(failed->text.find(GetParam().says), std::string::npos) << failed->text;
  ASSERT_TRUE(load.wait_for_answers(20));
  expect_no_loss(load.stop());
  EXPECT_EQ(server.workers(), workers);
  EXPECT_EQ(site.pid_in_file(), server.pid());
  EXPECT_FALSE(site.exists("pid.2"));

  // And the next one, with a good program, goes through.
  site.become_binary();
  const std::size_t mark = server.log().mark();
  site.upgrade();
  ASSERT_TRUE(site.in_probation(mark)) << server.log().text();
  site.end();
}

INSTANTIATE_TEST_SUITE_P(
    That, UpgradeToABadProgram,
    testing::Values(
        BadProgram{"ExitsAtOnce", "exit 3", "ended with code 3"},
        BadProgram{"IsNotThere", "", "ENOENT"}, BadProgram{"Crashes", "kill -SEGV $$", "SIGSEGV"},
        BadProgram{"RefusesItsSettings", "exec BINARY \"$@\" --workers nonsense",
                   "ended with code 78 (a wrong configuration): --workers: "},
        BadProgram{"CannotBind", "exec BINARY \"$@\" --bind 203.0.113.1:1",
                   "ended with code 2: bind 203.0.113.1:1: "},
        BadProgram{"CannotStartAWorker", "exec BINARY \"$@\" --database sqlite:/nonexistent/x",
                   "no worker ever became ready: "},
        BadProgram{"HangsUp",
                   "exec {TOLLGATE_UPGRADE}>&-; trap 'exit 0' TERM; while :; do sleep 0.02; done",
                   "it has closed its channel"}),
    [](const auto& each) { return each.param.name; });

TEST(Upgrade, ThatIsKilledInProbationGivesTheServerBack) {
  UpgradeSite site;
  auto& server = site.server();
  const std::vector<pid_t> old = server.workers();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  ASSERT_TRUE(server.log().wait_for(") ended with code 0 (scale_down)")) << server.log().text();
  const std::size_t mark = server.log().mark();
  kill(next, SIGKILL);
  const auto failed = server.log().wait_for("upgrade: failed: ", mark);
  ASSERT_TRUE(failed) << server.log().text();
  ASSERT_TRUE(server.log().wait_for(") is ready", mark)) << server.log().text();
  site.expect_owner(server.pid());
  server.stop();
  site.expect_nothing_left();
}

// That its process lives is not enough.
TEST(Upgrade, WhoseWorkersDieOneAfterTheOtherInProbationGivesTheServerBack) {
  UpgradeSite site;
  auto& server = site.server();
  const std::string next = std::to_string(site.upgrade());
  ASSERT_TRUE(site.in_probation());
  std::optional<Line> failed;
  for (const Deadline deadline(kPatience); !failed && !deadline.passed();
       failed = server.log().wait_for("upgrade: failed: ", 0, 20ms)) {
    std::istringstream children(read_file("/proc/" + next + "/task/" + next + "/children"));
    for (pid_t worker = 0; children >> worker;) kill(worker, SIGKILL);
  }
  ASSERT_TRUE(failed) << server.log().text();
  EXPECT_NE(failed->text.find("its workers die one after the other"), std::string::npos)
      << failed->text;
  site.expect_owner(server.pid());
  server.stop();
  site.expect_nothing_left();
}

struct WayBack {
  std::string name;
  bool to_the_new;
  int signal;
  std::string says;
};

class UpgradeThatIsTakenBack : public testing::TestWithParam<WayBack> {};

TEST_P(UpgradeThatIsTakenBack, LosesNoRequest) {
  UpgradeSite site;
  auto& server = site.server();
  Load load(server.address(), {.clients = 4});
  Load anew(server.addresses()[1], {.clients = 2, .keep_alive = false});
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  ASSERT_TRUE(load.wait_for_answers(20));
  kill(GetParam().to_the_new ? next : server.pid(), GetParam().signal);
  const auto failed = server.log().wait_for("upgrade: failed: ");
  ASSERT_TRUE(failed) << server.log().text();
  EXPECT_NE(failed->text.find(GetParam().says), std::string::npos) << failed->text;
  ASSERT_TRUE(load.wait_for_answers(20));
  ASSERT_TRUE(anew.wait_for_answers(20));
  expect_no_loss(load.stop());
  expect_no_loss(anew.stop());
  site.expect_owner(server.pid());
  server.stop();
  site.expect_nothing_left();
}

INSTANTIATE_TEST_SUITE_P(
    By, UpgradeThatIsTakenBack,
    testing::Values(WayBack{"TermToTheNewMaster", true, SIGTERM, "it was told to stop"},
                    WayBack{"HupToTheOldMaster", false, SIGHUP, "called off by SIGHUP"}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace tollgate::test

// How an upgrade ends: by hand, by a death, under systemd; whoever dies, one server goes on.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "tests/integration/upgrade_fixture.h"
#include "tests/support/load.h"

namespace tollgate::test {
namespace {

// Gunicorn's way by hand: USR2, WINCH, TERM.
TEST(Upgrade, ByHandEndsWithATermToTheOldMaster) {
  UpgradeSite site;
  auto& server = site.server();
  Load load(server.address(), {.clients = 4});
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  server.signal(SIGWINCH);
  server.signal(SIGTERM);
  ASSERT_TRUE(server.log().wait_for("has stopped with code 0")) << server.log().text();
  ASSERT_TRUE(load.wait_for_answers(20));
  expect_no_loss(load.stop());
  site.expect_owner(next);
  site.end();
  site.expect_nothing_left();
}

TEST(Upgrade, TermToBothMastersLeavesNothing) {
  UpgradeSite site;
  auto& server = site.server();
  site.upgrade();
  ASSERT_TRUE(site.in_probation());
  kill(-server.pid(), SIGTERM);  // as a terminal's Ctrl-C does it
  server.expect_end({.code = 0});
  site.expect_nothing_left();
}

TEST(Upgrade, ASecondOneMeanwhileIsRefused) {
  UpgradeSite site;
  auto& server = site.server();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  server.signal(SIGUSR2);
  ASSERT_TRUE(server.log().wait_for("refused, another upgrade is under way"));
  const std::size_t mark = server.log().mark();
  kill(next, SIGUSR2);
  ASSERT_TRUE(server.log().wait_for("refused, another upgrade is under way", mark));
  site.end();
}

// Its death at any stage is the new master's beginning.
TEST(Upgrade, WhoseOldMasterIsKilledInProbationGoesOn) {
  UpgradeSite site;
  auto& server = site.server();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  server.signal(SIGKILL);
  ASSERT_TRUE(server.log().wait_for("is gone; ")) << server.log().text();
  site.expect_owner(next);
  site.end({.code = -1, .signal = SIGKILL});
  site.expect_nothing_left();
}

TEST(Upgrade, WhoseOldMasterIsKilledWhileItStartsGoesOn) {
  UpgradeSite site;
  auto& server = site.server();
  site.become_script("while [ ! -e GO ]; do sleep 0.02; done; exec BINARY \"$@\"");
  const pid_t next = site.upgrade();
  server.signal(SIGKILL);
  ASSERT_TRUE(wait_for_end_of(open_pidfd(server.pid()), kPatience));
  site.go();
  ASSERT_TRUE(server.log().wait_for("(pid " + std::to_string(next) + ") is ready: listening on"))
      << server.log().text();
  site.expect_owner(next);
  site.end({.code = -1, .signal = SIGKILL});
  site.expect_nothing_left();
}

// Between "yours" and "took over" neither may count on the other. A stopped master cannot answer.
class HandOver : public testing::Test {
 protected:
  pid_t stop_in_hand_over() {
    const pid_t next = site_.upgrade();
    EXPECT_TRUE(site_.in_probation());
    kill(next, SIGSTOP);
    EXPECT_TRUE(log().wait_for("upgrade: hands over")) << log().text();
    return next;
  }
  const Output& log() { return site_.server().log(); }

  UpgradeSite site_{{"--upgrade-probation", "300ms"}};
};

TEST_F(HandOver, InWhichTheNewMasterIsKilledIsTakenBack) {
  kill(stop_in_hand_over(), SIGKILL);
  ASSERT_TRUE(log().wait_for("upgrade: failed: ")) << log().text();
  site_.expect_owner(site_.server().pid());
  site_.server().stop();
  site_.expect_nothing_left();
}

TEST_F(HandOver, InWhichTheNewMasterNeverAnswersIsTakenBack) {
  stop_in_hand_over();
  ASSERT_TRUE(log().wait_for("upgrade: failed: ")) << log().text();
  site_.expect_owner(site_.server().pid());
  site_.server().stop();
  site_.expect_nothing_left();
}

TEST_F(HandOver, InWhichTheOldMasterIsKilledIsDone) {
  const pid_t next = stop_in_hand_over();
  site_.server().signal(SIGKILL);
  ASSERT_TRUE(wait_for_end_of(open_pidfd(site_.server().pid()), kPatience));
  kill(next, SIGCONT);
  ASSERT_TRUE(log().wait_for("upgrade: this master takes over")) << log().text();
  site_.expect_owner(next);
  site_.end({.code = -1, .signal = SIGKILL});
  site_.expect_nothing_left();
}

// Of processor time, in the clock ticks of proc_pid_stat(5).
milliseconds time_on_processor(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  // Behind the name, which may hold anything: utime and stime are the 12th and 13th word.
  std::istringstream words(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
  std::string passed_over;
  for (int i = 0; i < 11; ++i) words >> passed_over;
  long user = 0;
  long system = 0;
  EXPECT_TRUE(words >> user >> system) << stat;
  return milliseconds((user + system) * 1000 / sysconf(_SC_CLK_TCK));
}

// What it took has no owner then: that is the death of a master, and no way back.
TEST(Upgrade, WhoseNewMasterDiesAfterTheHandOverLetsTheOldOneFinishAndEnd) {
  UpgradeSite site({"--upgrade-probation", "0ms", "--threads", "2"});
  auto& server = site.server();
  HttpClient busy(server.address());
  busy.send(request("GET", "/block/3000"));
  // It is under way when another, behind it, has been answered.
  ASSERT_EQ(get(server.address(), "/plain").status, 200);
  const pid_t next = site.upgrade();
  ASSERT_TRUE(server.log().wait_for("upgrade: done")) << server.log().text();
  const milliseconds before = time_on_processor(server.pid());
  kill(next, SIGKILL);
  const auto response = busy.receive();
  ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
  EXPECT_EQ(response->body, "blocked for 3000 ms\n");
  // A master whose poll() finds the end of the other again and again would spin all the while.
  EXPECT_LT(time_on_processor(server.pid()) - before, 200ms);
  server.expect_end({.code = 0});
  EXPECT_EQ(server.log().text().find("upgrade: failed"), std::string::npos);
}

TEST(Upgrade, UnderSystemdTellsItsMainProcessAndThenThatItIsReady) {
  UpgradeSite site({"--upgrade-probation", "100ms"}, {.notify = true});
  auto& server = site.server();
  ASSERT_TRUE(site.hears("READY=1"));
  const pid_t next = site.upgrade();
  // Nothing of the new master's is heard before the old one has named it.
  EXPECT_EQ(site.hears("MAINPID="), "MAINPID=" + std::to_string(next));
  ASSERT_TRUE(site.hears("READY=1"));
  ASSERT_TRUE(server.log().wait_for("has stopped with code 0"));
  site.end();
  EXPECT_TRUE(site.hears("STOPPING=1"));
}

TEST(Upgrade, UnderSystemdIsStoppedAsAWhole) {
  UpgradeSite site({}, {.notify = true});
  auto& server = site.server();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  const UniqueFd theirs = open_pidfd(next);
  server.stop();  // waits for the end of all
  EXPECT_TRUE(wait_for_end_of(theirs, 0ms));
  site.expect_nothing_left();
}

// The end of the old one's shutdown_delay is no second order to stop: the new one has its own.
TEST(Upgrade, UnderSystemdWithAShutdownDelayIsToldToStopOnce) {
  UpgradeSite site({"--shutdown-delay", "300ms", "--threads", "2"}, {.notify = true});
  auto& server = site.server();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation());
  HttpClient busy(server.address());
  busy.send(request("GET", "/block/1500"));
  ASSERT_EQ(get(server.address(), "/plain").status, 200);
  server.signal(SIGTERM);
  const auto response = busy.receive();
  ASSERT_TRUE(response) << to_string(response.error()) << server.log().text();
  EXPECT_EQ(response->body, "blocked for 1500 ms\n");
  server.expect_end({.code = 0});
  const std::string log = server.log().text();
  const std::string of_the_new = "[" + std::to_string(next) + "] [INFO] ";
  EXPECT_NE(log.find(of_the_new + "SIGTERM from process " + std::to_string(server.pid()) +
                     ": no longer ready"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find(of_the_new + "shutdown_delay is over"), std::string::npos) << log;
  EXPECT_EQ(log.find("at once"), std::string::npos) << log;
  site.expect_nothing_left();
}

// Either master may have tried a generation that failed, before or meanwhile.
TEST(Upgrade, SurvivesFailedReloadsOfBothMasters) {
  UpgradeSite site({"--upgrade-probation", "1s"}, {.bind_in_file = true});
  auto& server = site.server();
  const std::string good = read_file(site.file("config.toml"));
  const auto fail_to_reload = [&](pid_t master) {
    const std::size_t mark = server.log().mark();
    write_file(site.file("config.toml"),
               good + "accesslog = \"-\"\naccess_log_format = \"%(x)s\"\n");
    kill(master, SIGHUP);
    ASSERT_TRUE(server.log().wait_for("is abandoned, generation 1 goes on", mark))
        << server.log().text();
    write_file(site.file("config.toml"), good);
  };
  fail_to_reload(server.pid());
  site.become_script("exit 3");
  site.upgrade();
  ASSERT_TRUE(server.log().wait_for("upgrade: failed")) << server.log().text();
  site.become_binary();
  const pid_t next = site.upgrade();
  ASSERT_TRUE(site.in_probation()) << server.log().text();
  fail_to_reload(next);
  ASSERT_TRUE(server.log().wait_for("has stopped with code 0")) << server.log().text();
  EXPECT_EQ(site.pid_in_file(), next);
  EXPECT_EQ(get(server.addresses()[0], "/plain").status, 200);
  site.end();
}

}  // namespace
}  // namespace tollgate::test

// SPDX-License-Identifier: Apache-2.0
#include "server/master/supervisor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "server/base/exit_code.h"
#include "tests/server/master/fake_server.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::master {
namespace {

Config with_workers(uint32_t workers) {
  Config config;
  config.workers = workers;
  return config;
}

std::vector<Event> await_ready(FakeServer& server, int workers) {
  std::vector<Event> ready;
  ready.reserve(static_cast<std::size_t>(workers));
  for (int i = 0; i < workers; ++i) ready.push_back(server.await("ready"));
  return ready;
}

TEST(Supervisor, TheReadinessLineNamesEveryAddressWithItsRealPort) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.sock");
  FakeServer server({.config = with_workers(2), .bind = {"127.0.0.1:0", "unix:" + path}});
  const std::string line = server.await("line").text;
  const std::string begin = "tollgate 0.1.0 (pid " + std::to_string(server.pid()) +
                            ") is ready: listening on http://127.0.0.1:";
  EXPECT_TRUE(line.starts_with(begin)) << line;
  EXPECT_FALSE(line.substr(begin.size()).starts_with("0,")) << line;
  EXPECT_TRUE(line.ends_with(", unix:" + path + "; 2 workers")) << line;
}

TEST(Supervisor, ReadyMeansThatAllWorkersAre) {
  FakeServer server({.config = with_workers(3)});
  int ready = 0;
  for (Event event = server.next(); event.what != "line"; event = server.next()) {
    ASSERT_FALSE(event.what.empty());
    ready += event.what == "ready" ? 1 : 0;
  }
  EXPECT_EQ(ready, 3);
}

TEST(Supervisor, AKilledWorkerIsReplacedInItsSlot) {
  FakeServer server({.config = with_workers(2)});
  const Event victim = await_ready(server, 2)[0];
  server.await("line");
  kill(victim.pid, SIGKILL);
  const Event replacement = server.await("ready");
  EXPECT_EQ(replacement.slot, victim.slot);
  EXPECT_EQ(replacement.generation, victim.generation);
  EXPECT_NE(replacement.pid, victim.pid);
}

TEST(Supervisor, AllWorkersKilledTogetherAreAllReplaced) {
  FakeServer server({.config = with_workers(4)});
  const auto victims = await_ready(server, 4);
  server.await("line");
  for (const Event& victim : victims) kill(victim.pid, SIGKILL);
  await_ready(server, 4);
}

int crash(FakeWorker&) {
  ::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would make it an exit code
  raise(SIGSEGV);
  return 0;
}

TEST(Supervisor, AFirstBootThatCrashesIsTriedAFewTimesAndEndsWithCode3) {
  FakeServer server({.config = with_workers(1), .worker_main = crash});
  EXPECT_EQ(server.exit_code(), kExitWorkerBoot);
  int boots = 0;
  while (server.next(std::chrono::milliseconds(0)).what == "boot") ++boots;
  EXPECT_EQ(boots, 5);
}

TEST(Supervisor, AFirstBootThatSaysWhyEndsWithItsCode) {
  for (const int code : {kExitWorkerBoot, kExitApplication, kExitConfiguration}) {
    FakeServer server({.config = with_workers(2), .worker_main = [code](FakeWorker& worker) {
                         static_cast<void>(worker.start().lifeline.send(
                             os::Report{os::Report::Kind::Failed, code, "for a test"}));
                         return code;
                       }});
    EXPECT_EQ(server.exit_code(), code);
  }
}

TEST(Supervisor, ACrashLoopIsForkedSlowerAndSlowerAndDoesNotStopTheServer) {
  const TemporaryFolder folder;
  const std::string broken = folder.file("broken");
  FakeServer server({.config = with_workers(1), .worker_main = [broken](FakeWorker& worker) {
                       return std::filesystem::exists(broken) ? crash(worker) : serve(worker);
                     }});
  const Event first = server.await("ready");
  server.await("line");
  std::filesystem::create_directory(broken);
  kill(first.pid, SIGKILL);
  // 0, 100, 300 and 700 ms after the kill; the next would come at 1500 ms.
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) server.await("boot");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 690ms);
  EXPECT_EQ(server.next(500ms).what, "");
  std::filesystem::remove(broken);
  server.await("ready");
}

TEST(Supervisor, ASilentWorkerIsAbortedAndReplaced) {
  Config config = with_workers(1);
  config.timeout = 300ms;
  FakeServer server({.config = config, .worker_main = [](FakeWorker& worker) {
                       worker.be_ready();
                       if (worker.start().slot == 0) FakeWorker::hang();
                       return worker.obey();
                     }});
  const Event silent = server.await("ready");
  const UniqueFd pidfd = open_pidfd(silent.pid);
  EXPECT_EQ(server.await("ready").slot, 1);  // its own slot is not free before it is reaped
  EXPECT_TRUE(ends(pidfd, 5s));
}

// As in a frozen cgroup: nobody ran, so nobody was silent.
TEST(Supervisor, AMasterThatOversleptGivesHeartbeatsTimeAgain) {
  Config config = with_workers(1);
  config.timeout = 600ms;
  FakeServer server({.config = config});
  const Event worker = server.await("ready");
  server.await("line");
  server.signal(SIGSTOP);
  kill(worker.pid, SIGSTOP);
  EXPECT_EQ(server.next(1500ms).what, "");
  server.signal(SIGCONT);
  EXPECT_EQ(server.next(100ms).what, "");  // the master runs again, its worker not yet
  kill(worker.pid, SIGCONT);
  server.signal(SIGUSR1);
  const Event answer = server.next();
  EXPECT_EQ(answer.what, "reopen");
  EXPECT_EQ(answer.pid, worker.pid);
}

TEST(Supervisor, ASilentWorkerIsToldByAbortAndThenKilled) {
  Config config = with_workers(1);
  config.timeout = 300ms;
  FakeServer server({.config = config, .worker_main = [](FakeWorker& worker) -> int {
                       if (worker.start().slot != 0) return serve(worker);
                       sigset_t abort;
                       sigemptyset(&abort);
                       sigaddset(&abort, SIGABRT);
                       sigprocmask(SIG_BLOCK, &abort, nullptr);
                       worker.be_ready();
                       int got = 0;
                       sigwait(&abort, &got);  // here a worker prints where it hangs
                       worker.tell("aborted");
                       FakeWorker::hang();
                     }});
  const UniqueFd pidfd = open_pidfd(server.await("ready").pid);
  server.await("aborted");
  EXPECT_TRUE(ends(pidfd, 5s));
}

TEST(Supervisor, ADeadWorkersSlotCountsForNothing) {
  FakeServer server({.config = with_workers(1), .worker_main = [](FakeWorker& worker) {
                       worker.tell("finds", std::to_string(worker.slot().connections));
                       worker.slot().connections = 5;
                       return serve(worker);
                     }});
  EXPECT_EQ(server.await("finds").text, "0");
  kill(server.await("ready").pid, SIGKILL);
  EXPECT_EQ(server.await("finds").text, "0");
}

TEST(Supervisor, ABootThatHangsIsEndedAfterItsTimeout) {
  Config config = with_workers(1);
  config.boot_timeout = 200ms;
  FakeServer server({.config = config, .worker_main = [](FakeWorker& worker) {
                       if (worker.start().slot == 0) FakeWorker::hang();
                       return serve(worker);
                     }});
  EXPECT_EQ(server.await("ready").slot, 1);
}

TEST(Supervisor, ATiredWorkerIsReplacedBeforeItDrains) {
  FakeServer server({.config = with_workers(1), .worker_main = [](FakeWorker& worker) {
                       worker.be_ready();
                       if (worker.start().slot == 0)
                         static_cast<void>(worker.start().lifeline.send(
                             os::Report{os::Report::Kind::Retire, 0, "max_requests"}));
                       return worker.obey();
                     }});
  EXPECT_EQ(server.await("ready").slot, 0);
  for (Event event = server.next(); event.what != "ready"; event = server.next())
    ASSERT_TRUE(event.what == "line" || event.what == "boot") << event.what;
  EXPECT_EQ(server.await("drain").slot, 0);
}

TEST(Supervisor, TtinAndTtouCountUpAndDownToOne) {
  FakeServer server({.config = with_workers(1)});
  server.await("line");
  server.signal(SIGTTIN);
  EXPECT_EQ(server.await("ready").slot, 1);
  server.signal(SIGTTOU);
  EXPECT_EQ(server.await("drain").slot, 1);
  server.signal(SIGTTOU);
  server.signal(SIGUSR1);  // an order that only who is alive answers
  EXPECT_EQ(server.next().what, "reopen");
}

TEST(Supervisor, WinchFromAProcessEndsAllWorkersAndTtinBringsOneBack) {
  FakeServer server({.config = with_workers(2)});
  server.await("line");
  server.signal(SIGWINCH);
  server.await("drain");
  server.await("drain");
  server.signal(SIGTTIN);
  server.await("ready");
}

TEST(Supervisor, Usr1ReopensTheLogsEverywhere) {
  FakeServer server({.config = with_workers(2)});
  server.await("line");
  server.signal(SIGUSR1);
  EXPECT_NE(server.await("reopen").pid, server.await("reopen").pid);
}

TEST(Supervisor, Usr2IsRefusedAndHarmsNobody) {
  FakeServer server({.config = with_workers(1)});
  server.await("line");
  server.signal(SIGUSR2);
  server.signal(SIGUSR1);
  EXPECT_EQ(server.next().what, "reopen");
}

TEST(Supervisor, WhatATerminalSendsToTheGroupDoesNotHurtAWorker) {
  FakeServer server({.config = with_workers(1)});
  const Event worker = server.await("ready");
  server.await("line");
  for (const int number :
       {SIGINT, SIGQUIT, SIGHUP, SIGWINCH, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU, SIGPIPE, SIGTERM})
    kill(worker.pid, number);
  server.signal(SIGUSR1);
  const Event answer = server.next();
  EXPECT_EQ(answer.what, "reopen");
  EXPECT_EQ(answer.pid, worker.pid);
}

// Leaves an orphan to process 1, and waits until it is no longer even a zombie.
bool orphan_is_reaped() {
  int ends_of_pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends_of_pair) != 0) return false;
  const pid_t middle = fork();
  if (middle == 0) {
    const pid_t orphan = fork();
    if (orphan == 0) _exit(0);
    _exit(write(ends_of_pair[1], &orphan, sizeof orphan) < 0);
  }
  waitpid(middle, nullptr, 0);
  pid_t orphan = 0;
  if (read(ends_of_pair[0], &orphan, sizeof orphan) < 0) return false;
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (kill(orphan, 0) == 0)
    if (std::chrono::steady_clock::now() > deadline) return false;
  return true;
}

TEST(Supervisor, AsProcessOneItReapsWhatIsNotItsOwnAndStillKnowsItsWorkers) {
  FakeServer server({.config = with_workers(1),
                     .worker_main =
                         [](FakeWorker& worker) {
                           worker.tell("reaped", orphan_is_reaped() ? "yes" : "no");
                           return serve(worker);
                         },
                     .as_process_one = true});
  if (!server.started()) GTEST_SKIP() << "a PID name space needs privileges";
  EXPECT_EQ(server.await("reaped").text, "yes");
  server.await("line");
  server.signal(SIGTERM);
  EXPECT_EQ(server.exit_code(), 0);
}

// Else a lifeline would not end with its owner, and a reload would leak descriptors.
TEST(Supervisor, AWorkerHoldsNothingOfTheMastersOrItsSiblings) {
  FakeServer server({.config = with_workers(3), .worker_main = [](FakeWorker& worker) {
                       int sockets = 0;
                       std::string foreign;
                       for (const auto& entry :
                            std::filesystem::directory_iterator("/proc/self/fd")) {
                         std::error_code gone;
                         const auto target = std::filesystem::read_symlink(entry, gone).string();
                         if (target.starts_with("socket:")) ++sockets;
                         if (target.find("pidfd") != std::string::npos ||
                             target.find("signalfd") != std::string::npos)
                           foreign += target + ' ';
                       }
                       worker.tell("holds", std::to_string(sockets) + " sockets " + foreign);
                       return serve(worker);
                     }});
  std::set<std::string> answers;
  Event first = server.await("holds");
  answers = {first.text, server.await("holds").text, server.await("holds").text};
  // The first worker was forked when there were no siblings.
  EXPECT_EQ(answers.size(), 1U) << first.text << " | " << *answers.rbegin();
  EXPECT_EQ(first.text.find("fd"), std::string::npos) << first.text;
}

}  // namespace
}  // namespace tollgate::master

// SPDX-License-Identifier: Apache-2.0
#include "server/master/upgrade.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <initializer_list>
#include <set>

#include "server/os/small_file.h"
#include "tests/server/master/fake_server.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::master {
namespace {

using S = UpgradeState;
using E = UpgradeEvent;
using A = UpgradeAction;

struct Story {
  const char* name;
  std::initializer_list<E> events;
  S end;
  std::initializer_list<A> actions;
};

const Story kStories[] = {
    {"it goes well",
     {E::Begin, E::Ready, E::Late, E::Taken},
     S::HandedOver,
     {A::Await, A::StepAside, A::HandOver, A::Leave}},
    {"its end is then its own business",
     {E::Begin, E::Ready, E::Late, E::Taken, E::HungUp, E::Gone, E::Late},
     S::HandedOver,
     {A::Await, A::StepAside, A::HandOver, A::Leave}},
    {"a second one meanwhile is none", {E::Begin, E::Begin}, S::Starting, {A::Await}},
    {"it cannot start", {E::Begin, E::Gone}, S::None, {A::Await, A::Settle}},
    {"it says that it cannot start, and ends",
     {E::Begin, E::Failed, E::HungUp, E::Gone},
     S::None,
     {A::Await, A::TakeBack, A::Settle}},
    {"it never becomes ready, and does not end on TERM",
     {E::Begin, E::Late, E::Late, E::Gone},
     S::None,
     {A::Await, A::SendAway, A::Kill, A::Settle}},
    {"it becomes ready just too late",
     {E::Begin, E::Late, E::Ready},
     S::Leaving,
     {A::Await, A::SendAway}},
    {"it dies in probation",
     {E::Begin, E::Ready, E::Gone},
     S::None,
     {A::Await, A::StepAside, A::Settle}},
    {"it is told to stop in probation",
     {E::Begin, E::Ready, E::Failed, E::HungUp, E::Gone},
     S::None,
     {A::Await, A::StepAside, A::TakeBack, A::Settle}},
    {"it is called off",
     {E::Begin, E::Ready, E::CallOff, E::Failed, E::Gone},
     S::None,
     {A::Await, A::StepAside, A::SendAway, A::Settle}},
    {"it dies before it took over",
     {E::Begin, E::Ready, E::Late, E::HungUp, E::Gone},
     S::None,
     {A::Await, A::StepAside, A::HandOver, A::SendAway, A::Settle}},
    {"it never says that it took over",
     {E::Begin, E::Ready, E::Late, E::Late, E::Gone},
     S::None,
     {A::Await, A::StepAside, A::HandOver, A::Kill, A::Settle}},
    {"it is told to stop as it gets everything",
     {E::Begin, E::Ready, E::Late, E::Failed, E::Gone},
     S::None,
     {A::Await, A::StepAside, A::HandOver, A::TakeBack, A::Settle}},
    {"the old one is stopped by hand",
     {E::Begin, E::Ready, E::Stop, E::Taken},
     S::HandedOver,
     {A::Await, A::StepAside, A::HandOver, A::Leave}},
    {"the old one is stopped by hand while it starts",
     {E::Begin, E::Stop, E::Taken},
     S::HandedOver,
     {A::Await, A::HandOver, A::Leave}},
    {"systemd stops both, and then more urgently",
     {E::Begin, E::Ready, E::StopBoth, E::Failed, E::StopBoth, E::Gone},
     S::None,
     {A::Await, A::StepAside, A::Forward, A::Forward, A::Settle}},
    {"without an upgrade nothing has a meaning",
     {E::Ready, E::Failed, E::HungUp, E::Gone, E::Taken, E::Late, E::CallOff, E::Stop, E::StopBoth},
     S::None,
     {}},
};

TEST(UpgradeSteps, Stories) {
  for (const Story& story : kStories) {
    S state = S::None;
    std::vector<A> actions;
    for (const E event : story.events) {
      const auto step = next(state, event);
      if (!step) continue;
      state = step->to;
      actions.push_back(step->action);
    }
    EXPECT_EQ(state, story.end) << story.name;
    EXPECT_EQ(actions, std::vector<A>(story.actions)) << story.name;
  }
}

TEST(UpgradeSteps, NoTwoClaimTheSame) {
  std::set<std::pair<S, E>> seen;
  for (const UpgradeStep& step : upgrade_steps())
    EXPECT_TRUE(seen.emplace(step.from, step.event).second)
        << static_cast<int>(step.from) << " " << static_cast<int>(step.event);
}

// Wherever another process is, its end is dealt with, and waiting for it is bounded.
TEST(UpgradeSteps, NoStateCanLastForEver) {
  for (const S state : {S::Starting, S::Probation, S::HandingOver, S::Leaving}) {
    EXPECT_TRUE(next(state, E::Gone)) << static_cast<int>(state);
    EXPECT_TRUE(next(state, E::Late)) << static_cast<int>(state);
  }
}

class UpgradeOfAFakeServer : public testing::Test {
 protected:
  FakeSettings settings(std::vector<std::string> upgrade) const {
    FakeSettings out{.upgrade = std::move(upgrade)};
    out.config.workers = 1;
    out.config.boot_timeout = 300ms;
    out.config.pidfile = folder_.file("pid");
    return out;
  }
  // The program writes this when it was started.
  bool was_started() const { return std::filesystem::exists(folder_.file("started")); }
  std::vector<std::string> touch() const { return {"/bin/touch", folder_.file("started")}; }

  const TemporaryFolder folder_;
};

TEST_F(UpgradeOfAFakeServer, ThatIsProcessOneIsRefused) {
  FakeSettings as_one = settings(touch());
  as_one.as_process_one = true;
  FakeServer server(as_one);
  if (!server.started()) GTEST_SKIP() << "not allowed to make a PID name space";
  server.await("line");
  server.signal(SIGUSR2);
  server.signal(SIGUSR1);  // answered behind it
  server.await("reopen");
  EXPECT_FALSE(was_started());
}

TEST_F(UpgradeOfAFakeServer, ThatTriesAReloadIsRefused) {
  FakeSettings hangs = settings(touch());
  hangs.config.boot_timeout = 60s;
  hangs.worker_main = [](FakeWorker& worker) {
    if (worker.start().generation == 1) return serve(worker);
    return worker.tell("candidate"), worker.obey();
  };
  FakeServer server(hangs);
  server.await("line");
  server.signal(SIGHUP);
  server.await("candidate");
  server.signal(SIGUSR2);
  server.signal(SIGUSR1);
  server.await("reopen");
  EXPECT_FALSE(was_started());
}

TEST_F(UpgradeOfAFakeServer, ThatIsNeverReadyIsBounded) {
  const std::string script = "trap '' TERM; echo $$ > " + folder_.file("started") +
                             "; for i in $(seq 300); do sleep 0.1; done";
  FakeSettings never = settings({"/bin/sh", "-c", script});
  never.config.graceful_timeout = 100ms;
  FakeServer server(never);
  const Event worker = server.await("ready");
  server.await("line");
  const UniqueFd old_worker = open_pidfd(worker.pid);
  server.signal(SIGUSR2);
  UniqueFd started;
  for (const auto end = std::chrono::steady_clock::now() + 10s;
       !started.valid() && std::chrono::steady_clock::now() < end;) {
    const std::string text = os::read_small_file(folder_.file("started")).value_or("");
    if (text.ends_with('\n')) started = open_pidfd(std::stoi(text));
  }
  ASSERT_TRUE(started.valid());
  EXPECT_TRUE(ends(started, 20s));
  EXPECT_FALSE(ends(old_worker, 0ms));
  server.signal(SIGTERM);
  EXPECT_EQ(server.exit_code(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("pid")));
}

}  // namespace
}  // namespace tollgate::master

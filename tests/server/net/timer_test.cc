// SPDX-License-Identifier: Apache-2.0
#include "server/net/timer.h"

#include "tests/server/net/loop_fixture.h"

namespace tollgate::net {
namespace {

using namespace std::chrono_literals;
using TimerTest = LoopFixture;

TEST_F(TimerTest, FiresOnce) {
  int fired = 0;
  Timer timer(loop_->raw(), [&] { ++fired; });
  EXPECT_FALSE(timer.active());
  timer.start(1ms);
  EXPECT_TRUE(timer.active());
  loop_->run();
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(timer.active());
}

TEST_F(TimerTest, RepeatsUntilItIsStopped) {
  int fired = 0;
  Timer timer(loop_->raw(), [&] {
    if (++fired == 3) timer.stop();
  });
  timer.start(0ms, 1ms);
  loop_->run();
  EXPECT_EQ(fired, 3);
}

TEST_F(TimerTest, StartingAgainReplaces) {
  Timer timer(loop_->raw(), [this] { stop(); });
  timer.start(1h, 1h);
  timer.start(1ms);
  run();
  EXPECT_FALSE(timer.active());
}

TEST_F(TimerTest, StoppedItDoesNotFire) {
  Timer timer(loop_->raw(), [] { FAIL(); });
  timer.start(0ms);
  timer.stop();
  loop_->run();
}

TEST_F(TimerTest, MayBeDestroyedByWhatItCalls) {
  int fired = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop_->raw(), [&] {
    ++fired;
    timer.reset();
  });
  timer->start(0ms, 1ms);
  loop_->run();
  EXPECT_EQ(fired, 1);
}

TEST_F(TimerTest, MayBeDestroyedByAnother) {
  auto victim = std::make_unique<Timer>(loop_->raw(), [] { FAIL(); });
  victim->start(1h);
  Timer timer(loop_->raw(), [&] { victim.reset(); });
  timer.start(1ms);
  loop_->run();  // ends: the victim no longer keeps it
}

}  // namespace
}  // namespace tollgate::net

// An event loop that must be empty when the test ends, and that does not run for ever.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "server/net/event_loop.h"
#include "server/net/timer.h"

namespace tollgate::net {

class LoopFixture : public testing::Test {
 protected:
  void SetUp() override {
    auto created = EventLoop::create();
    ASSERT_TRUE(created);
    loop_ = *std::move(created);
  }

  void TearDown() override { EXPECT_EQ(loop_->close(), 0); }

  // Until stop().
  void run() {
    Timer late(loop_->raw(), [this] {
      ADD_FAILURE() << "nothing happened for 30 seconds";
      loop_->stop();
    });
    late.start(std::chrono::seconds(30));
    loop_->run();
  }
  void stop() { loop_->stop(); }

  std::unique_ptr<EventLoop> loop_;
};

}  // namespace tollgate::net

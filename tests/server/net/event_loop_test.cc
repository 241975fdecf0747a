// SPDX-License-Identifier: Apache-2.0
#include "server/net/event_loop.h"

#include <gtest/gtest.h>

#include "server/net/timer.h"
#include "server/net/uv_handle.h"

namespace tollgate::net {
namespace {

TEST(EventLoop, CloseCountsTheHandlesThatWereForgotten) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  UvHandle<uv_timer_t> one(new uv_timer_t);
  UvHandle<uv_timer_t> two(new uv_timer_t);
  uv_timer_init((*loop)->raw(), one.get());
  uv_timer_init((*loop)->raw(), two.get());
  EXPECT_EQ((*loop)->close(), 2);
  one.reset();
  EXPECT_EQ((*loop)->close(), 1);
  two.reset();
  EXPECT_EQ((*loop)->close(), 0);
}

TEST(EventLoop, CloseLetsACloseCallbackCloseAnotherHandle) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  auto* const first = new uv_timer_t;
  auto* const second = new uv_timer_t;
  uv_timer_init((*loop)->raw(), first);
  uv_timer_init((*loop)->raw(), second);
  first->data = second;
  uv_close(reinterpret_cast<uv_handle_t*>(first), [](uv_handle_t* handle) {
    auto* const next = static_cast<uv_handle_t*>(handle->data);
    uv_close(next, [](uv_handle_t* last) { delete reinterpret_cast<uv_timer_t*>(last); });
    delete reinterpret_cast<uv_timer_t*>(handle);
  });
  EXPECT_EQ((*loop)->close(), 0);
}

TEST(EventLoop, RunEndsWhenNothingIsLeftToWaitFor) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  int fired = 0;
  Timer timer((*loop)->raw(), [&] { ++fired; });
  timer.start(std::chrono::milliseconds(1));
  (*loop)->run();
  EXPECT_EQ(fired, 1);
}

TEST(EventLoop, RunOnceDoesNotWait) {
  auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  Timer timer((*loop)->raw(), [] { FAIL() << "an hour early"; });
  timer.start(std::chrono::hours(1));
  (*loop)->run_once();
  EXPECT_TRUE(timer.active());
}

TEST(EventLoop, AnErrorOfLibuvIsNamed) {
  const Error error = from_uv("uv_loop_init", UV_EMFILE);
  EXPECT_EQ(error.code, Errc::Io);
  EXPECT_EQ(error.message, "uv_loop_init: too many open files (EMFILE)");
}

}  // namespace
}  // namespace tollgate::net

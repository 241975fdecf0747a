// SPDX-License-Identifier: Apache-2.0
#include "server/net/thread_pool.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "tests/server/net/loop_fixture.h"

namespace tollgate::net {
namespace {

using namespace std::chrono_literals;

struct Work final : ThreadPool::Job {
  explicit Work(std::function<void()> on_work, std::function<void()> on_done = {})
      : on_work_(std::move(on_work)), on_done_(std::move(on_done)) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work() override {
    if (on_destroyed) on_destroyed();
  }
  void work() override {
    if (on_work_) on_work_();
  }
  void done() override {
    if (on_done_) on_done_();
  }

  std::function<void()> on_destroyed;

 private:
  std::function<void()> on_work_;
  std::function<void()> on_done_;
};

using Job = std::unique_ptr<ThreadPool::Job>;

class ThreadPoolTest : public LoopFixture {
 protected:
  static Job job(std::function<void()> work, std::function<void()> done = {}) {
    return std::make_unique<Work>(std::move(work), std::move(done));
  }
  static bool submit(ThreadPool& pool, Job job) { return pool.submit(job); }

  static std::size_t threads_of_this_process() {
    using Entries = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(
        std::distance(begin(Entries("/proc/self/task")), end(Entries())));
  }
};

TEST_F(ThreadPoolTest, WorksOnAThreadAndIsDoneOnTheLoop) {
  ThreadPool pool(loop_->raw(), "pool", 1, 1);
  std::thread::id worked;
  std::thread::id done;
  ASSERT_TRUE(submit(pool, job([&] { worked = std::this_thread::get_id(); },
                               [&] {
                                 done = std::this_thread::get_id();
                                 stop();
                               })));
  EXPECT_EQ(pool.pending(), 1U);
  run();
  EXPECT_NE(worked, std::this_thread::get_id());
  EXPECT_EQ(done, std::this_thread::get_id());
  EXPECT_EQ(pool.pending(), 0U);
}

TEST_F(ThreadPoolTest, StartsNoThreadBeforeTheFirstJob) {
  const std::size_t before = threads_of_this_process();
  const ThreadPool pool(loop_->raw(), "pool", 4, 4);
  EXPECT_EQ(threads_of_this_process(), before);
}

TEST_F(ThreadPoolTest, DoesNotKeepTheLoopRunning) {
  const ThreadPool pool(loop_->raw(), "pool", 1, 1);
  loop_->run();
}

TEST_F(ThreadPoolTest, TakesAsManyJobsAsRunAndWaitAndLeavesTheNext) {
  struct Sizes {
    std::size_t threads;
    std::size_t queue;
  };
  for (const Sizes& sizes : {Sizes{1, 0}, Sizes{1, 1}, Sizes{2, 3}, Sizes{3, 0}}) {
    ThreadPool pool(loop_->raw(), "pool", sizes.threads, sizes.queue);
    std::latch go(1);
    std::size_t done = 0;
    const std::size_t room = sizes.threads + sizes.queue;
    for (std::size_t i = 0; i < room; ++i)
      ASSERT_TRUE(submit(pool, job([&] { go.wait(); },
                                   [&] {
                                     if (++done == room) stop();
                                   })))
          << i << " of " << room;
    Job one_more = job({});
    EXPECT_FALSE(pool.submit(one_more));
    EXPECT_NE(one_more, nullptr);
    EXPECT_EQ(pool.pending(), room);
    go.count_down();
    run();
    EXPECT_EQ(done, room);
  }
}

TEST_F(ThreadPoolTest, HasRoomAgainAsSoonAsAThreadIsFree) {
  ThreadPool pool(loop_->raw(), "pool", 1, 0);
  int done = 0;
  std::function<void()> next = [&] {
    if (++done == 100) return stop();
    ASSERT_TRUE(submit(pool, job({}, next)));
  };
  ASSERT_TRUE(submit(pool, job({}, next)));
  run();
  EXPECT_EQ(done, 100);
}

TEST_F(ThreadPoolTest, RunsAsManyJobsAtOnceAsItHasThreads) {
  ThreadPool pool(loop_->raw(), "pool", 3, 3);
  std::latch all_there(3);
  int done = 0;
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(submit(pool, job([&] { all_there.arrive_and_wait(); },
                                 [&] {
                                   if (++done == 3) stop();
                                 })));
  run();
}

TEST_F(ThreadPoolTest, UsesTheThreadsItHas) {
  const std::size_t before = threads_of_this_process();
  ThreadPool pool(loop_->raw(), "pool", 2, 10);
  std::mutex mutex;
  std::set<std::thread::id> workers;
  int done = 0;
  std::function<void()> next = [&] {
    if (++done == 20) return stop();
    ASSERT_TRUE(submit(pool, job(
                                 [&] {
                                   const std::lock_guard lock(mutex);
                                   workers.insert(std::this_thread::get_id());
                                 },
                                 next)));
  };
  next();
  run();
  EXPECT_LE(workers.size(), 2U);
  EXPECT_LE(threads_of_this_process(), before + 2);
}

TEST_F(ThreadPoolTest, ItsThreadsTakeNoSignals) {
  ThreadPool pool(loop_->raw(), "pool", 1, 1);
  bool term = false;
  bool child = false;
  ASSERT_TRUE(submit(pool, job(
                               [&] {
                                 sigset_t blocked;
                                 pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
                                 term = sigismember(&blocked, SIGTERM) == 1;
                                 child = sigismember(&blocked, SIGCHLD) == 1;
                               },
                               [&] { stop(); })));
  run();
  EXPECT_TRUE(term);
  EXPECT_TRUE(child);
  sigset_t ours;
  pthread_sigmask(SIG_SETMASK, nullptr, &ours);
  EXPECT_EQ(sigismember(&ours, SIGTERM), 0);
}

// Whether a thread of this process sleeps in the kernel.
bool sleeps(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  return text.substr(text.rfind(')') + 2, 1) == "S";
}

TEST_F(ThreadPoolTest, ThatIsDestroyedWaitsForWhatRunsAndDropsTheRest) {
  const pid_t loop_thread = gettid();
  std::latch begun(1);
  std::latch ending(1);
  bool worked = false;
  int destroyed = 0;
  {
    ThreadPool pool(loop_->raw(), "pool", 1, 5);
    ASSERT_TRUE(submit(pool, job(
                                 [&] {
                                   begun.count_down();
                                   ending.wait();
                                   // Now all that the other thread can sleep in is the join.
                                   while (!sleeps(loop_thread)) std::this_thread::yield();
                                   worked = true;
                                 },
                                 [] { ADD_FAILURE() << "the loop does not run"; })));
    for (int i = 0; i < 5; ++i) {
      auto waiting = std::make_unique<Work>([] { ADD_FAILURE() << "it was to be dropped"; });
      waiting->on_destroyed = [&] { ++destroyed; };
      ASSERT_TRUE(submit(pool, std::move(waiting)));
    }
    begun.wait();
    ending.count_down();
  }
  EXPECT_TRUE(worked);
  EXPECT_EQ(destroyed, 5);
}

TEST_F(ThreadPoolTest, ThatIsDestroyedDoesNotDeliverWhatIsDone) {
  std::latch worked(1);
  {
    ThreadPool pool(loop_->raw(), "pool", 1, 1);
    ASSERT_TRUE(submit(
        pool, job([&] { worked.count_down(); }, [] { ADD_FAILURE() << "the pool is gone"; })));
    worked.wait();
  }
  loop_->run_once();
}

}  // namespace
}  // namespace tollgate::net

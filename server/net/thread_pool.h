// Blocking work of one worker: a few threads, a bounded queue, and completions
// that come back on the loop.
//
// Threads start with the first job, never before: a worker whose routes do not
// block has one thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/net/uv_handle.h"

namespace tollgate::net {

class ThreadPool {
 public:
  struct Job {
    std::function<void()> work;  // on a thread of the pool; must not throw
    std::function<void()> done;  // then on the loop; never called if the pool is destroyed first
  };

  // At most `threads` jobs run at once and at most `queue` wait.
  ThreadPool(uv_loop_t* loop, std::string name, std::size_t threads, std::size_t queue);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  // Waits for the jobs that run; those that wait are dropped, as is what is done.
  ~ThreadPool();

  // False when the queue is full: the job was not taken.
  [[nodiscard]] bool submit(Job job);

  // Jobs taken whose `done` has not run.
  std::size_t pending() const { return pending_; }

 private:
  void start_thread();
  void run();
  void deliver();

  const std::string name_;
  const std::size_t threads_limit_;
  const std::size_t queue_limit_;
  std::size_t pending_ = 0;  // loop thread only

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::vector<std::function<void()>> finished_;
  std::size_t idle_ = 0;
  bool stopping_ = false;

  std::vector<std::thread> threads_;
  UvHandle<uv_async_t> async_;
};

}  // namespace tollgate::net

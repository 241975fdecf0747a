// Blocking work of one worker: a few threads, a bounded queue, and completions
// that come back on the loop.
//
// Threads start with the first job, never before: a worker whose routes do not
// block has one thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/net/uv_handle.h"

namespace tollgate::net {

class ThreadPool {
 public:
  // One piece of work. The pool owns it from submit() until after done().
  class Job {
   public:
    virtual ~Job() = default;
    // On a thread of the pool. Must not throw.
    virtual void work() = 0;
    // Then on the loop; never called if the pool is destroyed first.
    virtual void done() = 0;
  };

  // At most `threads` jobs run at once and at most `queue` wait.
  ThreadPool(uv_loop_t* loop, std::string name, std::size_t threads, std::size_t queue);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  // Waits for the jobs that run; those that wait are dropped, as is what is done.
  ~ThreadPool();

  // Takes the job, or leaves it where it is and says false: the queue is full.
  [[nodiscard]] bool submit(std::unique_ptr<Job>& job);

  // Takes the job even if the queue is full: what is bounded by something else. Where the
  // system gives no thread, it waits for one of the pool's.
  void submit_always(std::unique_ptr<Job> job);

  // Jobs taken whose `done` has not run.
  std::size_t pending() const { return pending_; }

 private:
  bool start_thread();
  void run();
  void deliver();

  const std::string name_;
  const std::size_t threads_limit_;
  const std::size_t queue_limit_;
  std::size_t pending_ = 0;  // loop thread only

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::vector<std::unique_ptr<Job>> finished_;
  std::size_t idle_ = 0;
  bool stopping_ = false;

  std::vector<std::thread> threads_;
  UvHandle<uv_async_t> async_;
};

}  // namespace tollgate::net

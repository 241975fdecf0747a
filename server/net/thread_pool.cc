// SPDX-License-Identifier: Apache-2.0
#include "server/net/thread_pool.h"

#include <pthread.h>

#include <csignal>
#include <system_error>
#include <utility>

#include "server/os/crash_handler.h"

namespace tollgate::net {

ThreadPool::ThreadPool(uv_loop_t* loop, std::string name, std::size_t threads, std::size_t queue)
    : name_(std::move(name)), threads_limit_(threads), queue_limit_(queue), async_(new uv_async_t) {
  uv_async_init(loop, async_.get(), [](uv_async_t* handle) {
    if (handle->data != nullptr) static_cast<ThreadPool*>(handle->data)->deliver();
  });
  async_->data = this;
  // An idle pool must not keep the loop alive.
  uv_unref(reinterpret_cast<uv_handle_t*>(async_.get()));
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool ThreadPool::submit(std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_limit_ + idle_ + (threads_limit_ - threads_.size())) return false;
    queue_.push_back(std::move(job));
    if (queue_.size() > idle_ && threads_.size() < threads_limit_ && !start_thread() &&
        threads_.empty()) {
      job = std::move(queue_.back());
      queue_.pop_back();
      return false;
    }
  }
  ++pending_;
  wake_.notify_one();
  return true;
}

void ThreadPool::submit_always(std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(job));
    if (queue_.size() > idle_ && threads_.size() < threads_limit_) start_thread();
  }
  ++pending_;
  wake_.notify_one();
}

// False: the system has none to give (TasksMax, RLIMIT_NPROC). Signals belong to
// the loop's thread: a pool thread must not take them, but for its own faults, which
// would end the process without a word if they were blocked.
bool ThreadPool::start_thread() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  for (const int fault : os::kFaults) sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    threads_.emplace_back([this] { run(); });
    ++idle_;  // from now on, not from when the kernel lets it run: submit() counts on it
  } catch (const std::system_error&) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

void ThreadPool::run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  const os::CrashStack crash_stack;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    job->work();
    lock.lock();
    ++idle_;
    finished_.push_back(std::move(job));
    if (finished_.size() == 1) uv_async_send(async_.get());
  }
}

void ThreadPool::deliver() {
  std::vector<std::unique_ptr<Job>> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  pending_ -= finished.size();
  for (auto& job : finished) job->done();
}

}  // namespace tollgate::net

// The life of a worker: boot, serve, drain, exit.
//
//   Booting --listening--> Serving --drain--> Draining --all closed--> (exit 0)
//                                                 \--graceful_timeout--> (exit 0, said)
//
// "drain" is an order over the lifeline, or the master's death if `orphans` says so. TERM to a
// worker that has a master asks for a replacement, and the order comes when that one serves.
//
// The development server is the same object in the foreground process, without
// a lifeline, and with every handler on a pool of one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/base/unique_fd.h"
#include "server/config/config.h"
#include "server/http/connection.h"
#include "server/http/connection_host.h"
#include "server/net/after_poll.h"
#include "server/net/doorbell.h"
#include "server/net/event_loop.h"
#include "server/net/thread_pool.h"
#include "server/net/timer.h"
#include "server/os/lifeline.h"
#include "server/shm/scoreboard.h"
#include "server/worker/acceptor.h"
#include "server/worker/client_connections.h"
#include "server/worker/lifespan.h"
#include "server/worker/request_log.h"

namespace tollgate::worker {

// What a worker is made of. References outlive it.
struct Setup {
  const Config& config;
  std::vector<UniqueFd> listeners;
  shm::Scoreboard& scoreboard;
  int slot;
  std::optional<os::Lifeline> lifeline = {};  // none: the development server
  http::Service& service;
  const Clock& clock;
  UniqueFd access_log = {};             // invalid: the file that the settings name, if any
  std::function<void()> on_ready = {};  // on the loop's thread, once it serves
  // On the loop's thread: from its return on these keys are used. Without it orders to use others
  // are followed by doing nothing.
  std::function<Status(UniqueFd keys)> on_keys = {};
};

class Worker final : public http::ConnectionHost {
 public:
  // Errors: Io, InvalidArgument (the access log cannot be opened).
  static Result<std::unique_ptr<Worker>> create(Setup setup);
  ~Worker();

  // Says "ready", serves until drained, and gives the exit code.
  int run();

  // After run(): a handler is still at work on a thread, so that the destructor would
  // wait for it. Who cannot wait ends the process instead.
  bool is_stuck() const;

  // Ends gracefully: with a master when it has a replacement; without one, again: at once. For
  // TERM, INT and the development server's own watchers.
  void stop();
  uv_loop_t* loop() { return loop_->raw(); }

 private:
  enum class State : uint8_t { Booting, Serving, Draining };
  enum class Pools : uint8_t { AsRoutesSay, OneAtATime };

  Worker(Setup setup, std::unique_ptr<net::EventLoop> loop);
  Status open();
  Status watch_lifeline();
  Status watch_signals();
  void on_lifeline();
  void reopen_logs(std::vector<UniqueFd> files);
  void take_keys(std::vector<UniqueFd> keys);
  void on_master_gone();
  void on_accepted(UniqueFd socket, std::string remote_address);
  void beat();
  void ask_for_replacement(std::string_view reason);
  void drain();
  void end_if_drained();
  void quit();
  void close_handles();

  // http::ConnectionHost
  http::RunsOn where(const http::Route& route) const override;
  bool submit(http::RunsOn where, std::unique_ptr<net::ThreadPool::Job>& job) override;
  void submit_pull(http::RunsOn where, std::unique_ptr<net::ThreadPool::Job> job) override;
  bool submit_look_up(std::unique_ptr<net::ThreadPool::Job>& job) override;
  void ring(uint64_t connection_id) override;
  http::Connection* find(uint64_t connection_id) override;
  bool keeps_alive() const override;
  bool draining() const override;
  shm::InFlight& in_flight() override { return in_flight_; }
  void timed_out(bool running) override;
  void came_back() override;
  void count(shm::Tally tally) override { tallies_.add(tally); }
  void answered(const http::Exchange& exchange, const http::Answer& answer) override;
  void closed(http::Connection& connection) override;

  const Config& config_;
  shm::Scoreboard& scoreboard_;
  shm::Slot& slot_;
  shm::Tallies& tallies_;
  shm::InFlight in_flight_;
  const Pools pools_;
  State state_ = State::Booting;
  std::unique_ptr<net::EventLoop> loop_;
  std::optional<os::Lifeline> lifeline_;
  UniqueFd access_log_file_;  // until open() has made a log of it
  std::function<void()> on_ready_;
  std::function<Status(UniqueFd keys)> on_keys_;
  std::vector<UniqueFd> listeners_;  // until open() has made acceptors of them
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_map<uint64_t, std::unique_ptr<http::Connection>> connections_;
  ClientConnections clients_;
  uint64_t next_connection_ = 1;
  uint64_t answered_ = 0;
  Lifespan lifespan_;
  bool wants_replacement_ = false;  // and has said so
  std::unique_ptr<RequestLog> access_log_;
  std::unique_ptr<net::ThreadPool> threads_;
  std::unique_ptr<net::ThreadPool> passwords_;
  std::unique_ptr<net::ThreadPool> look_ups_;
  std::unique_ptr<net::Doorbell> doorbell_;
  std::unique_ptr<net::Timer> beat_timer_;
  std::unique_ptr<net::AfterPoll> sweep_;
  std::unique_ptr<net::Timer> drain_timer_;
  net::UvHandle<uv_poll_t> lifeline_poll_;
  net::UvHandle<uv_signal_t> terminate_;
  net::UvHandle<uv_signal_t> interrupt_;
};

}  // namespace tollgate::worker

// SPDX-License-Identifier: Apache-2.0
#include "server/worker/worker.h"

#include <unistd.h>

#include <csignal>

#include "server/base/exit_code.h"
#include "server/log/logging.h"
#include "server/net/socket_stream.h"
#include "server/os/process.h"
#include "server/worker/admission.h"
#include "server/worker/queue_time.h"

namespace tollgate::worker {
namespace {

http::Limits limits_of(const Config& config) {
  return {.request_line = http::limit_of(config.limit_request_line),
          .fields = config.limit_request_fields,
          .field_size = http::limit_of(config.limit_request_field_size),
          .head = config.limit_request_head.count,
          .body = http::limit_of(config.limit_request_body.count),
          .body_buffer = config.body_buffer.count,
          .body_temp_dir = config.body_temp_dir.c_str(),
          .inflation = config.limit_request_inflation,
          .requests = http::limit_of(config.keepalive_requests),
          .request_rate = config.min_request_rate.count,
          .response_rate = config.min_response_rate.count};
}

http::Timeouts timeouts_of(const Config& config) {
  return {.idle = config.keepalive,
          .header = config.header_timeout,
          .body = config.body_timeout,
          .request = config.request_timeout,
          .write = config.write_timeout};
}

http::TrustedProxies trusted_proxies_of(const Config& config) {
  auto trusted = http::TrustedProxies::parse(config.forwarded_allow_ips);
  // validate() has read each of them.
  return trusted ? std::move(*trusted) : http::TrustedProxies{};
}

// Only this worker writes its slot.
void add(std::atomic<uint32_t>& counter, int change) {
  counter.store(counter.load(std::memory_order_relaxed) + static_cast<uint32_t>(change),
                std::memory_order_relaxed);
}

}  // namespace

Worker::Worker(Setup setup, std::unique_ptr<net::EventLoop> loop)
    : ConnectionHost(limits_of(setup.config), timeouts_of(setup.config), setup.service, setup.clock,
                     trusted_proxies_of(setup.config)),
      config_(setup.config),
      scoreboard_(setup.scoreboard),
      slot_(setup.scoreboard.slot(setup.slot)),
      tallies_(setup.scoreboard.tallies(setup.slot)),
      in_flight_(setup.scoreboard.remains(setup.slot).in_flight, slot_.in_flight),
      pools_(setup.lifeline ? Pools::AsRoutesSay : Pools::OneAtATime),
      loop_(std::move(loop)),
      lifeline_(std::move(setup.lifeline)),
      access_log_file_(std::move(setup.access_log)),
      on_ready_(std::move(setup.on_ready)),
      on_keys_(std::move(setup.on_keys)),
      listeners_(std::move(setup.listeners)),
      clients_(config_.client_connections),
      lifespan_(config_, setup.clock.steady()) {
  service.obey(scoreboard_.quarantine());
}

Result<std::unique_ptr<Worker>> Worker::create(Setup setup) {
  TOLLGATE_TRY(loop, net::EventLoop::create());
  std::unique_ptr<Worker> worker(new Worker(std::move(setup), std::move(loop)));
  TOLLGATE_CHECK(worker->open());
  return worker;
}

Status Worker::open() {
  std::signal(SIGPIPE, SIG_IGN);  // a reader of the log that went away must not end the worker
  std::signal(SIGXFSZ, SIG_IGN);  // nor a body that is larger than files may be (RLIMIT_FSIZE)
  if (!config_.accesslog.empty()) {
    TOLLGATE_TRY(log, RequestLog::open(config_, clock, std::move(access_log_file_)));
    access_log_ = std::move(log);
  }
  const bool alone = pools_ == Pools::OneAtATime;
  threads_ = std::make_unique<net::ThreadPool>(loop_->raw(), "threads", alone ? 1 : config_.threads,
                                               config_.thread_queue);
  passwords_ = std::make_unique<net::ThreadPool>(loop_->raw(), "passwords",
                                                 config_.password_threads, config_.password_queue);
  // Look-ups are short, and must not wait behind handlers that block.
  look_ups_ = std::make_unique<net::ThreadPool>(loop_->raw(), "look-ups", 1, 1024);
  doorbell_ = std::make_unique<net::Doorbell>(loop_->raw(), [this](uint64_t id) {
    if (http::Connection* const rung = find(id)) rung->on_pushed();
  });
  for (UniqueFd& listener : listeners_) {
    TOLLGATE_TRY(
        acceptor,
        Acceptor::create(
            loop_->raw(), std::move(listener), config_.defer_accept,
            {.may_accept =
                 [this] { return may_accept(scoreboard_.slots(), slot_, clock.steady()); },
             .has_room = [this] { return connections_.size() < config_.worker_connections; },
             .make_room = [this] { return make_room(clock.steady()); },
             .accepted =
                 [this](UniqueFd socket, std::string remote_address) {
                   on_accepted(std::move(socket), std::move(remote_address));
                 },
             .paused = [this](shm::Tally why) { count(why); }}));
    acceptors_.push_back(std::move(acceptor));
  }
  listeners_.clear();
  beat_timer_ = std::make_unique<net::Timer>(loop_->raw(), [this] { beat(); });
  sweep_ =
      std::make_unique<net::AfterPoll>(loop_->raw(), [this](SteadyTime polled) { sweep(polled); });
  drain_timer_ = std::make_unique<net::Timer>(loop_->raw(), [this] {
    log::warning("{} connections did not end within graceful_timeout", connections_.size());
    quit();
  });
  TOLLGATE_CHECK(watch_lifeline());
  return watch_signals();
}

Worker::~Worker() {
  close_handles();
  if (const int left = loop_->close(); left != 0)
    log::error("{} handles are left in the loop: a bug of tollgate's", left);
}

Status Worker::watch_lifeline() {
  if (!lifeline_) return {};
  lifeline_poll_.reset(new uv_poll_t);
  if (const int status = uv_poll_init(loop_->raw(), lifeline_poll_.get(), lifeline_->fd());
      status != 0) {
    delete lifeline_poll_.release();
    return fail(net::from_uv("uv_poll_init on the lifeline", status));
  }
  lifeline_poll_->data = this;
  uv_poll_start(lifeline_poll_.get(), UV_READABLE, [](uv_poll_t* handle, int, int) {
    if (handle->data != nullptr) static_cast<Worker*>(handle->data)->on_lifeline();
  });
  return {};
}

// A worker of a master takes its orders from the lifeline, and TERM from
// whoever means it alone; what a terminal sends is for the master.
Status Worker::watch_signals() {
  const auto watch = [this](net::UvHandle<uv_signal_t>& handle, int number) -> Status {
    handle.reset(new uv_signal_t);
    uv_signal_init(loop_->raw(), handle.get());
    handle->data = this;
    const int status = uv_signal_start(
        handle.get(),
        [](uv_signal_t* signal, int) {
          if (signal->data != nullptr) static_cast<Worker*>(signal->data)->stop();
        },
        number);
    if (status != 0) return fail(net::from_uv("uv_signal_start", status));
    return {};
  };
  TOLLGATE_CHECK(watch(terminate_, SIGTERM));
  // The master blocked it until there was someone to take it.
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_UNBLOCK, &term, nullptr);
  if (lifeline_) return {};
  return watch(interrupt_, SIGINT);
}

int Worker::run() {
  state_ = State::Serving;
  beat();
  slot_.state.store(shm::SlotState::Serving, std::memory_order_relaxed);
  beat_timer_->start(shm::kBeat, shm::kBeat);
  if (lifeline_) {
    if (const Status sent = lifeline_->send(os::Report{.kind = os::Report::Kind::Ready}); !sent)
      log::error("cannot say that this worker is ready: {}", sent.error().message);
  }
  if (on_ready_) on_ready_();
  loop_->run();
  if (access_log_) access_log_->flush();
  return kExitOk;
}

bool Worker::is_stuck() const {
  return threads_->pending() + passwords_->pending() + look_ups_->pending() > 0;
}

void Worker::on_lifeline() {
  for (;;) {
    auto received = lifeline_->receive_order();
    using Found = decltype(received)::State;
    if (received.state == Found::Nothing) return;
    if (received.state == Found::Closed) return on_master_gone();
    switch (*received.message) {
      case os::Order::Drain:
        drain();
        break;
      case os::Order::Quit:
        return quit();
      case os::Order::Reopen:
        reopen_logs(std::move(received.descriptors));
        break;
      case os::Order::Keys:
        take_keys(std::move(received.descriptors));
        break;
    }
  }
}

// The master has opened them: this process may not be allowed to.
void Worker::reopen_logs(std::vector<UniqueFd> files) {
  if (!files.empty()) log::use(std::move(files[0]), config_.errorlog, config_.loglevel);
  if (files.size() > 1 && access_log_) access_log_->use(std::move(files[1]));
}

// No answer keeps all workers from signing with other keys, until this one has been replaced.
void Worker::take_keys(std::vector<UniqueFd> keys) {
  Status taken;
  if (keys.empty())
    taken = fail(Errc::Io, "they did not arrive");
  else if (on_keys_)
    taken = on_keys_(std::move(keys.front()));
  if (taken) taken = lifeline_->send(os::Report{.kind = os::Report::Kind::Keys});
  if (taken) return;
  log::error("other keys cannot be used: {}", taken.error().message);
  ask_for_replacement("manual");
}

void Worker::on_master_gone() {
  uv_poll_stop(lifeline_poll_.get());
  if (config_.orphans == Orphans::Drain) {
    log::error("the master is gone: this worker drains");
    return drain();
  }
  log::error("the master is gone: this worker ends");
  quit();
}

void Worker::on_accepted(UniqueFd socket, std::string remote_address) {
  using Admission = ClientConnections::Admission;
  const Admission admission = clients_.begin(remote_address);
  if (admission != Admission::Welcome) count(shm::Tally::RefusedClients);
  if (admission == Admission::Drop) return;
  const uint64_t id = next_connection_++;
  const int socket_fd = socket.get();
  auto connection = std::make_unique<http::Connection>(id, *this, std::move(remote_address));
  auto stream = std::make_unique<net::SocketStream>(loop_->raw(), std::move(socket), *connection);
  const bool stale = config_.queue_timeout > milliseconds::zero() &&
                     waited_in_kernel(socket_fd) > config_.queue_timeout;
  if (stale) add(slot_.shed, 1);
  http::Connection& started = *connection;
  connections_.emplace(id, std::move(connection));
  slot_.accepted.store(slot_.accepted.load(std::memory_order_relaxed) + 1,
                       std::memory_order_relaxed);
  slot_.connections.store(static_cast<uint32_t>(connections_.size()), std::memory_order_relaxed);
  using First = http::Connection::First;
  if (admission == Admission::Refuse) return started.start(std::move(stream), First::Refused);
  // While the worker drains, the end of a connection may be its own: not within a loop of accepts.
  using Read = http::Connection::Read;
  started.start(std::move(stream), stale ? First::Stale : First::Fresh,
                state_ == State::Draining ? Read::WhenReady : Read::AtOnce);
}

// Ten times a second: says that the loop is alive, and does what is due.
void Worker::beat() {
  const SteadyTime now = clock.steady();
  slot_.beat.store(shm::to_beat(now), std::memory_order_relaxed);
  // Timers run before the loop looks at its descriptors. After a stall, requests wait
  // there on connections that would otherwise be closed as idle.
  sweep_->request();
  if (lifespan_.sample_is_due(now)) {
    const uint64_t resident = os::resident_memory();
    slot_.rss.store(static_cast<uint32_t>(resident >> 10), std::memory_order_relaxed);
    if (const auto reason = lifespan_.sample(now, resident)) ask_for_replacement(*reason);
  }
  for (const auto& acceptor : acceptors_) acceptor->tick();
  if (access_log_) access_log_->flush_if_due(now);
}

// Nothing is lost when nothing is being answered: a developer need not wait
// for the browser's idle connections.
// What has a master drains when that has a replacement for it, however often it is sent TERM.
void Worker::stop() {
  if (lifeline_) return ask_for_replacement("manual");
  const bool quiet = slot_.in_flight.load(std::memory_order_relaxed) == 0;
  if (state_ == State::Draining || quiet) return quit();
  drain();
}

void Worker::ask_for_replacement(std::string_view reason) {
  if (!lifeline_ || wants_replacement_ || state_ == State::Draining) return;
  wants_replacement_ = true;
  const os::Report wish{.kind = os::Report::Kind::Retire, .text = std::string(reason)};
  if (const Status sent = lifeline_->send(wish); !sent)
    log::error("cannot ask for a replacement: {}", sent.error().message);
}

void Worker::drain() {
  if (state_ == State::Draining) return;
  state_ = State::Draining;
  slot_.state.store(shm::SlotState::Draining, std::memory_order_relaxed);
  for (const auto& acceptor : acceptors_) acceptor->drain();
  for (const auto& [id, connection] : connections_) connection->drain();
  drain_timer_->start(config_.graceful_timeout);
  end_if_drained();
}

void Worker::end_if_drained() {
  if (state_ == State::Draining && connections_.empty()) quit();
}

void Worker::quit() { loop_->stop(); }

// In the reverse of the order in which they were made; what a pool still runs is waited for.
void Worker::close_handles() {
  interrupt_.reset();
  terminate_.reset();
  lifeline_poll_.reset();
  drain_timer_.reset();
  sweep_.reset();
  beat_timer_.reset();
  acceptors_.clear();
  connections_.clear();
  look_ups_.reset();
  passwords_.reset();
  threads_.reset();
  doorbell_.reset();
  if (access_log_) access_log_->flush();
}

http::RunsOn Worker::where(const http::Route& route) const {
  return pools_ == Pools::OneAtATime ? http::RunsOn::Threads : route.runs_on;
}

bool Worker::submit(http::RunsOn where, std::unique_ptr<net::ThreadPool::Job>& job) {
  return (where == http::RunsOn::Passwords ? *passwords_ : *threads_).submit(job);
}

bool Worker::submit_look_up(std::unique_ptr<net::ThreadPool::Job>& job) {
  return look_ups_->submit(job);
}

bool Worker::keeps_alive() const {
  return state_ != State::Draining && config_.keepalive > milliseconds::zero();
}

void Worker::submit_pull(http::RunsOn where, std::unique_ptr<net::ThreadPool::Job> job) {
  (where == http::RunsOn::Passwords ? *passwords_ : *threads_).submit_always(std::move(job));
}

void Worker::ring(uint64_t connection_id) { doorbell_->ring(connection_id); }

bool Worker::draining() const { return state_ == State::Draining; }

http::Connection* Worker::find(uint64_t connection_id) {
  const auto found = connections_.find(connection_id);
  return found == connections_.end() ? nullptr : found->second.get();
}

// Threads that do not come back are capacity lost: half of them is too much.
void Worker::timed_out(bool running) {
  add(slot_.timeouts, 1);
  if (!running) return;
  add(slot_.wedged, 1);
  const uint64_t wedged = slot_.wedged.load(std::memory_order_relaxed);
  if (wedged * 2 >= config_.threads) ask_for_replacement("wedged");
}

void Worker::came_back() { add(slot_.wedged, -1); }

void Worker::answered(const http::Exchange& exchange, const http::Answer& answer) {
  slot_.requests.store(++answered_, std::memory_order_relaxed);
  if (lifespan_.is_last(answered_)) ask_for_replacement("max_requests");
  if (access_log_) access_log_->append(exchange, answer);
}

void Worker::closed(http::Connection& connection) {
  clients_.end(connection.remote_address());
  connections_.erase(connection.id());
  slot_.connections.store(static_cast<uint32_t>(connections_.size()), std::memory_order_relaxed);
  for (const auto& acceptor : acceptors_) acceptor->resume();
  end_if_drained();
}

}  // namespace tollgate::worker

// What the connections of one worker share, and what they ask of the worker.
// Outlives every connection. Loop thread only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "server/http/date.h"
#include "server/http/exchange.h"
#include "server/http/forwarded.h"
#include "server/http/handler.h"
#include "server/http/limits.h"
#include "server/net/deadlines.h"
#include "server/net/thread_pool.h"
#include "server/shm/in_flight.h"
#include "server/shm/tally.h"

namespace tollgate::http {

class Connection;

// Which limit a connection is under is a function of its state.
struct Timeouts {
  milliseconds idle = 5s;     // between requests: closed quietly
  milliseconds header = 10s;  // first byte of the head to its end: 408
  milliseconds body = 15s;    // between two pieces of the body: 408
  milliseconds request = 0s;  // end of the message to its response, on a pool: 504; 0: for ever
  milliseconds write = 30s;   // between two pieces that the client takes: closed
  milliseconds linger = 2s;   // for a client to read a last answer and close
};

// What became of a request, for the access log.
struct Answer {
  int status;
  std::size_t body_bytes;  // handed to the socket, without the head
  std::chrono::nanoseconds duration;
  const std::vector<Field>& fields;
};

class ConnectionHost {
 public:
  ConnectionHost(const Limits& limits_in, const Timeouts& timeouts, Service& service_in,
                 const Clock& clock_in, TrustedProxies trusted_proxies_in = {});
  ConnectionHost(const ConnectionHost&) = delete;
  ConnectionHost& operator=(const ConnectionHost&) = delete;

  // Where a route's handler runs in this process.
  virtual RunsOn where(const Route& route) const = 0;
  // Takes the job to a pool, or leaves it and says false: full. `where` is not Loop.
  virtual bool submit(RunsOn where, std::unique_ptr<net::ThreadPool::Job>& job) = 0;
  // The same for the next piece of a body whose response has begun: there is always room.
  virtual void submit_pull(RunsOn where, std::unique_ptr<net::ThreadPool::Job> job) = 0;
  // The same as submit() for a look-up of the gate.
  virtual bool submit_look_up(std::unique_ptr<net::ThreadPool::Job>& job) = 0;
  // On any thread: the connection, if it is still there, gets on_pushed() on the loop.
  virtual void ring(uint64_t connection_id) = 0;
  // nullptr: gone.
  virtual Connection* find(uint64_t connection_id) = 0;
  // False: each connection is to be closed with its next answer.
  virtual bool keeps_alive() const = 0;
  // The connections are to end.
  virtual bool draining() const = 0;
  // Where requests are listed from the end of their head until their exchange is given back.
  virtual shm::InFlight& in_flight() = 0;
  // A client was told 504; if `running`, a thread is still at work for it, until came_back().
  virtual void timed_out(bool running) = 0;
  virtual void came_back() = 0;
  virtual void count(shm::Tally tally) = 0;
  virtual void answered(const Exchange& exchange, const Answer& answer) = 0;
  // Destroys the connection.
  virtual void closed(Connection& connection) = 0;

  // Closes or answers what is due.
  void sweep(SteadyTime now);

  // Closes the connection that has waited longest for its client, for a second at least: an idle
  // one, or else one that is slow. False: each is being worked for, or is too young to be called
  // slow.
  bool make_room(SteadyTime now);

  const Limits limits;
  const TrustedProxies trusted_proxies;
  Service& service;
  const Clock& clock;
  ExchangePool exchanges;
  Date date;
  // Bytes are read here, whoever reads; what is not used at once is copied away.
  std::vector<char> read_buffer;
  // Answers to the requests of one read, sent together. Empty between two events.
  std::string cork;
  net::DeadlineList idle, header, body, request, write, linger;

 protected:
  ~ConnectionHost() = default;
};

}  // namespace tollgate::http

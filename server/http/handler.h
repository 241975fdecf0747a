// The three kinds of function that an application is made of, and the service
// that a connection asks.
//
//   GateStep   at the end of the head, on the loop, before any body is read
//   Handler    at the end of the message, where its route says
//   Finisher   on the response, on the loop, last registered first
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/http/exchange.h"
#include "server/http/request.h"
#include "server/http/response.h"

namespace tollgate::shm {
class QuarantineList;
}

namespace tollgate::http {

struct Verdict;

struct Pass {};
// The answer needs something that may block: look_up runs on the pool, with
// nothing but the exchange that the gate was asked about, and does not itself
// give Pending.
struct Pending {
  std::function<Verdict()> look_up;
  // What the gate asks next, on the loop, if look_up says Pass; may be empty.
  std::function<Verdict()> then = {};
  // It is a password that is hashed: on the pool of those, and not on that of look-ups, which are
  // short.
  bool hashes_password = false;
};
struct Verdict : std::variant<Pass, Response, Pending> {
  using variant::variant;
};

using GateStep = std::function<Verdict(Exchange&)>;
using Handler = std::function<Response(const Request&)>;
using Finisher = std::function<void(const Request&, Response&)>;
// The answer to what a browser asks ahead of a request from another origin (Fetch 4.8).
using Preflight = std::function<Response(const Request&)>;

enum class RunsOn : uint8_t {
  Loop,       // must not block
  Threads,    // the worker's blocking pool
  Passwords,  // the pool of password hashing, so that logins do not starve other routes
};

struct Route {
  std::string pattern;
  uint64_t id = 0;  // the same in every process that has this method and pattern; set by the router
  Method method = Method::Get;
  GateStep gate;  // empty: anyone may
  Handler handler;
  RunsOn runs_on = RunsOn::Loop;
  std::optional<uint64_t> body_limit = {};  // in bytes; none: that of the settings
  std::vector<Finisher> finishers = {};     // on its responses: last registered first
  Preflight preflight = {};                 // empty: the router's
};

// What stands behind the connections of one worker, and outlives them.
class Service {
 public:
  // Finds the route (into exchange.route) and asks its gate. On the loop.
  virtual Verdict gate(Exchange& exchange) = 0;

  // After the gate said Pass: the method. nullopt: go on. On the loop. The length of the body, and
  // its coding, are the connection's to check.
  virtual std::optional<Response> admit(const Exchange& exchange) = 0;

  // Runs the handler; on the thread that the route asks for. Never throws.
  virtual Response handle(const Exchange& exchange) = 0;

  // Runs the finishers. On the loop. False: there was nothing to do to the response.
  virtual bool finish(const Exchange& exchange, Response& response) = 0;

  // From now on the gate answers 503 for what is on the list, which outlives the service's use.
  virtual void obey(const shm::QuarantineList& /*list*/) {}

 protected:
  ~Service() = default;
};

}  // namespace tollgate::http

// The words of the control socket: a line of request, a line of JSON as the answer (pure).
//
//   status | workers | reload | upgrade | stop | retire SLOT      the last four: [wait]
//
// Each answer is {"ok":true,…} or {"ok":false,"error":"…"}. Without "wait" it comes when the
// request was accepted, with it when the outcome is known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/base/units.h"
#include "server/master/plan.h"
#include "server/shm/scoreboard.h"

namespace tollgate::master {

// Bytes of a request with its newline.
inline constexpr std::size_t kMaxControlLine = 128;

enum class Verb : uint8_t { Status, Workers, Reload, Upgrade, Stop, Retire };

struct ControlRequest {
  Verb verb = Verb::Status;
  int slot = -1;  // of Retire
  bool wait = false;
  bool operator==(const ControlRequest&) const = default;
};

// `line` is without its newline. Errors: InvalidArgument, with what there is.
Result<ControlRequest> parse_control_request(std::string_view line);

using shm::ServerState;
std::string_view to_string(ServerState state);

// What the state is made of.
struct ServerFacts {
  Mode mode = Mode::Run;
  bool was_ready = false;
  bool upgrading = false;
  bool reloading = false;  // a candidate is tried, or workers of an older generation are left
  bool crash_loop = false;
  int wanted = 1;
  int serving = 0;
};
ServerState state_of(const ServerFacts& facts);
// Whether this server is a good place to send a request to.
bool is_ready(ServerState state);

struct Totals {
  uint64_t requests = 0;
  uint64_t accepted = 0;
  uint64_t shed = 0;
  uint64_t timeouts = 0;
  std::array<uint64_t, shm::kTallies> tallies = {};

  void add(const shm::Slot& slot, const shm::Tallies& counted);
};

struct ServerReport {
  ServerState state = ServerState::Starting;
  int pid = 0;
  int wanted = 0;
  int serving = 0;
  uint32_t generation = 0;
  std::optional<uint32_t> candidate = {};
  std::string_view keys = "steady";  // or "verifying", "switching": see key_rotation.h
  uint64_t key_rotations = 0;        // since the start of this master
  milliseconds uptime = {};
  std::vector<std::string> listeners = {};
  // "none", "running", "done" or "failed", of what generation, and why it failed.
  std::string_view reload = "none";
  uint32_t reload_generation = 0;
  std::string reload_failure = {};
  Totals totals = {};  // since the start of the server, over all its upgrades
  uint64_t connections = 0;
  uint64_t in_flight = 0;
};
std::string to_json(const ServerReport& report);

struct WorkerReport {
  WorkerView view;
  int pid = 0;
  SteadyTime started = {};
  const shm::Slot* slot = nullptr;
};
std::string to_json(std::span<const WorkerReport> workers, SteadyTime now);

// {"ok":true,"text":…} and {"ok":false,"error":…}.
std::string done_json(std::string_view text);
std::string failed_json(std::string_view why);

}  // namespace tollgate::master

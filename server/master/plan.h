// What the master should do next, decided without doing it.
//
// supervisor.cc looks (reaps, reads lifelines and heartbeats), calls plan(), and
// obeys. plan() forks nothing, kills nothing and reads no clock, so every rule
// of the supervisor is a row of a table in plan_test.cc.
//
//   Starting --ready--> Serving --Drain--> Draining --reaped--> (gone)
//      |  \________________|________^          | late
//      |    too slow, or no beat               v
//      \------Abort, Quit----> Ending --late--> Killed --reaped--> (gone)
//
// A reload is two things of the Target: first one worker of the `candidate`
// generation is tried beside the full set; when it is ready the supervisor makes
// the candidate the generation, and the others are replaced one by one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "server/base/clock.h"
#include "server/base/units.h"

namespace tollgate::master {

enum class WorkerState : uint8_t {
  Starting,
  Serving,
  Draining,  // was told to finish what it has
  Ending,    // was told to end at once
  Killed,    // cannot escape, but is not reaped yet
};

// Why a worker ends: a label in logs and metrics.
enum class Reason : uint8_t {
  Reload,
  ScaleDown,
  MaxRequests,
  MaxLifetime,
  MaxMemory,
  Wedged,  // too many of its threads never came back from a handler
  Hung,
  BootTimeout,
  Shutdown,
  Manual,
};
std::string_view to_string(Reason reason);
// The reason of which this is the text; Manual for what is none.
Reason to_reason(std::string_view text);

// The one shape of a worker's end.
struct Retirement {
  Reason reason = Reason::Manual;
  SteadyTime drain_deadline = {};  // by then it should have ended by itself
  SteadyTime kill_deadline = {};   // then the master kills it
};

// What a worker may take, by the configuration of its own generation. 0: for ever.
struct Limits {
  milliseconds boot = 60s;
  milliseconds silence = 30s;
  milliseconds drain = 30s;
};

// A worker that ends by its own deadline, or by an abort's handler that prints
// a trace, needs a moment more than none before SIGKILL.
inline constexpr milliseconds kGrace = 1s;

struct WorkerView {
  int slot;
  WorkerState state;
  uint32_t generation;
  SteadyTime since;                  // when it entered `state`
  SteadyTime beat;                   // the last sign of life of its loop; of meaning once it served
  std::optional<Reason> wants = {};  // it asked to be replaced
  Retirement retirement = {};        // from Draining on
  Limits limits = {};
};

enum class Mode : uint8_t {
  Run,
  Lame,  // as Run, but no longer ready, until Target::stop; then as Stop
  Stop,  // drain all, start none
  Quit,  // end all at once
};

struct Target {
  int workers = 1;
  uint32_t generation = 1;
  std::optional<uint32_t> candidate = {};  // a newer generation that is being tried
  Mode mode = Mode::Run;
  SteadyTime stop = {};     // of Lame
  SteadyTime respawn = {};  // no worker of `generation` starts before
  bool one_by_one = false;  // workers die one after the other: only one starts at a time
  int slots = 512;          // of the scoreboard
};

struct Action {
  enum class Kind : uint8_t {
    Spawn,
    Drain,
    Quit,
    Abort,  // SIGABRT, for a trace of where it hangs
    Kill,
  } kind;
  int slot;
  uint32_t generation = 0;         // of a Spawn
  Reason reason = Reason::Manual;  // of all others
  bool operator==(const Action&) const = default;
};

// What `target` is at `now`: Lame becomes Stop by time alone.
Mode mode_at(const Target& target, SteadyTime now);

// At most one action per worker, and a Spawn only into a slot that no view holds.
std::vector<Action> plan(std::span<const WorkerView> workers, const Target& target, SteadyTime now);

// When plan() will want something new if nothing but time happens; SteadyTime::max() for never.
SteadyTime next_deadline(std::span<const WorkerView> workers, const Target& target, SteadyTime now);

// What `action` (anything but Spawn) makes of a worker.
WorkerState state_after(Action::Kind kind);
Retirement retirement_after(const Action& action, const WorkerView& worker, SteadyTime now);

}  // namespace tollgate::master

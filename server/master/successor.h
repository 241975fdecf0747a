// The new master that this one has started, for an upgrade (USR2), as this one sees it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/master/plan.h"
#include "server/master/upgrade.h"
#include "server/master/worker_process.h"
#include "server/os/listeners.h"
#include "server/os/program.h"
#include "server/os/upgrade_channel.h"

namespace tollgate::master {

// How this master was started, and what of that the environment no longer shows.
struct Relaunch {
  os::Program program = {};
  std::vector<std::string> variables = {};  // "NAME=VALUE": secrets
};

// What the new master gets of the old one.
struct Estate {
  const os::Listeners& listeners;
  int durable;
  std::string_view pidfile;
};

// Owns the descriptors, not the process: destroying it ends nothing.
class Successor {
 public:
  // `leave` runs in the child before it executes the program. Never blocks. Errors: those of
  // UpgradeChannel::send() and os::launch(); then nothing was started.
  static Result<Successor> start(const Relaunch& relaunch, const Estate& estate,
                                 const std::function<void()>& leave);

  pid_t pid() const { return child_.pid; }
  int pidfd() const { return child_.pidfd.get(); }
  int channel_fd() const { return channel_.fd(); }  // -1 when it is closed
  std::string name() const { return "master (pid " + std::to_string(pid()) + ")"; }

  std::optional<Exit> reap() const { return master::reap(child_.pidfd); }
  std::optional<os::Packet> receive() { return channel_.receive(); }
  // Neither can fail in a way that its end would not tell, too.
  void tell_yours();
  // Says by it that this master has told systemd of the new one.
  void hang_up() { channel_.close(); }
  void signal(int number) const;

 private:
  Successor(os::Child child, os::UpgradeChannel channel)
      : child_(std::move(child)), channel_(std::move(channel)) {}

  os::Child child_;
  os::UpgradeChannel channel_;
};

// An upgrade under way, or none.
struct Upgrade {
  UpgradeState state = UpgradeState::None;
  SteadyTime deadline = SteadyTime::max();  // of the state
  std::optional<Successor> successor = {};
  std::optional<int> set_aside = {};  // the count of workers before this master stepped aside
  bool gave_up = false;               // what only one can own
  bool takes_signals = false;         // the successor has its own in hand
  bool owes_reopen = false;           // USR1 is to be passed on to it
  bool termed = false;                // the successor was sent TERM
  std::string why = {};               // it fails, as far as is known
  Mode told = Mode::Run;              // the mode of this master that was last taken into account
};

}  // namespace tollgate::master

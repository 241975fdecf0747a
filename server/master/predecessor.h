// The master that started this one, for an upgrade (USR2), as this one sees it.
//
// Until the old master says "yours", or is gone, it owns what only one can own:
// the pid file, the paths of Unix sockets, and systemd's ear.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/os/listeners.h"
#include "server/os/upgrade_channel.h"

namespace tollgate::master {

class Predecessor {
 public:
  // By TOLLGATE_UPGRADE, which it takes out of the environment; nothing where that is not set.
  // Blocks, but not for long, until all is there. Errors: InvalidArgument, Timeout, Closed.
  static Result<std::optional<Predecessor>> from_environment();

  pid_t pid() const { return pid_; }
  // "NAME=VALUE": what is a secret, and so in nobody's environment.
  const std::vector<std::string>& variables() const { return variables_; }
  UniqueFd take_durable() { return std::move(durable_); }
  // All that it listens on; those that this master does not use are given up when it succeeds.
  const os::Listeners& listeners() const { return listeners_; }

  int fd() const { return channel_.fd(); }
  // Whether it has ended, or given up what it owned.
  enum class State : uint8_t { Owns, GaveUp, Gone };
  State look();

  void tell_ready() { tell(os::Word::Ready); }
  // Why this master will not serve. Only the first is told.
  void tell_failed(std::string_view why);
  // The last words of a worker that could not start: likely why none can.
  void note(std::string words) { words_ = std::move(words); }

  // Says that this master owns everything now, and removes what nobody will any more.
  void succeed(const std::string& pidfile);
  // In a worker: nothing of this is its own.
  void leave();

 private:
  explicit Predecessor(os::UpgradeChannel channel) : channel_(std::move(channel)) {}
  Status receive_all();
  Status keep(os::Packet packet);
  Status keep_listener(os::Packet packet);
  void tell(os::Word word, std::string_view text = {});

  os::UpgradeChannel channel_;
  pid_t pid_ = 0;
  std::string pidfile_;
  std::vector<std::string> variables_;
  os::Listeners listeners_;
  UniqueFd durable_;
  std::string words_;
  bool gave_up_ = false;
  bool told_failed_ = false;
};

}  // namespace tollgate::master

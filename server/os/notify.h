// What systemd is told of our state (sd_notify(3), by hand: one datagram each).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/base/units.h"

namespace tollgate::os {

// WATCHDOG_USEC, if WATCHDOG_PID names `self` or nobody: how often systemd wants to hear that we
// are well (sd_watchdog_enabled(3)). Null pointers: the variable is not set. Nothing: never.
std::optional<milliseconds> watchdog_interval(const char* usec, const char* pid, pid_t self);

// Does nothing where nobody listens. Never blocks; a message that cannot be
// sent is a warning in the log, since nothing better can be done about it, but
// for ready(): whoever starts after us waits for that one.
class Notifier {
 public:
  // `socket` is a path, or "@name" for an abstract one; empty: nobody listens.
  explicit Notifier(std::string socket) : socket_(std::move(socket)) {}
  // From NOTIFY_SOCKET.
  static Notifier from_environment();

  // `status` is what `systemctl status` shows from now on. False: systemd has yet to read what
  // fills its socket; say it again soon.
  [[nodiscard]] bool ready(std::string_view status) const;
  void status(std::string_view status) const;
  void reloading(SteadyTime now) const;      // Type=notify-reload wants the time; ready() ends it
  void stopping(milliseconds within) const;  // how long systemd shall wait at least
  void watchdog() const;                     // "I am well", for another interval
  // The service's main process is another from now on. Only the main process may say so.
  void main_pid(pid_t pid) const;
  bool is_heard() const { return !socket_.empty(); }

 private:
  void tell(const std::string& message) const;
  int send(const std::string& message) const;  // errno; 0: sent, or nobody listens
  void warn(int error) const;
  std::string socket_;
};

}  // namespace tollgate::os

// What systemd is told of our state (sd_notify(3), by hand: one datagram each).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "server/base/clock.h"

namespace tollgate::os {

// Does nothing where nobody listens. Never blocks; a message that cannot be
// sent is a warning in the log, since nothing better can be done about it.
class Notifier {
 public:
  // `socket` is a path, or "@name" for an abstract one; empty: nobody listens.
  explicit Notifier(std::string socket) : socket_(std::move(socket)) {}
  // From NOTIFY_SOCKET.
  static Notifier from_environment();

  // `status` is what `systemctl status` shows from now on.
  void ready(std::string_view status) const;
  void status(std::string_view status) const;
  void reloading(SteadyTime now) const;  // Type=notify-reload wants the time; ready() ends it
  void stopping() const;
  // The service's main process is another from now on. Only the main process may say so.
  void main_pid(pid_t pid) const;
  bool is_heard() const { return !socket_.empty(); }

 private:
  void send(const std::string& message) const;
  std::string socket_;
};

}  // namespace tollgate::os

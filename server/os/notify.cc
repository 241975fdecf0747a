// SPDX-License-Identifier: Apache-2.0
#include "server/os/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "server/base/error.h"
#include "server/base/text.h"
#include "server/base/unique_fd.h"
#include "server/log/logging.h"

namespace tollgate::os {

std::optional<milliseconds> watchdog_interval(const char* usec, const char* pid, pid_t self) {
  if (usec == nullptr) return std::nullopt;
  if (pid != nullptr && parse_uint(pid) != static_cast<uint64_t>(self)) return std::nullopt;
  const auto interval = parse_uint(usec, INT64_MAX);
  if (!interval || *interval < 1000) return std::nullopt;
  return milliseconds(static_cast<int64_t>(*interval / 1000));
}

Notifier Notifier::from_environment() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  return Notifier(socket != nullptr ? socket : "");
}

void Notifier::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string(status));
}

void Notifier::status(std::string_view status) const { send("STATUS=" + std::string(status)); }

void Notifier::reloading(SteadyTime now) const {
  const auto time =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(time) + "\nSTATUS=Reloading");
}

void Notifier::stopping(milliseconds within) const {
  const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(within).count();
  send("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(wait) + "\nSTATUS=Draining");
}

void Notifier::watchdog() const { send("WATCHDOG=1"); }

void Notifier::main_pid(pid_t pid) const { send("MAINPID=" + std::to_string(pid)); }

void Notifier::send(const std::string& message) const {
  if (socket_.empty()) return;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof name.sun_path)
    return log::warning("NOTIFY_SOCKET \"{}\" is too long", socket_);
  std::memcpy(name.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') name.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                            reinterpret_cast<const sockaddr*>(&name), size) < 0)
    log::warning("{}", from_errno("tell systemd at " + socket_, errno).message);
}

}  // namespace tollgate::os

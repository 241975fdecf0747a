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

bool Notifier::ready(std::string_view status) const {
  const int error = send("READY=1\nSTATUS=" + std::string(status));
  if (error == EAGAIN) return false;
  // Anything else would only fail again.
  if (error != 0) warn(error);
  return true;
}

void Notifier::status(std::string_view status) const { tell("STATUS=" + std::string(status)); }

void Notifier::reloading(SteadyTime now) const {
  const auto time =
      std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(time) + "\nSTATUS=Reloading");
}

void Notifier::stopping(milliseconds within) const {
  const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(within).count();
  tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(wait) + "\nSTATUS=Draining");
}

void Notifier::watchdog() const { tell("WATCHDOG=1"); }

void Notifier::main_pid(pid_t pid) const { tell("MAINPID=" + std::to_string(pid)); }

void Notifier::tell(const std::string& message) const {
  if (const int error = send(message); error != 0) warn(error);
}

int Notifier::send(const std::string& message) const {
  if (socket_.empty()) return 0;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof name.sun_path) return ENAMETOOLONG;
  std::memcpy(name.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') name.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return errno;
  const ssize_t sent = sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr*>(&name), size);
  return sent < 0 ? errno : 0;
}

void Notifier::warn(int error) const {
  log::warning("{}", from_errno("tell systemd at " + socket_, error).message);
}

}  // namespace tollgate::os

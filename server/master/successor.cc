// SPDX-License-Identifier: Apache-2.0
#include "server/master/successor.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "server/log/logging.h"

namespace tollgate::master {
namespace {

// All of it fits into the socket's buffer, where it waits for a reader.
Status send_estate(os::UpgradeChannel& channel, const Relaunch& relaunch, const Estate& estate) {
  using os::Word;
  for (const std::string& variable : relaunch.variables)
    TOLLGATE_CHECK(channel.send(Word::Variable, variable));
  for (const auto& listener : estate.listeners) {
    const auto file = listener->file().value_or(os::SocketFile{});
    TOLLGATE_CHECK(channel.send(Word::Listener,
                                to_string(listener->requested()) + " " +
                                    std::to_string(file.device) + " " + std::to_string(file.inode),
                                listener->fd()));
  }
  TOLLGATE_CHECK(channel.send(Word::Durable, {}, estate.durable));
  std::string self = std::to_string(getpid());
  if (!estate.pidfile.empty()) self.append(" ").append(estate.pidfile);
  TOLLGATE_CHECK(channel.send(Word::Predecessor, self));
  return channel.send(Word::Start);
}

}  // namespace

Result<Successor> Successor::start(const Relaunch& relaunch, const Estate& estate,
                                   const std::function<void()>& leave) {
  TOLLGATE_TRY(ends, os::UpgradeChannel::create());
  TOLLGATE_CHECK(send_estate(ends.first, relaunch, estate));
  TOLLGATE_TRY(child, os::launch(relaunch.program, std::move(ends.second), leave));
  return Successor(std::move(child), std::move(ends.first));
}

void Successor::tell_yours() {
  if (const Status sent = channel_.send(os::Word::Yours); !sent)
    log::warning("{}: {}", name(), sent.error().message);
}

void Successor::signal(int number) const {
  if (syscall(SYS_pidfd_send_signal, pidfd(), number, nullptr, 0) != 0 && errno != ESRCH)
    log::error("{}: {}", name(), from_errno("pidfd_send_signal", errno).message);
}

}  // namespace tollgate::master

// SPDX-License-Identifier: Apache-2.0
#include "app/commands/listening.h"

#include <fcntl.h>

#include <cerrno>

namespace tollgate::commands {

Result<std::vector<os::Listener>> open_listeners(const Config& config,
                                                 master::Predecessor* predecessor) {
  std::vector<os::Listener> listeners;
  for (const std::string& text : config.bind) {
    TOLLGATE_TRY(address, parse_address(text));
    auto inherited = predecessor != nullptr ? predecessor->take_listener(address) : std::nullopt;
    if (inherited) {
      listeners.push_back(*std::move(inherited));
      continue;
    }
    TOLLGATE_TRY(listener, os::Listener::open(address, config.backlog));
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

Result<std::vector<UniqueFd>> take_listeners(std::span<os::Listener> listeners) {
  std::vector<UniqueFd> taken;
  for (os::Listener& listener : listeners) {
    UniqueFd copy(fcntl(listener.fd(), F_DUPFD_CLOEXEC, 0));
    if (!copy.valid()) return fail(from_errno("dup of a listening socket", errno));
    taken.push_back(std::move(copy));
    listener.close();
  }
  return taken;
}

}  // namespace tollgate::commands

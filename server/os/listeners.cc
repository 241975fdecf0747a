// SPDX-License-Identifier: Apache-2.0
#include "server/os/listeners.h"

#include <algorithm>

namespace tollgate::os {

Result<Listeners> open_listeners(const Config& config, const Listeners& have) {
  TOLLGATE_TRY(access, resolve_socket_access(config));
  Listeners listeners;
  for (const std::string& text : config.bind) {
    TOLLGATE_TRY(address, parse_address(text));
    const auto same = [&](const auto& listener) { return listener->requested() == address; };
    if (const auto found = std::ranges::find_if(have, same); found != have.end()) {
      listeners.push_back(*found);
      continue;
    }
    TOLLGATE_TRY(opened, Listener::open(address, config.backlog, access));
    listeners.push_back(std::make_shared<Listener>(std::move(opened)));
  }
  return listeners;
}

}  // namespace tollgate::os

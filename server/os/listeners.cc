// SPDX-License-Identifier: Apache-2.0
#include "server/os/listeners.h"

#include <algorithm>

namespace tollgate::os {

namespace {

// That of `have` which was opened for `address`, or for which the kernel chose it; but none that
// is `taken`.
std::shared_ptr<Listener> find(const Listeners& have, const Address& address,
                               const Listeners& taken) {
  const auto is_free = [&taken](const auto& listener) {
    return std::ranges::find(taken, listener) == taken.end();
  };
  for (const auto& listener : have)
    if (listener->requested() == address && is_free(listener)) return listener;
  for (const auto& listener : have)
    if (listener->address() == address && is_free(listener)) return listener;
  return nullptr;
}

}  // namespace

Result<Listeners> open_listeners(const Config& config, const Listeners& have, Adopt adopt) {
  TOLLGATE_TRY(access, resolve_socket_access(config));
  Listeners listeners;
  for (const std::string& text : config.bind) {
    TOLLGATE_TRY(address, parse_address(text));
    if (auto found = find(have, address, listeners)) {
      listeners.push_back(std::move(found));
      continue;
    }
    if (address.kind == Address::Kind::Fd && adopt == Adopt::No)
      return fail(Errc::InvalidArgument,
                  text + ": this server has no such socket; one is passed to it at its start");
    TOLLGATE_TRY(opened, Listener::open(address, config.backlog, access));
    listeners.push_back(std::make_shared<Listener>(std::move(opened)));
  }
  return listeners;
}

}  // namespace tollgate::os

// SPDX-License-Identifier: Apache-2.0
#include "app/commands/listening.h"

#include <fcntl.h>

#include <cerrno>

namespace tollgate::commands {

Result<std::vector<UniqueFd>> take_listeners(const os::Listeners& listeners) {
  std::vector<UniqueFd> taken;
  for (const auto& listener : listeners) {
    UniqueFd copy(fcntl(listener->fd(), F_DUPFD_CLOEXEC, 0));
    if (!copy.valid()) return fail(from_errno("dup of a listening socket", errno));
    taken.push_back(std::move(copy));
    listener->close();
  }
  return taken;
}

}  // namespace tollgate::commands

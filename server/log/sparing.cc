// SPDX-License-Identifier: Apache-2.0
#include "server/log/sparing.h"

#include <fmt/format.h>

#include <utility>

#include "server/log/logging.h"

namespace tollgate::log {

void Sparing::write(LogLevel level, std::string_view message) {
  const SteadyTime now = clock_.steady();
  if (last_ && now - *last_ < kPause) {
    ++left_out_;
    return;
  }
  last_ = now;
  const uint64_t others = std::exchange(left_out_, 0);
  if (others == 0)
    log::write(level, message);
  else
    log::write(level, fmt::format("{} (and {} more since the last such line)", message, others));
}

}  // namespace tollgate::log

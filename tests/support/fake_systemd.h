// systemd's end of NOTIFY_SOCKET.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <string>
#include <string_view>

#include "server/base/unique_fd.h"
#include "tests/support/deadline.h"

namespace tollgate::test {

class FakeSystemd {
 public:
  explicit FakeSystemd(const std::string& path)
      : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }

  // The next message, or "" if none comes in time.
  std::string next(milliseconds patience = kPatience) const {
    pollfd watched{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&watched, 1, static_cast<int>(patience.count())) != 1) return "";
    char buffer[4096];
    const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, 0);
    return got < 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
  }

  // Passes over others until one contains `part`; "" if none comes in time.
  std::string await(std::string_view part, milliseconds patience = kPatience) const {
    for (const Deadline deadline(patience); !deadline.passed();) {
      std::string message = next(milliseconds(deadline.poll_timeout()));
      if (message.find(part) != std::string::npos) return message;
    }
    return "";
  }

 private:
  UniqueFd fd_;
};

}  // namespace tollgate::test

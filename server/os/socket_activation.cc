// SPDX-License-Identifier: Apache-2.0
#include "server/os/socket_activation.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "server/base/address.h"
#include "server/base/text.h"
#include "server/log/logging.h"

namespace tollgate::os {
namespace {

constexpr int kFirst = 3;         // SD_LISTEN_FDS_START
constexpr uint64_t kMost = 1024;  // far beyond sense, and a bound for what a typing error makes

std::optional<std::string> take_variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string copy(value);
  unsetenv(name);
  return copy;
}

ListenVariables take_variables() {
  return {.pid = take_variable("LISTEN_PID"),
          .fds = take_variable("LISTEN_FDS"),
          .names = take_variable("LISTEN_FDNAMES")};
}

std::string to_bind(const PassedSocket& socket) { return "fd://" + std::to_string(socket.fd); }

std::string names_of(const PassedSockets& passed) {
  std::vector<std::string> names;
  for (const PassedSocket& socket : passed) names.push_back(socket.name);
  return names.empty() ? "none was passed" : "passed: " + join(names, ", ");
}

}  // namespace

Result<PassedSockets> parse_listen_variables(const ListenVariables& variables, pid_t self) {
  if (!variables.pid || !variables.fds) return PassedSockets{};
  const auto pid = parse_uint(*variables.pid, INT_MAX);
  if (!pid) return fail(Errc::InvalidArgument, "LISTEN_PID: not a number");
  if (static_cast<pid_t>(*pid) != self) return PassedSockets{};
  const auto count = parse_uint(*variables.fds, kMost);
  if (!count) return fail(Errc::InvalidArgument, "LISTEN_FDS: not a number up to 1024");

  PassedSockets passed;
  for (int i = 0; i < static_cast<int>(*count); ++i)
    passed.push_back({.fd = kFirst + i, .name = "unknown"});
  if (!variables.names) return passed;
  const auto names = split(*variables.names, ':');
  if (names.size() != passed.size())
    return fail(Errc::InvalidArgument, "LISTEN_FDNAMES: " + std::to_string(names.size()) +
                                           " names for " + std::to_string(passed.size()) +
                                           " sockets");
  for (std::size_t i = 0; i < names.size(); ++i) passed[i].name = names[i];
  return passed;
}

Result<PassedSockets> take_passed_sockets() {
  TOLLGATE_TRY(passed, parse_listen_variables(take_variables(), getpid()));
  for (const PassedSocket& socket : passed)
    if (fcntl(socket.fd, F_SETFD, FD_CLOEXEC) != 0)
      return fail(Errc::InvalidArgument,
                  from_errno("LISTEN_FDS: " + to_bind(socket), errno).message);
  return passed;
}

Result<PassedSockets> passed_to_another(const Listeners& inherited) {
  ListenVariables variables = take_variables();
  variables.pid = std::to_string(getpid());
  TOLLGATE_TRY(passed, parse_listen_variables(variables, getpid()));
  std::erase_if(passed, [&inherited](const PassedSocket& socket) {
    return std::ranges::none_of(inherited, [&socket](const auto& listener) {
      return to_string(listener->requested()) == to_bind(socket);
    });
  });
  return passed;
}

Result<std::vector<std::string>> resolve_bind(const std::vector<std::string>& bind, bool is_set,
                                              const PassedSockets& passed) {
  std::vector<std::string> out;
  if (!is_set && !passed.empty()) {
    std::ranges::transform(passed, std::back_inserter(out), to_bind);
    return out;
  }
  for (const std::string& text : bind) {
    TOLLGATE_TRY(address, parse_address(text));
    const std::size_t before = out.size();
    if (address.name.empty()) out.push_back(text);
    for (const PassedSocket& socket : passed)
      if (!address.name.empty() && socket.name == address.name) out.push_back(to_bind(socket));
    if (out.size() == before)
      return fail(Errc::InvalidArgument,
                  text + ": there is no such socket (" + names_of(passed) + ")");
  }
  for (auto one = out.begin(); one != out.end(); ++one)
    if (std::find(out.begin(), one, *one) != one)
      return fail(Errc::InvalidArgument, "bind: " + *one + " is meant twice");
  return out;
}

void drop_unused(PassedSockets& passed, const std::vector<std::string>& bind) {
  std::erase_if(passed, [&bind](const PassedSocket& socket) {
    if (std::ranges::find(bind, to_bind(socket)) != bind.end()) return false;
    log::warning("the passed socket {} ({}) is not used: no `bind` names it", to_bind(socket),
                 socket.name);
    ::close(socket.fd);
    return true;
  });
}

}  // namespace tollgate::os

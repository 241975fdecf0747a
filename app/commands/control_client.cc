// SPDX-License-Identifier: Apache-2.0
#include "app/commands/control_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "server/base/clock.h"
#include "server/base/text.h"

namespace tollgate::commands {
namespace {

// A server with a full backlog keeps us waiting; one that is stuck must not for ever.
constexpr time_t kConnectSeconds = 10;

tl::unexpected<Error> cannot_connect(const std::string& path, int error) {
  switch (error) {
    case ECONNREFUSED:
      return fail(Errc::Closed, path + ": nobody listens there; the server is not running");
    case EACCES:
    case EPERM:
      return fail(Errc::Denied, path +
                                    ": permission denied; only root and the server's own user "
                                    "may ask (sudo)");
    case EAGAIN:
      return fail(Errc::Timeout, path + ": the server does not accept; it is stuck or stopped");
    default:
      return fail(from_errno("connect to " + path, error));
  }
}

bool exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 || errno == EACCES;
}

// Until there is something to read, or the end of the connection.
Status wait_readable(int fd, SteadyTime end) {
  for (;;) {
    int patience = -1;
    if (end != SteadyTime::max()) {
      const auto left =
          std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now()).count();
      if (left <= 0) return fail(Errc::Timeout, "no outcome in time; it goes on in the server");
      patience = static_cast<int>(std::min<int64_t>(left, INT_MAX));
    }
    pollfd watched{.fd = fd, .events = POLLIN, .revents = 0};
    if (poll(&watched, 1, patience) > 0) return {};
  }
}

SteadyTime end_of(milliseconds patience) {
  return patience == 0ms ? SteadyTime::max() : std::chrono::steady_clock::now() + patience;
}

}  // namespace

Result<ControlClient> ControlClient::connect(const std::vector<std::string>& candidates) {
  const auto path = std::ranges::find_if(candidates, exists);
  if (path == candidates.end())
    return fail(Errc::NotFound, "there is no control socket (looked for " +
                                    join(candidates, " and ") +
                                    "); is the server running? --control-socket or --config says "
                                    "where it is");
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path->size() >= sizeof name.sun_path)
    return fail(Errc::InvalidArgument, *path + ": too long for a Unix socket");
  std::memcpy(name.sun_path, path->data(), path->size());
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return fail(from_errno("socket", errno));
  const timeval timeout{.tv_sec = kConnectSeconds, .tv_usec = 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
    return cannot_connect(*path, errno);
  return ControlClient(std::move(fd), *path);
}

Result<std::string> ControlClient::ask(const std::string& request, milliseconds patience) {
  const SteadyTime end = end_of(patience);
  const std::string line = request + '\n';
  // A failure to send is the server's end, or its refusal, which is there to be read.
  static_cast<void>(::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL));
  std::string answer;
  char buffer[65536];
  while (answer.find('\n') == std::string::npos) {
    TOLLGATE_CHECK(wait_readable(fd_.get(), end));
    const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Errc::Closed, "the server has ended without an answer");
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  answer.resize(answer.find('\n'));
  return answer;
}

Status ControlClient::wait_for_end(milliseconds patience) {
  const SteadyTime end = end_of(patience);
  char buffer[256];
  for (;;) {
    TOLLGATE_CHECK(wait_readable(fd_.get(), end));
    const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got == 0 || (got < 0 && errno != EINTR)) return {};
  }
}

}  // namespace tollgate::commands

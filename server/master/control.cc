// SPDX-License-Identifier: Apache-2.0
#include "server/master/control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "server/log/logging.h"
#include "server/master/control_protocol.h"

namespace tollgate::master {
namespace {

constexpr int kBacklog = 128;
// How long nobody new is accepted when the descriptors have run out.
constexpr milliseconds kDeaf = 1s;

Result<sockaddr_un> to_name(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path)
    return fail(Errc::InvalidArgument, path + ": too long for a Unix socket");
  std::memcpy(name.sun_path, path.data(), path.size());
  return name;
}

const sockaddr* to_sockaddr(const sockaddr_un& name) {
  return reinterpret_cast<const sockaddr*>(&name);
}

std::optional<ucred> peer_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer;
}

std::string describe(const std::optional<ucred>& peer) {
  if (!peer) return "an unknown process";
  return "process " + std::to_string(peer->pid) + " of user " + std::to_string(peer->uid);
}

// Whether `path` may be replaced: nothing is there, or the socket of a server that is gone, or
// that of our predecessor.
Status may_replace(const std::string& path, const sockaddr_un& name, pid_t predecessor) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0)
    return errno == ENOENT ? Status{} : fail(from_errno("control socket " + path, errno));
  if (!S_ISSOCK(info.st_mode))
    return fail(Errc::Conflict, "control socket " + path + ": the file is no socket");
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.valid()) return fail(from_errno("control socket: socket", errno));
  if (connect(probe.get(), to_sockaddr(name), sizeof name) == 0) {
    const auto peer = peer_of(probe.get());
    if (predecessor > 0 && peer && peer->pid == predecessor) return {};
    return fail(Errc::Conflict, "control socket " + path + ": process " +
                                    std::to_string(peer ? peer->pid : 0) + " answers there");
  }
  // Gone: a while ago, or just now.
  if (errno == ECONNREFUSED || errno == ENOENT) return {};
  // EAGAIN: a live server with a full backlog.
  return fail(from_errno("control socket " + path + ": somebody listens there", errno));
}

// Private from its first moment, whatever the umask is: between a bind and a chmod anybody could
// connect. The process has one thread, so that nobody else makes a file meanwhile.
int bind_private(int fd, const sockaddr_un& name) {
  const mode_t before = umask(0177);
  const int bound = bind(fd, to_sockaddr(name), sizeof name);
  const int error = errno;
  umask(before);
  errno = error;
  return bound;
}

}  // namespace

Result<ControlServer> ControlServer::open(const std::string& path, pid_t predecessor) {
  TOLLGATE_TRY(name, to_name(path));
  TOLLGATE_CHECK(may_replace(path, name, predecessor));
  // Beside its place first: it appears there when it listens, and an old one never is missing.
  const std::string temporary = path + ".tmp-" + std::to_string(getpid());
  TOLLGATE_TRY(temporary_name, to_name(temporary));
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return fail(from_errno("control socket: socket", errno));
  unlink(temporary.c_str());  // what a crashed process of the same number left
  if (bind_private(fd.get(), temporary_name) != 0)
    return fail(from_errno("control socket: bind " + temporary, errno));
  struct stat info;
  if (listen(fd.get(), kBacklog) != 0 || lstat(temporary.c_str(), &info) != 0 ||
      rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return fail(from_errno("control socket " + path, error));
  }
  ControlServer server(std::move(fd), path);
  server.owner_ = getpid();
  server.device_ = info.st_dev;
  server.inode_ = info.st_ino;
  return server;
}

ControlServer::ControlServer(ControlServer&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::move(other.path_)),
      owner_(std::exchange(other.owner_, 0)),
      device_(other.device_),
      inode_(other.inode_),
      clients_(std::move(other.clients_)),
      last_number_(other.last_number_),
      deaf_until_(other.deaf_until_) {}

ControlServer::~ControlServer() {
  if (owns_path()) unlink(path_.c_str());
}

bool ControlServer::owns_path() const {
  struct stat info;
  return owner_ == getpid() && lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ &&
         info.st_ino == inode_;
}

std::size_t ControlServer::busy() const {
  return static_cast<std::size_t>(std::ranges::count_if(clients_, [](const Client& client) {
    return client.state == State::Reading || client.state == State::Sending;
  }));
}

bool ControlServer::listens() const { return busy() < kMaxClients && deaf_until_ == SteadyTime{}; }

bool ControlServer::has_room_to_wait() const { return clients_.size() - busy() <= kMaxWaiting; }

void ControlServer::watch(std::vector<pollfd>& watched) const {
  watched.push_back({.fd = listens() ? fd_.get() : -1, .events = POLLIN, .revents = 0});
  for (const Client& client : clients_) {
    // Whoever waits is asked nothing more, but its end (POLLHUP) comes unasked.
    const int events = client.state == State::Reading   ? POLLIN
                       : client.state == State::Sending ? POLLOUT
                                                        : 0;
    watched.push_back({.fd = client.fd.get(), .events = static_cast<short>(events), .revents = 0});
  }
}

std::vector<ControlServer::Line> ControlServer::serve(SteadyTime now) {
  if (now >= deaf_until_) deaf_until_ = {};
  std::vector<pollfd> watched;
  watch(watched);
  poll(watched.data(), watched.size(), 0);
  std::vector<Line> lines;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[i];
    const short events = watched[i + 1].revents;
    if ((events & POLLIN) != 0)
      receive(client, lines, now);
    else if ((events & (POLLHUP | POLLERR)) != 0)
      client.fd.reset();
    else if ((events & POLLOUT) != 0)
      send(client);
    const bool timed = client.state == State::Reading || client.state == State::Sending;
    if (timed && now >= client.deadline) client.fd.reset();
  }
  std::erase_if(clients_, [](const Client& client) { return !client.fd.valid(); });
  if ((watched.front().revents & POLLIN) != 0) accept_all(now);
  return lines;
}

void ControlServer::accept_all(SteadyTime now) {
  while (busy() < kMaxClients) {
    UniqueFd fd(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) {
      const bool wait = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (wait) deaf_until_ = now + kDeaf;
      if (wait) log::warning("{}", from_errno("control socket: accept", errno).message);
      return;
    }
    const auto peer = peer_of(fd.get());
    clients_.push_back({.number = ++last_number_,
                        .fd = std::move(fd),
                        .who = describe(peer),
                        .deadline = now + kPatience});
    // The file's mode says the same, but not to whoever may write to everything.
    if (!peer || (peer->uid != 0 && peer->uid != geteuid()))
      reply(clients_.back(), failed_json("only root and the server's own user may ask"), now);
  }
}

void ControlServer::receive(Client& client, std::vector<Line>& lines, SteadyTime now) {
  char buffer[kMaxControlLine];
  const ssize_t got = recv(client.fd.get(), buffer, sizeof buffer - client.in.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // Whoever closes or says no more without a word wanted nothing.
  if (got < 0 || (got == 0 && client.in.empty())) return client.fd.reset();
  client.in.append(buffer, static_cast<std::size_t>(got));
  const auto end = client.in.find('\n');
  if (end == std::string::npos && got > 0) {
    if (client.in.size() == sizeof buffer)
      reply(client, failed_json("the request is too long"), now);
    return;
  }
  client.state = State::Asked;
  lines.push_back({client.number, client.in.substr(0, end), client.who});
}

void ControlServer::answer(uint64_t number, std::string_view json, SteadyTime now) {
  if (Client* const client = find(number)) reply(*client, json, now);
}

void ControlServer::hold_open(uint64_t number, std::string_view json, SteadyTime now) {
  Client* const client = find(number);
  if (client == nullptr) return;
  client->hold = true;
  reply(*client, json, now);
}

void ControlServer::reply(Client& client, std::string_view json, SteadyTime now) {
  client.state = State::Sending;
  client.deadline = now + kPatience;
  client.out = json;
  client.out += '\n';
  send(client);
}

void ControlServer::send(Client& client) {
  const ssize_t sent =
      ::send(client.fd.get(), client.out.data(), client.out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (sent < 0) return client.fd.reset();
  client.out.erase(0, static_cast<std::size_t>(sent));
  if (!client.out.empty()) return;
  if (client.hold)
    client.state = State::Held;
  else
    client.fd.reset();
}

bool ControlServer::waits(uint64_t number) const {
  const auto found = std::ranges::find(clients_, number, &Client::number);
  return found != clients_.end() && found->fd.valid() && found->state == State::Asked;
}

ControlServer::Client* ControlServer::find(uint64_t number) {
  const auto found = std::ranges::find(clients_, number, &Client::number);
  return found == clients_.end() || !found->fd.valid() ? nullptr : &*found;
}

}  // namespace tollgate::master

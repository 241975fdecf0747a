// SPDX-License-Identifier: Apache-2.0
#include "server/os/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <string_view>

#include "server/base/text.h"
#include "server/log/logging.h"
#include "server/os/small_file.h"

namespace tollgate::os {
namespace {

// A socket address with its length, and the casts that the C interface wants in one place.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  template <class T>
  T& as() {
    return reinterpret_cast<T&>(storage);
  }
  template <class T>
  const T& as() const {
    return reinterpret_cast<const T&>(storage);
  }
};

SocketAddress to_socket_address(const Address& address) {
  SocketAddress out;
  if (address.kind == Address::Kind::Tcp4) {
    auto& in = out.as<sockaddr_in>();
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &in.sin_addr);
    out.size = sizeof in;
  } else if (address.kind == Address::Kind::Tcp6) {
    auto& in = out.as<sockaddr_in6>();
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &in.sin6_addr);
    out.size = sizeof in;
  } else {
    auto& un = out.as<sockaddr_un>();
    un.sun_family = AF_UNIX;
    const std::size_t length = std::min(address.path.size(), sizeof(un.sun_path) - 1);
    std::memcpy(un.sun_path, address.path.data(), length);
    const bool abstract = address.path.starts_with('@');
    if (abstract) un.sun_path[0] = '\0';
    // An abstract name is all of its bytes; a path ends with the NUL that counts, too.
    out.size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
  }
  return out;
}

Result<Address> bound_address(int fd) {
  SocketAddress name;
  if (getsockname(fd, name.get(), &name.size) != 0) return fail(from_errno("getsockname", errno));
  char text[INET6_ADDRSTRLEN] = {};
  switch (name.storage.ss_family) {
    case AF_INET: {
      const auto& in = name.as<sockaddr_in>();
      inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
      return Address{.kind = Address::Kind::Tcp4, .host = text, .port = ntohs(in.sin_port)};
    }
    case AF_INET6: {
      const auto& in = name.as<sockaddr_in6>();
      inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
      return Address{.kind = Address::Kind::Tcp6, .host = text, .port = ntohs(in.sin6_port)};
    }
    case AF_UNIX: {
      const auto& un = name.as<sockaddr_un>();
      const std::size_t length = name.size - offsetof(sockaddr_un, sun_path);
      std::string path(un.sun_path, std::min(length, sizeof un.sun_path));
      if (path.starts_with('\0'))
        path[0] = '@';
      else
        path = path.c_str();
      return Address{.kind = Address::Kind::Unix, .path = std::move(path)};
    }
    default:
      return fail(Errc::InvalidArgument, "it is neither a TCP nor a Unix socket");
  }
}

// What the operator can do about it, as the end of the sentence.
std::string_view way_out(const Address& address, int errno_value) {
  const bool unix_socket = address.kind == Address::Kind::Unix;
  switch (errno_value) {
    case EADDRINUSE:
      return unix_socket ? "; another process listens there: `ss -lxp` shows which"
                         : "; another process listens there: `ss -ltnp` shows which";
    case EACCES:
      if (unix_socket) return "; this user must be allowed to write to its directory";
      if (address.port < 1024) return "; a port below 1024 needs CAP_NET_BIND_SERVICE";
      return "";
    case EADDRNOTAVAIL:
      return "; no interface of this machine has that address: `ip address` shows them";
    case EAFNOSUPPORT:
      return "; this machine has IPv6 switched off";
    case ENOENT:
      return unix_socket ? "; its directory does not exist" : "";
    default:
      return "";
  }
}

tl::unexpected<Error> failed(const Address& address, std::string_view call, int errno_value) {
  Error error = from_errno(std::string(call) + " " + to_string(address), errno_value);
  error.message += way_out(address, errno_value);
  return fail(std::move(error));
}

// Removes the socket of a server that is gone, so that bind can be tried again.
Status remove_stale(const Address& address) {
  struct stat info;
  if (lstat(address.path.c_str(), &info) != 0)
    return errno == ENOENT ? Status{} : failed(address, "lstat", errno);
  if (!S_ISSOCK(info.st_mode))
    return fail(Errc::Conflict, "bind " + to_string(address) +
                                    ": the file exists and is not a socket; remove it or name "
                                    "another path");
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.valid()) return failed(address, "socket", errno);
  const SocketAddress target = to_socket_address(address);
  // Only a refusal proves that nobody listens: EAGAIN is a live server with a full backlog.
  if (connect(probe.get(), target.get(), target.size) == 0 || errno != ECONNREFUSED)
    return failed(address, "bind", EADDRINUSE);
  if (unlink(address.path.c_str()) != 0 && errno != ENOENT)
    return failed(address, "unlink the dead server's socket", errno);
  log::info("{}: replaced the socket of a server that is gone", to_string(address));
  return {};
}

Status bind_socket(int fd, const Address& address) {
  const SocketAddress name = to_socket_address(address);
  if (bind(fd, name.get(), name.size) == 0) return {};
  const bool path = address.kind == Address::Kind::Unix && !address.path.starts_with('@');
  if (errno != EADDRINUSE || !path) return failed(address, "bind", errno);
  TOLLGATE_CHECK(remove_stale(address));
  if (bind(fd, name.get(), name.size) != 0) return failed(address, "bind", errno);
  return {};
}

// Until listen() every connection is refused. No symbolic link is followed: the directory
// may be writable for others.
Status apply(const SocketAccess& access, const Address& address) {
  const auto [user, group] = access.owner;
  if ((user || group) && lchown(address.path.c_str(), user.value_or(static_cast<uid_t>(-1)),
                                group.value_or(static_cast<gid_t>(-1))) != 0)
    return fail(with_context("socket_owner", from_errno("chown " + to_string(address), errno)));
  if (access.mode.bits &&
      fchmodat(AT_FDCWD, address.path.c_str(), *access.mode.bits, AT_SYMLINK_NOFOLLOW) != 0)
    return fail(with_context("socket_mode", from_errno("chmod " + to_string(address), errno)));
  return {};
}

Status set_option(int fd, const Address& address, int level, int option) {
  const int on = 1;
  if (setsockopt(fd, level, option, &on, sizeof on) != 0)
    return failed(address, "setsockopt", errno);
  return {};
}

int get_option(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// The kernel cuts a backlog silently, and then drops a burst that the setting promised to hold.
void warn_of_somaxconn(const Address& address, uint32_t backlog) {
  const auto text = read_small_file("/proc/sys/net/core/somaxconn");
  if (!text) return;
  const auto limit = parse_uint(std::string_view(*text).substr(0, text->find('\n')));
  if (limit && backlog > *limit)
    log::warning("{}: backlog is {}, but the kernel allows {}; raise net.core.somaxconn",
                 to_string(address), backlog, *limit);
}

}  // namespace

Result<SocketAccess> resolve_socket_access(const Config& config) {
  auto owner = resolve_owner(config.socket_owner);
  if (!owner) return fail(with_context("socket_owner", owner.error()));
  return SocketAccess{.mode = config.socket_mode, .owner = *owner};
}

Result<Listener> Listener::open(const Address& address, uint32_t backlog,
                                const SocketAccess& access) {
  return address.kind == Address::Kind::Fd ? adopt(address) : open_socket(address, backlog, access);
}

Result<Listener> Listener::open_socket(const Address& address, uint32_t backlog,
                                       const SocketAccess& access) {
  const bool v6 = address.kind == Address::Kind::Tcp6;
  const bool path = address.kind == Address::Kind::Unix;
  const int family = path ? AF_UNIX : v6 ? AF_INET6 : AF_INET;
  UniqueFd fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return failed(address, "socket", errno);
  // Without SO_REUSEADDR a restart waits out the TIME_WAIT of old connections.
  if (!path) TOLLGATE_CHECK(set_option(fd.get(), address, SOL_SOCKET, SO_REUSEADDR));
  // "[::]:80" beside "0.0.0.0:80" must work, whatever net.ipv6.bindv6only says.
  if (v6) TOLLGATE_CHECK(set_option(fd.get(), address, IPPROTO_IPV6, IPV6_V6ONLY));
  TOLLGATE_CHECK(bind_socket(fd.get(), address));

  Listener listener(std::move(fd), address);
  struct stat info;
  if (path && !address.path.starts_with('@')) {
    if (stat(address.path.c_str(), &info) == 0)
      listener.file_ = SocketFile{.device = info.st_dev, .inode = info.st_ino};
    TOLLGATE_CHECK(apply(access, address));
  }
  listener.own_path();
  TOLLGATE_CHECK(listener.set_backlog(backlog));
  if (!path) {
    TOLLGATE_TRY(bound, bound_address(listener.fd()));
    listener.address_ = bound;
  }
  return listener;
}

Result<Listener> Listener::adopt(const Address& address) {
  const int flags = fcntl(address.fd, F_GETFL);
  if (flags < 0) return failed(address, "adopt", errno);
  if (get_option(address.fd, SO_TYPE) != SOCK_STREAM || get_option(address.fd, SO_ACCEPTCONN) != 1)
    return fail(Errc::InvalidArgument, to_string(address) +
                                           ": not a listening stream socket; whoever starts "
                                           "tollgate must bind and listen first");
  auto bound = bound_address(address.fd);
  if (!bound) return fail(with_context(to_string(address), bound.error()));
  if (fcntl(address.fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(address.fd, F_SETFD, FD_CLOEXEC) != 0)
    return failed(address, "fcntl", errno);
  Listener listener(UniqueFd(address.fd), address);
  listener.address_ = *std::move(bound);
  return listener;
}

Status Listener::set_backlog(uint32_t backlog) {
  if (listen(fd(), static_cast<int>(std::min<uint32_t>(backlog, INT_MAX))) != 0)
    return failed(address_, "listen", errno);
  warn_of_somaxconn(address_, backlog);
  return {};
}

Result<Listener> Listener::inherit(UniqueFd fd, const Address& requested,
                                   std::optional<SocketFile> file) {
  TOLLGATE_TRY(listener, adopt({.kind = Address::Kind::Fd, .fd = fd.get()}));
  static_cast<void>(fd.release());  // the listener has it
  listener.requested_ = requested;
  listener.file_ = file;
  return std::move(listener);
}

void Listener::own_path() { owner_ = getpid(); }

void Listener::close() {
  if (!fd_.valid()) return;
  // The path first: a client then meets "no such file" and not a refusal that looks like a crash.
  struct stat info;
  if (file_ && owner_ == getpid() && lstat(address_.path.c_str(), &info) == 0 &&
      info.st_dev == file_->device && info.st_ino == file_->inode)
    unlink(address_.path.c_str());
  fd_.reset();
}

}  // namespace tollgate::os

// One listening socket.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "server/base/address.h"
#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/config/config.h"
#include "server/os/identity.h"

namespace tollgate::os {

// Who may connect to a Unix socket: the settings socket_mode and socket_owner.
struct SocketAccess {
  FileMode mode = {};
  Owner owner = {};
};
// Errors: InvalidArgument (there is no such user or group), naming the setting.
Result<SocketAccess> resolve_socket_access(const Config& config);
// The file of a Unix socket: not its path, where another server may have put its own.
struct SocketFile {
  dev_t device;
  ino_t inode;
};

// Opened by the master, inherited by every worker. Each process owns a copy of
// the descriptor; the socket stops listening when the last copy is closed.
class Listener {
 public:
  // Binds and listens, or adopts the descriptor of an "fd://N", which must be a
  // listening stream socket. A Unix path whose server is dead is replaced; one
  // whose server answers is an error. The descriptor is non-blocking and
  // close-on-exec. Errors name the address, errno and the way out.
  // `access` is for Unix paths, and holds before anybody can connect.
  static Result<Listener> open(const Address& address, uint32_t backlog,
                               const SocketAccess& access = {});
  // From another master, which was asked for `requested` and still owns the path: `file` is what
  // to own after it, if anything.
  static Result<Listener> inherit(UniqueFd fd, const Address& requested,
                                  std::optional<SocketFile> file);

  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) = delete;
  ~Listener() { close(); }

  int fd() const { return fd_.get(); }  // -1 after close()
  // As bound: with the real port, and for an adopted descriptor what it is bound to.
  const Address& address() const { return address_; }
  // As it was asked for: with port 0 or as "fd://N".
  const Address& requested() const { return requested_; }

  // How many connections may wait from now on.
  Status set_backlog(uint32_t backlog);

  // Closes this process's copy. The process that owns a Unix path, at first the one
  // that made it, unlinks it, unless another server has put its own there.
  void close();

  // What there is to own, whoever does it now. None: no path, or somebody else's.
  std::optional<SocketFile> file() const { return file_; }
  // One process owns the path. The others, and a child of the owner's, leave it alone.
  void own_path();
  void disown_path() { owner_ = 0; }

 private:
  Listener(UniqueFd fd, const Address& requested)
      : fd_(std::move(fd)), requested_(requested), address_(requested) {}
  static Result<Listener> open_socket(const Address& address, uint32_t backlog,
                                      const SocketAccess& access);
  static Result<Listener> adopt(const Address& address);

  UniqueFd fd_;
  Address requested_;
  Address address_;
  std::optional<SocketFile> file_ = {};
  pid_t owner_ = 0;  // of the path
};

}  // namespace tollgate::os

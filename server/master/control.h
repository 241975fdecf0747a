// The control socket: bytes in and out, for a bounded number of clients, never blocking.
//
//   Reading --line--> Asked --answer()--> Sending --all sent--> (closed)
//                       \--hold_open()--> Sending, then Held until this process ends
//   Reading, Sending --too slow--> (closed)      any --the client has gone--> (closed)
//
// What a line means is control_protocol.h, what it does is supervisor_control.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/base/units.h"

namespace tollgate::master {

class ControlServer {
 public:
  // Clients beyond the first wait in the backlog; those whose answer takes its time count apart,
  // so that nobody who waits for a reload keeps the next `ctl status` out.
  static constexpr std::size_t kMaxClients = 16;
  static constexpr std::size_t kMaxWaiting = 16;
  // For a request to come, and for an answer to be taken.
  static constexpr milliseconds kPatience = 5s;

  struct Line {
    uint64_t client;
    std::string text;  // without the newline
    std::string who;   // "process 4711 of user 0", for the log
  };

  // Listens on `path`, 0600 from its first moment. What is there of a server that is gone is
  // replaced, and that of `predecessor`, a process that hands over to this one. Errors: Conflict
  // (another server answers there, or it is no socket), Io and its kind.
  static Result<ControlServer> open(const std::string& path, pid_t predecessor = 0);

  ControlServer(ControlServer&& other) noexcept;
  ControlServer& operator=(ControlServer&&) = delete;
  // Closes everything. The process that opened it unlinks the path, unless another has replaced it.
  ~ControlServer();

  const std::string& path() const { return path_; }
  // Whether what is at the path is this socket, and this process made it.
  bool owns_path() const;

  // Adds what to wait for.
  void watch(std::vector<pollfd>& watched) const;
  // Accepts, receives and sends what can be without waiting; the requests that are complete.
  std::vector<Line> serve(SteadyTime now);

  // One line, and then the end of the connection. A client that has gone meanwhile is no error.
  void answer(uint64_t client, std::string_view json, SteadyTime now);
  // The same, but the connection ends only with this process.
  void hold_open(uint64_t client, std::string_view json, SteadyTime now);
  // Whether it is still there, and waits for an answer.
  bool waits(uint64_t client) const;
  bool has_room_to_wait() const;

 private:
  enum class State : uint8_t { Reading, Asked, Sending, Held };
  struct Client {
    uint64_t number;
    UniqueFd fd;
    std::string who;
    SteadyTime deadline;
    State state = State::Reading;
    bool hold = false;    // Held after Sending, and not closed
    std::string in = {};  // of a request
    std::string out = {};
  };

  ControlServer(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  void accept_all(SteadyTime now);
  // What came; the request, when it is complete.
  void receive(Client& client, std::vector<Line>& lines, SteadyTime now);
  void reply(Client& client, std::string_view json, SteadyTime now);
  static void send(Client& client);
  Client* find(uint64_t number);
  std::size_t busy() const;
  bool listens() const;

  UniqueFd fd_;
  std::string path_;
  pid_t owner_ = 0;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::vector<Client> clients_ = {};  // those whose fd is not valid are erased by serve()
  uint64_t last_number_ = 0;
  SteadyTime deaf_until_ = {};  // no descriptor was left for another client
};

}  // namespace tollgate::master

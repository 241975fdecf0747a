// A server that can be upgraded: its program is a link that a test can point elsewhere.
//
// A new master is no child of the test's: it stays in the old one's process group, which dies
// with the test, however that ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/fake_systemd.h"
#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {

// Kills a process group when this process has ended and could not.
class GroupGuard {
 public:
  explicit GroupGuard(pid_t group);
  GroupGuard(const GroupGuard&) = delete;
  GroupGuard& operator=(const GroupGuard&) = delete;
  ~GroupGuard();

 private:
  pid_t guard_;
  UniqueFd alive_;
};

struct UpgradeOptions {
  bool key_in_environment = false;
  bool bind_in_file = false;
  bool notify = false;  // a systemd listens
};

class UpgradeSite {
 public:
  // Two workers on a port and a Unix socket, with a pid file; probation lasts for ever, if
  // `arguments` do not say otherwise.
  explicit UpgradeSite(std::vector<std::string> arguments = {}, const UpgradeOptions& options = {});

  ServerProcess& server() { return *server_; }
  std::string key() const { return site_.key(); }
  std::string token() const { return site_.token(1); }
  std::string file(std::string_view name) const { return site_.directory() / name; }
  bool exists(std::string_view name) const { return std::filesystem::exists(file(name)); }
  // 0: there is none.
  pid_t pid_in_file(std::string_view suffix = "") const;

  // USR2 to the master of the pid file; the one that it starts.
  pid_t upgrade();
  // The same, but asked for by `tollgate ctl upgrade --wait`, to its end.
  Finished upgrade_by_ctl();
  // `tollgate ctl` of those servers that have --control-socket file("ctl").
  Finished ctl(std::vector<std::string> arguments) const;
  bool in_probation(std::size_t mark = 0) const;
  // TERM to the master that was started last; the first ends, or has ended, as `expected`.
  void end(ExitStatus expected = {.code = 0});

  // What the next master is. In a script BINARY is the real one, and GO the file of go().
  void become_script(std::string text) const;
  void become_binary() const;
  void remove_program() const;
  void go() const { write_file(file("go"), ""); }
  void bind(const std::vector<std::string>& addresses) const;

  // The pid file names `owner`, and every address is served.
  void expect_owner(pid_t owner);
  // No pid file, and no file of a socket.
  void expect_nothing_left() const;

  // The next message to systemd that begins so; others are passed over, but nothing of the kind
  // READY is. Nothing: there was none in time.
  std::optional<std::string> hears(std::string_view begin) const;

 private:
  pid_t note_started(std::size_t mark);
  void link_program_to(const std::string& path) const;
  Command command(std::vector<std::string> arguments, const UpgradeOptions& options);

  Site site_;
  std::optional<FakeSystemd> systemd_;
  std::optional<ServerProcess> server_;
  std::optional<GroupGuard> guard_;
  std::vector<pid_t> masters_;
};

}  // namespace tollgate::test

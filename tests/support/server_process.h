// The real server, on a port of the kernel's choice.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/address.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace tollgate::test {

// The binary under test: TOLLGATE_TEST_BINARY, or else the one of this build.
std::string binary();
// The demo as an application of its own, beside the binary.
std::string demo_application();

// A directory with a signing key and a database of users: alice (id 1), bob (2) and root (3, an
// admin). Each has the password "PASSWORD of NAME".
class Site {
 public:
  Site();

  const TempDir& directory() const { return directory_; }
  const std::string& key() const { return key_; }
  std::string database() const { return "sqlite:" + directory_ / "users.db"; }

  // The command line of `arguments` with, where they are missing and a server needs them,
  // --bind 127.0.0.1:0 and the site's key and database.
  Command server(std::vector<std::string> arguments) const;
  // A command line as it is.
  Command command(std::vector<std::string> arguments) const;

  // An access token, signed with the site's key.
  std::string token(int64_t user) const;

 private:
  TempDir directory_;
  std::string key_;
};

std::string password_of(std::string_view name);

// Starts the server and waits until it is ready; if it never is, the test has failed.
//
// However a test ends it, in the end its log must hold nothing that a bug of ours would have
// written: no handles left in a loop, nothing from a sanitizer. And nobody may outlive it.
class ServerProcess {
 public:
  explicit ServerProcess(const Command& command);
  ServerProcess(const Site& site, std::vector<std::string> arguments)
      : ServerProcess(site.server(std::move(arguments))) {}
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();  // stop(), unless the test has seen its end

  // As the line said that it is ready; valid for connecting to.
  const std::vector<Address>& addresses() const { return addresses_; }
  const Address& address() const { return addresses_.front(); }

  pid_t pid() const { return process_.pid(); }
  const Output& log() const { return process_.err(); }
  const Output& out() const { return process_.out(); }
  void signal(int number) const { process_.signal(number); }

  // Those of the workers that have said that they are ready and have not ended, by the log.
  std::vector<pid_t> workers() const;
  // Until there are so many, and none of `gone` among them. False: not in time.
  bool wait_for_workers(std::size_t count, const std::vector<pid_t>& gone = {}) const;

  // TERM, and then expect_end(0).
  void stop();
  // Waits for the end, which must come by itself.
  void expect_end(ExitStatus expected, milliseconds patience = kPatience);

 private:
  Process process_;
  std::vector<Address> addresses_;
  bool ended_ = false;
};

}  // namespace tollgate::test

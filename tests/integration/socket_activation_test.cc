// Sockets that systemd opened: served, named, and still there after a reload.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <filesystem>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

constexpr const char* kActivate = "/usr/bin/systemd-socket-activate";

// The server's command line without --bind.
Command without_bind(const Site& site, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"serve", "--workers", "1"});
  arguments.insert(arguments.end(), {"--signing-key-file", site.directory() / "signing.key",
                                     "--database", site.database()});
  return site.command(std::move(arguments));
}

// A shell that passes `count` sockets of this process from descriptor 3 on, as systemd does.
Command pass(Command command, const std::string& variables) {
  std::string line = "export LISTEN_PID=$$ " + variables + "; exec";
  for (const std::string& word : command.arguments) line += " '" + word + "'";
  command.arguments = {"/bin/bash", "-c", line};
  return command;
}

// Of the kernel's choice, and inherited by what this process starts, as descriptor `number`.
class PassedSocket {
 public:
  explicit PassedSocket(int number) : number_(number) {
    const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    EXPECT_EQ(listen(fd.get(), 16), 0);
    socklen_t size = sizeof name;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
    address_ = {.kind = Address::Kind::Tcp4, .host = "127.0.0.1", .port = ntohs(name.sin_port)};
    copy_ = UniqueFd(fcntl(fd.get(), F_DUPFD, 100));  // not close-on-exec
  }
  std::string redirect() const {
    return std::to_string(number_) + "<&" + std::to_string(copy_.get());
  }
  const Address& address() const { return address_; }

 private:
  int number_;
  UniqueFd copy_;
  Address address_;
};

// "exec 3<&100 4<&101" before all else.
Command pass(const Command& command, const std::vector<const PassedSocket*>& sockets,
             const std::string& names) {
  Command out = pass(command, "LISTEN_FDS=" + std::to_string(sockets.size()) +
                                  (names.empty() ? "" : " LISTEN_FDNAMES=" + names));
  std::string redirects = "exec";
  for (const PassedSocket* socket : sockets) redirects += " " + socket->redirect();
  out.arguments[2] = redirects + "; " + out.arguments[2];
  return out;
}

void expect_served_before_and_after_a_reload(const ServerProcess& server, const Address& address) {
  EXPECT_EQ(get(address, "/plain").status, 200);
  const std::size_t mark = server.log().mark();
  server.signal(SIGHUP);
  ASSERT_TRUE(server.log().wait_for("reload: done", mark)) << server.log().text();
  EXPECT_EQ(get(address, "/plain").status, 200);
}

TEST(SocketActivation, AllPassedSocketsAreServedWhereBindIsNotSet) {
  const Site site;
  const PassedSocket first(3);
  const PassedSocket second(4);
  const ServerProcess server(pass(without_bind(site, {}), {&first, &second}, ""));
  EXPECT_EQ(server.addresses(), (std::vector{first.address(), second.address()}));
  expect_served_before_and_after_a_reload(server, first.address());
  EXPECT_EQ(get(second.address(), "/plain").status, 200);
}

TEST(SocketActivation, BindMeansAPassedSocketByItsName) {
  const Site site;
  const PassedSocket admin(3);
  const PassedSocket web(4);
  const ServerProcess server(
      pass(without_bind(site, {"--bind", "fd://web"}), {&admin, &web}, "admin:web"));
  EXPECT_EQ(server.addresses(), std::vector{web.address()});
  EXPECT_TRUE(server.log().wait_for("the passed socket fd://3 (admin) is not used"));
  expect_served_before_and_after_a_reload(server, web.address());
}

// The new master has them under other numbers, and knows them by those of the first.
TEST(SocketActivation, GoesAlongInUpgradesAndTheReloadsBehindThem) {
  for (const std::vector<std::string>& bind :
       {std::vector<std::string>{}, std::vector<std::string>{"--bind", "fd://web"}}) {
    const Site site;
    const PassedSocket web(3);
    const std::string control = site.directory() / "ctl";
    std::vector<std::string> arguments = {"--control-socket", control, "--upgrade-probation", "0"};
    arguments.insert(arguments.end(), bind.begin(), bind.end());
    ServerProcess server(pass(without_bind(site, arguments), {&web}, "web"));
    const auto ctl = [&](std::vector<std::string> words) {
      words.insert(words.begin(), {"ctl", "--control-socket", control});
      const Finished finished = run(site.command(std::move(words)));
      EXPECT_EQ(finished.status.code, 0) << finished.err << server.log().text();
    };
    for (int i = 0; i < 2; ++i) {
      ctl({"upgrade", "--wait"});
      EXPECT_EQ(get(web.address(), "/plain").status, 200);
      ctl({"reload", "--wait"});
      EXPECT_EQ(get(web.address(), "/plain").status, 200);
    }
    ctl({"stop", "--wait"});
    server.expect_end({.code = 0});
  }
}

TEST(SocketActivation, AnUnknownNameEndsTheStart) {
  const Site site;
  const PassedSocket web(3);
  const Finished refused = run(pass(without_bind(site, {"--bind", "fd://wbe"}), {&web}, "web"));
  EXPECT_EQ(refused.status.code, 78);
  EXPECT_NE(refused.err.find("fd://wbe: there is no such socket (passed: web)"), std::string::npos)
      << refused.err;
}

// The variables reach us also by way of a shell that systemd meant.
TEST(SocketActivation, OfAnotherProcessIsNotOurs) {
  const Site site;
  const PassedSocket other(3);
  Command command = pass(without_bind(site, {"--bind", "127.0.0.1:0"}), {&other}, "");
  auto& line = command.arguments[2];
  line.replace(line.find("LISTEN_PID=$$"), 13, "LISTEN_PID=1");
  const ServerProcess server(command);
  EXPECT_NE(server.address().port, other.address().port);
  EXPECT_EQ(server.log().text().find("passed socket"), std::string::npos);
}

TEST(SocketActivation, NoProgramOfTheServersInheritsIt) {
  const Site site;
  const PassedSocket web(3);
  const ServerProcess server(pass(without_bind(site, {}), {&web}, ""));
  for (const pid_t pid : {server.pid(), server.workers().front()}) {
    // The memory of the environment is as it was; what counts is that the flag is set.
    const std::string info = read_file("/proc/" + std::to_string(pid) + "/fdinfo/3");
    if (info.empty()) continue;
    const auto flags = info.find("flags:");
    ASSERT_NE(flags, std::string::npos);
    EXPECT_NE(std::stoul(info.substr(flags + 6), nullptr, 8) & O_CLOEXEC, 0UL) << info;
  }
}

// The thing itself: it opens the sockets, waits for a client, and becomes the server.
TEST(SocketActivation, BySystemdSocketActivate) {
  ASSERT_TRUE(std::filesystem::exists(kActivate))
      << kActivate << " is missing: apt install systemd (scripts/test does)";
  const Site site;
  const std::string path = site.directory() / "activated.sock";
  Command command = without_bind(site, {});
  command.arguments.insert(command.arguments.begin(), {kActivate, "--listen", path, "--fdname",
                                                       "web", "--setenv=HOME=/nonexistent"});
  const Address address{.kind = Address::Kind::Unix, .path = path};
  Process activator(command);
  ASSERT_TRUE(activator.err().wait_for("Listening on ")) << activator.err().text();
  // It is started by this, and serves it: the request waited in the socket that systemd opened.
  EXPECT_EQ(get(address, "/plain").body, "Hello, World!") << activator.err().text();
  const std::size_t mark = activator.err().mark();
  activator.signal(SIGHUP);
  EXPECT_TRUE(activator.err().wait_for("reload: done", mark)) << activator.err().text();
  EXPECT_EQ(get(address, "/plain").status, 200);
  activator.signal(SIGTERM);
  EXPECT_EQ(activator.wait(), ExitStatus{.code = 0}) << activator.err().text();
  EXPECT_TRUE(std::filesystem::exists(path));  // it is systemd's
}

}  // namespace
}  // namespace tollgate::test

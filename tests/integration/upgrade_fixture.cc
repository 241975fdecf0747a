// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/upgrade_fixture.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "server/base/text.h"

namespace tollgate::test {
namespace {

void replace(std::string& text, std::string_view what, const std::string& by) {
  if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
}

}  // namespace

// Nothing but system calls in the child: the parent may have threads.
GroupGuard::GroupGuard(pid_t group) : guard_(-1) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  alive_.reset(ends[1]);
  const UniqueFd theirs(ends[0]);
  guard_ = fork();
  if (guard_ != 0) return;
  if (dup2(theirs.get(), 0) != 0) _exit(1);
  close_range(1, ~0U, 0);
  char none = 0;
  while (read(0, &none, 1) < 0) {
  }
  kill(-group, SIGKILL);
  _exit(0);
}

GroupGuard::~GroupGuard() {
  kill(guard_, SIGKILL);
  waitpid(guard_, nullptr, 0);
}

UpgradeSite::UpgradeSite(std::vector<std::string> arguments, const UpgradeOptions& options) {
  become_binary();
  if (options.notify) systemd_.emplace(file("notify"));
  server_.emplace(command(std::move(arguments), options));
  guard_.emplace(server_->pid());
  masters_.push_back(server_->pid());
}

Command UpgradeSite::command(std::vector<std::string> arguments, const UpgradeOptions& options) {
  const auto add = [&](std::initializer_list<std::string> more) {
    arguments.insert(arguments.end(), more);
  };
  if (std::ranges::find(arguments, "--upgrade-probation") == arguments.end())
    add({"--upgrade-probation", "1h"});
  const std::vector<std::string> addresses = {"127.0.0.1:0", "unix:" + file("socket")};
  if (options.bind_in_file) {
    bind(addresses);
    add({"--config", file("config.toml")});
  } else {
    add({"--bind", addresses[0], "--bind", addresses[1]});
  }
  if (!options.key_in_environment) add({"--signing-key-file", file("signing.key")});
  add({"--control-socket", file("ctl"), "--workers", "2", "--pid", file("pid"), "--database",
       site_.database()});
  arguments.insert(arguments.begin(), "serve");
  Command command = site_.command(std::move(arguments));
  command.arguments.front() = file("program");
  if (options.key_in_environment) command.environment = {"TOLLGATE_SIGNING_KEY=" + site_.key()};
  if (options.notify) command.environment.push_back("NOTIFY_SOCKET=" + file("notify"));
  return command;
}

pid_t UpgradeSite::pid_in_file(std::string_view suffix) const {
  const std::string text = read_file(file("pid") + std::string(suffix));
  return static_cast<pid_t>(
      parse_uint(std::string_view(text).substr(0, text.find('\n'))).value_or(0));
}

pid_t UpgradeSite::upgrade() {
  // A master that has taken over begins another upgrade when it has seen the last of the old one.
  const Deadline deadline(kPatience);
  while (ctl({"status", "--json"}).out.find(R"("state":"upgrading")") != std::string::npos &&
         !deadline.passed()) {
  }
  const std::size_t mark = server_->log().mark();
  kill(pid_in_file(), SIGUSR2);
  return note_started(mark);
}

Finished UpgradeSite::ctl(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "ctl");
  arguments.insert(arguments.end(), {"--control-socket", file("ctl")});
  return run(site_.command(std::move(arguments)));
}

Finished UpgradeSite::upgrade_by_ctl() {
  const std::size_t mark = server_->log().mark();
  Finished finished = ctl({"upgrade", "--wait"});
  note_started(mark);
  return finished;
}

pid_t UpgradeSite::note_started(std::size_t mark) {
  constexpr std::string_view kStarted = "upgrade: started master (pid ";
  const auto line = server_->log().wait_for(kStarted, mark);
  EXPECT_TRUE(line) << server_->log().text();
  if (!line) return 0;
  const std::string_view rest =
      std::string_view(line->text).substr(line->text.find(kStarted) + kStarted.size());
  masters_.push_back(static_cast<pid_t>(parse_uint(rest.substr(0, rest.find(')'))).value_or(0)));
  return masters_.back();
}

bool UpgradeSite::in_probation(std::size_t mark) const {
  return server_->log().wait_for("this one stands by for ", mark).has_value();
}

void UpgradeSite::end(ExitStatus expected) {
  const UniqueFd last = open_pidfd(masters_.back());
  kill(masters_.back(), SIGTERM);
  EXPECT_TRUE(wait_for_end_of(last, kPatience)) << server_->log().text();
  // While it was on probation that was a way back; what has ended already is not to be hit on its
  // last steps.
  const bool ends = server_->log().text().find("this one ends") != std::string::npos;
  if (expected.signal == 0 && !ends) server_->signal(SIGTERM);
  server_->expect_end(expected);
}

void UpgradeSite::become_script(std::string text) const {
  replace(text, "BINARY", binary());
  replace(text, "GO", file("go"));
  write_file(file("script"), "#!/bin/bash\n" + text + "\n");
  std::filesystem::permissions(file("script"), std::filesystem::perms::owner_all);
  link_program_to(file("script"));
}

void UpgradeSite::become_binary() const { link_program_to(binary()); }

void UpgradeSite::remove_program() const { std::filesystem::remove(file("program")); }

void UpgradeSite::link_program_to(const std::string& path) const {
  remove_program();
  std::filesystem::create_symlink(path, file("program"));
}

void UpgradeSite::bind(const std::vector<std::string>& addresses) const {
  std::string list;
  for (const std::string& address : addresses)
    list += (list.empty() ? "\"" : ", \"") + address + "\"";
  write_file(file("config.toml"), "bind = [" + list + "]\n");
}

void UpgradeSite::expect_owner(pid_t owner) {
  EXPECT_EQ(pid_in_file(), owner);
  EXPECT_FALSE(exists("pid.2"));
  for (const Address& address : server_->addresses()) EXPECT_EQ(get(address, "/plain").status, 200);
}

void UpgradeSite::expect_nothing_left() const {
  for (const char* name : {"pid", "pid.2", "socket"}) EXPECT_FALSE(exists(name)) << name;
}

std::optional<std::string> UpgradeSite::hears(std::string_view begin) const {
  for (const Deadline deadline(kPatience);;) {
    std::string message = systemd_->next(milliseconds(deadline.poll_timeout()));
    if (message.starts_with(begin)) return message;
    if (message.empty() || message.starts_with("READY")) return std::nullopt;
  }
}

}  // namespace tollgate::test

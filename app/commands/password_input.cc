// SPDX-License-Identifier: Apache-2.0
#include "app/commands/password_input.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <string>

#include "auth/crypto/password_hash.h"
#include "auth/http/fields.h"
#include "server/base/unique_fd.h"

namespace tollgate::commands {
namespace {

// What would leave the terminal as it is: the end of the process, or its stop.
sigset_t terminal_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP}) sigaddset(&set, number);
  return set;
}

// No echo as long as it lives, whatever happens between: signals wait until the terminal is
// as it was.
class HiddenInput {
 public:
  HiddenInput() {
    const sigset_t held = terminal_signals();
    pthread_sigmask(SIG_BLOCK, &held, &mask_before_);
    signals_ = UniqueFd(signalfd(-1, &held, SFD_CLOEXEC));
    tcgetattr(STDIN_FILENO, &before_);
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;
  ~HiddenInput() {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);  // and now they come
  }

  // False: a signal came first.
  bool wait_for_line() const {
    pollfd watched[] = {{STDIN_FILENO, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    while (poll(watched, 2, -1) < 0 && errno == EINTR) {
    }
    return watched[1].revents == 0;
  }

 private:
  sigset_t mask_before_{};
  UniqueFd signals_;  // tells that one waits, and leaves it there
  termios before_{};
};

Result<crypto::SecretString> ask_once(const char* prompt) {
  for (;;) {
    const HiddenInput hidden;
    std::fputs(prompt, stderr);
    if (hidden.wait_for_line()) return read_password_line();
    // Who is here after the signal was stopped, and goes on: ask again.
  }
}

}  // namespace

Result<crypto::SecretString> read_password_line() {
  std::string line;
  if (!std::getline(std::cin, line))
    return fail(Errc::InvalidArgument, "standard input has no password: write it as one line");
  if (line.ends_with('\r')) line.pop_back();
  auto password = crypto::SecretString::take(line);
  const std::string_view stripped = auth::strip(password.reveal());
  if (stripped.empty()) return fail(Errc::InvalidArgument, "the password is blank");
  if (stripped.size() != password.size())
    return fail(Errc::InvalidArgument,
                "the password begins or ends with white space, which a login strips: "
                "nobody could log in with it");
  if (password.size() > crypto::kMaxPassword)
    return fail(Errc::InvalidArgument, "the password is longer than 4096 bytes");
  return password;
}

Result<crypto::SecretString> ask_password() {
  if (isatty(STDIN_FILENO) == 0)
    return fail(Errc::InvalidArgument,
                "there is no terminal to ask for a password: give --password-stdin");
  TOLLGATE_TRY(first, ask_once("Password: "));
  TOLLGATE_TRY(second, ask_once("Password (again): "));
  if (first.reveal() != second.reveal())
    return fail(Errc::InvalidArgument, "the two passwords are not the same");
  return std::move(first);
}

}  // namespace tollgate::commands

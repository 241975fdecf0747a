// SPDX-License-Identifier: Apache-2.0
#include "app/commands/password_input.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "auth/crypto/password_hash.h"

namespace tollgate::commands {
namespace {

// Restores the terminal whatever happens between.
class HiddenInput {
 public:
  HiddenInput() {
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
  }

 private:
  termios before_{};
};

}  // namespace

Result<crypto::SecretString> read_password_line() {
  std::string line;
  if (!std::getline(std::cin, line) || line.empty())
    return fail(Errc::InvalidArgument, "standard input has no password: write it as one line");
  if (line.size() > crypto::kMaxPassword)
    return fail(Errc::InvalidArgument, "the password is longer than 4096 bytes");
  return crypto::SecretString::take(line);
}

Result<crypto::SecretString> ask_password() {
  if (isatty(STDIN_FILENO) == 0)
    return fail(Errc::InvalidArgument,
                "there is no terminal to ask for a password: give --password-stdin");
  const auto ask = [](const char* prompt) {
    std::fputs(prompt, stderr);
    const HiddenInput hidden;
    return read_password_line();
  };
  TOLLGATE_TRY(first, ask("Password: "));
  TOLLGATE_TRY(second, ask("Password (again): "));
  if (first.reveal() != second.reveal())
    return fail(Errc::InvalidArgument, "the two passwords are not the same");
  return std::move(first);
}

}  // namespace tollgate::commands

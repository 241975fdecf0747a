// Signals as values read from a signalfd: nothing ever runs in a handler.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <initializer_list>
#include <optional>
#include <string>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::os {

struct Signal {
  int number = 0;
  // Sent with kill(2) or the like, and not by the kernel (as a terminal's Ctrl-C or resize is).
  bool from_process = false;
  pid_t sender = 0;  // 0: the kernel, or a process outside our PID name space
};

// "SIGTERM".
std::string signal_name(int number);

// Blocks signals in the calling thread for as long as it lives and hands them
// out one by one. Two of one kind that arrive before take() are one.
class Signals {
 public:
  // Errors: Io (signalfd).
  static Result<Signals> open(std::initializer_list<int> numbers);

  Signals(Signals&&) noexcept = default;
  Signals& operator=(Signals&&) = delete;
  ~Signals() { leave(); }

  int fd() const { return fd_.get(); }
  std::optional<Signal> take();  // never blocks

  // Closes the descriptor and sets the mask back to what it was before open(),
  // but for `keep_blocked`: what a forked child does first.
  void leave(std::initializer_list<int> keep_blocked = {});

 private:
  Signals(UniqueFd fd, const sigset_t& previous) : fd_(std::move(fd)), previous_(previous) {}
  UniqueFd fd_;
  sigset_t previous_;
};

}  // namespace tollgate::os

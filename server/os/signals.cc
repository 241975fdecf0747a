// SPDX-License-Identifier: Apache-2.0
#include "server/os/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tollgate::os {

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
}

Result<Signals> Signals::open(std::initializer_list<int> numbers) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : numbers) sigaddset(&wanted, number);
  UniqueFd fd(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return fail(from_errno("signalfd", errno));
  sigset_t previous;
  if (const int error = pthread_sigmask(SIG_BLOCK, &wanted, &previous); error != 0)
    return fail(from_errno("pthread_sigmask", error));
  return Signals(std::move(fd), previous);
}

std::optional<Signal> Signals::take() {
  signalfd_siginfo info;
  ssize_t got = 0;
  do got = read(fd_.get(), &info, sizeof info);
  while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof info)) return std::nullopt;
  // SI_USER is 0 and what else a process can send (SI_QUEUE, SI_TKILL) is negative;
  // what the kernel sends is positive.
  return Signal{.number = static_cast<int>(info.ssi_signo),
                .from_process = info.ssi_code <= 0,
                .sender = static_cast<pid_t>(info.ssi_pid)};
}

void Signals::leave(std::initializer_list<int> keep_blocked) {
  if (!fd_.valid()) return;
  sigset_t mask = previous_;
  for (const int number : keep_blocked) sigaddset(&mask, number);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  fd_.reset();
}

}  // namespace tollgate::os

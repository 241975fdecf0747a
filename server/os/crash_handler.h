// Writes down why a process dies of a fatal signal, in memory that outlives it.
//
// What runs in the handler allocates nothing and uses no stdio. The one call that is not
// async-signal-safe, dladdr() for the names of frames, comes last: a process that crashed
// within the dynamic loader may wait there, and is then ended by an alarm, with its program
// counters already written. After the note the signal takes its course, so that the exit
// status, a core file or a sanitizer's report are what they would have been without us.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <cstddef>

#include "server/shm/crash_note.h"

namespace tollgate::os {

// What a thread raises by its own fault; and abort(), or the master for a loop that hangs.
inline constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

enum class CrashEcho : bool { Silent, StandardError };

// For this process and not for what it forks. `note` outlives every thread. Once; the calling
// thread needs a CrashStack of its own, as any other.
void install_crash_handler(shm::CrashNote& note, CrashEcho echo = CrashEcho::Silent);

// A stack for this thread's handler to stand on, when the thread's own has overflowed. Without
// one (no memory) a stack overflow ends the process without a note. Destroyed on its thread.
class CrashStack {
 public:
  CrashStack();
  CrashStack(const CrashStack&) = delete;
  CrashStack& operator=(const CrashStack&) = delete;
  ~CrashStack();

 private:
  stack_t before_{};  // a sanitizer's, which it expects to find again
  void* memory_ = nullptr;
};

}  // namespace tollgate::os

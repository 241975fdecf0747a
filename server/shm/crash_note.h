// What a worker that crashes writes with its last breath (os/crash_handler.h), in the
// scoreboard's mapping, for the master to read after it has reaped the worker.
//
// In the order in which it is written: a handler that does not come to its end leaves what it
// had. Whoever reads it believes no size in it: the writer was out of its mind.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "server/shm/in_flight.h"

namespace tollgate::shm {

struct CrashNote {
  static constexpr std::size_t kFrames = 48;
  static constexpr std::size_t kText = 7000;

  int32_t signal;  // 0: there is no note
  int32_t code;    // si_code
  int32_t sender;  // si_pid of what a process sent, be it the worker itself; 0: a fault
  int32_t thread;  // its number; the pid for the loop's
  char thread_name[16];
  uint64_t address;        // si_addr of a fault
  uint64_t stack_pointer;  // 0: not known on this machine
  InFlightEntry guilty;    // a copy of what the thread worked on; request 0: nothing
  uint32_t frames;
  uint64_t counters[kFrames];  // program counters, the innermost first
  uint32_t text_size;
  char text[kText];  // a line a frame, as far as it came: "MODULE+0xOFFSET SYMBOL\n", mangled
};

// All that a worker leaves behind. Zero pages until a worker of the slot writes them.
struct Remains {
  InFlight::Table in_flight;
  CrashNote note;
};

}  // namespace tollgate::shm

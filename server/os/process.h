// What a process does to itself and to its children.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::os {

struct Child {
  pid_t pid = 0;  // 0: this is the child
  UniqueFd pidfd = {};
};

// Forks. In the parent the pidfd becomes readable when the child has ended.
// Errors: Io (fork, pidfd_open); then there is no child.
Result<Child> fork_child();

// Ends this process with SIGKILL when `parent` ends, also if it ended already.
// The kernel means the parent's thread that forked: call it under a single-threaded parent.
Status die_with_parent(pid_t parent);

// What ps and top show, as far as the command line of this process was long:
// its memory is overwritten. Only for a process that no longer reads its argv.
void set_title(std::string_view title);

// What this process holds in memory now, in bytes; 0 where /proc does not tell.
uint64_t resident_memory();

// Raises the soft limit of open descriptors to the hard one and returns it.
Result<uint64_t> raise_descriptor_limit();

// Closes every descriptor but 0, 1, 2 and `keep`, whoever opened it. Objects that own one
// of the others must not be destroyed any more. Errors: Io (close_range).
Status close_all_except(std::span<const int> keep);

// Opens /dev/null where 0, 1 or 2 is closed: else the next socket would have that number,
// and be sent what somebody prints.
Status fill_standard_streams();
// Makes all three /dev/null.
Status silence_standard_streams();

enum class CoreDumps : uint8_t {
  Allowed,     // the soft limit becomes the hard one
  Off,         // the soft limit; who is executed from here may raise it again
  OffForGood,  // the hard limit, too
};
Status limit_core_dumps(CoreDumps core_dumps);

// Makes this thread, and those that it will start, SCHED_BATCH (sched(7)): when it wakes up, it
// does not interrupt who runs, but waits for its turn. Only where it has no policy but the usual.
// Errors: Denied, where a filter of system calls forbids it.
Status schedule_as_batch();

// Undoes what a change of user does to core dumps, and to who may read /proc/PID.
Status make_dumpable();

}  // namespace tollgate::os

// A directory, and the files below it: no path leads out of it, whatever changes meanwhile.
//
// The kernel resolves a path as a whole and refuses what leaves the directory (openat2 with
// RESOLVE_BENEATH): symbolic links inside may be followed as long as they stay inside, absolute
// ones and those of /proc never. A kernel without it (before 5.6, or a container that forbids
// the call) is asked for one component after the other, and no link is followed at all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::handlers {

class Beneath {
 public:
  enum class Walk : uint8_t { AsAWhole, ByComponents };

  // The directory itself may be a link. It stays this one, also when another takes its name.
  // Errors: that of open(2).
  static Result<Beneath> open(const std::string& directory);
  Beneath(UniqueFd directory, Walk walk) : directory_(std::move(directory)), walk_(walk) {}

  // For reading, never waiting for a writer; whatever kind of file it is. `path` is relative,
  // without empty components. Errors: errno; EXDEV where the path leads out.
  tl::expected<UniqueFd, int> open_file(const std::string& path) const;

  // For a look at a name: what it says of a file is no permission to open it.
  int fd() const { return directory_.get(); }

 private:
  UniqueFd directory_;
  Walk walk_;
};

}  // namespace tollgate::handlers

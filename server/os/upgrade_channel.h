// The channel between the two masters of an upgrade: a SOCK_SEQPACKET pair whose
// one end the old master keeps and the new one finds by the variable TOLLGATE_UPGRADE.
//
// The ends may be of different versions. A packet is one letter, a text, and
// at most one descriptor; who does not know a letter passes over it, and what a
// letter means never changes.
//
//   down  V name=value   a variable that is kept out of the environment
//         L text + fd    a listening socket: "BIND DEVICE INODE"; the last two are those
//                        of the file of a Unix socket whose path the old master owns, or 0
//         D + fd         the durable segment
//         P pid path     the old master, and its pid file if it has one
//         S              that is all: start
//         Y              yours: the old master ends and no longer owns anything
//   up    R              the first full set of workers serves
//         F text         it will not: why
//         T              took over
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/base/units.h"

namespace tollgate::os {

enum class Word : char {
  Variable = 'V',
  Listener = 'L',
  Durable = 'D',
  Predecessor = 'P',
  Start = 'S',
  Yours = 'Y',
  Ready = 'R',
  Failed = 'F',
  Took = 'T',
};

struct Packet {
  Word word;
  std::string text = {};
  UniqueFd fd = {};
};

class UpgradeChannel {
 public:
  // Two ends, non-blocking and close-on-exec: the old master's, then the new one's.
  static Result<std::pair<UpgradeChannel, UpgradeChannel>> create();

  explicit UpgradeChannel(UniqueFd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }  // -1 when closed
  bool is_open() const { return fd_.valid(); }
  void close() { fd_.reset(); }

  // Never blocks, never raises SIGPIPE. `fd` is copied, -1 for none.
  Status send(Word word, std::string_view text = {}, int fd = -1);
  // The next packet, if there is one. At the other side's end it closes itself.
  std::optional<Packet> receive();
  // Waits for a packet, or the end. False: neither came in time.
  bool wait(milliseconds patience) const;

 private:
  UniqueFd fd_;
};

}  // namespace tollgate::os

// Which refresh tokens were issued, and which of them are used up: a deny-list, as
// simplejwt's application token_blacklist is one.
//
// The seam: what is to come keeps this interface. PostgreSQL is another Blacklist; families
// and the grace window are what consume() learns from `successor`, and more kinds of Consumed.
//
// Every function may be called on any thread, and BLOCKS: on a disk, or a lock of another
// process. Errors of all: Unavailable (busy for too long), Io.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/base/clock.h"
#include "server/base/result.h"

namespace tollgate::tokens {

// A refresh or sliding token, as the store knows it. Its signature held, or it is ours.
struct IssuedToken {
  std::string_view jti;
  std::string_view text;
  int64_t expires_at;  // seconds since 1970
  std::optional<int64_t> user_id;
};

enum class Consumed : uint8_t {
  First,    // by this call: of all that ask at once, in all processes, one gets this
  Already,  // before: it is blacklisted
};

class Blacklist {
 public:
  virtual ~Blacklist() = default;

  // A token that was just issued.
  virtual Status record(const IssuedToken& token, WallTime now) = 0;

  virtual Result<bool> contains(std::string_view jti) = 0;

  // Blacklists `used`, which need not have been recorded, and records the token that takes its
  // place, if there is one: both or, when it was used already, neither. Atomic.
  virtual Result<Consumed> consume(const IssuedToken& used, const IssuedToken* successor,
                                   WallTime now) = 0;
};

}  // namespace tollgate::tokens

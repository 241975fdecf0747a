// Tokens whose signature held: RSA and curves cost twenty to a hundred times what a look does.
//
// It remembers that a signature is right and nothing of the claims: those are read and
// checked at every use, so that no date, no policy and no revocation is ever out of date.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"
#include "server/base/siphash.h"

namespace tollgate::jwt {

// One thread. At most kEntries tokens of at most kLargest bytes, some 9 MiB; nothing before
// the first. What has not been looked at for longest gives way (a clock, in sets of four).
class TokenCache {
 public:
  static constexpr std::size_t kEntries = 4096;
  static constexpr std::size_t kLargest = 2048;  // bytes

  // With a random key: nobody can aim for a set. Errors: Internal (no entropy).
  static Result<TokenCache> create();

  // Whether all of `token` was added under the same generation of keys.
  bool holds(std::string_view token, uint64_t generation);

  // A token that is too long is not kept.
  void add(std::string_view token, uint64_t generation);

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSets = kEntries / kWays;

  struct Entry {
    uint64_t hash = 0;
    uint64_t generation = 0;  // 0: empty
    std::string token;
    bool was_used = false;
  };
  struct Set {
    Entry entries[kWays];
    std::size_t hand = 0;
  };

  explicit TokenCache(SipKey key) : key_(key) {}
  Set& set_of(uint64_t hash) { return sets_[hash % kSets]; }

  SipKey key_;
  std::vector<Set> sets_;  // kSets, or none yet
};

}  // namespace tollgate::jwt

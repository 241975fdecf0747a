// Tokens whose signature held, and what they say: neither can change while the keys stay.
//
// What can change is looked at each time, by whoever asks: dates, policy and revocation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt/claims.h"
#include "server/base/result.h"
#include "server/base/siphash.h"

namespace tollgate::jwt {

struct KnownToken {
  std::string token;
  OwnedClaims claims;
  bool is_at_jwt;
};

// One thread. At most kEntries tokens of at most kLargest bytes and kAudiences, with all that they
// say: 22 MiB if each is as large as can be, 4 MiB of 300 bytes, nothing before the first. What has
// not been looked at for longest gives way (a clock, in sets of four). To compare tokens takes a
// time that says how far they are the same; it is reached only by one whose keyed hash is the same,
// so by who has the end of the signature already.
class TokenCache {
 public:
  static constexpr std::size_t kEntries = 4096;
  static constexpr std::size_t kLargest = 2048;  // bytes
  static constexpr std::size_t kAudiences = 16;
  static constexpr std::size_t kHashed = 40;  // characters of base64url: 240 bits

  // With a random key: nobody can aim for a set. Errors: Internal (no entropy).
  static Result<TokenCache> create();

  // What find() and add() ask for beside the token. Of its end, which is of the signature: nobody
  // can choose that of a token that holds, and find() compares all of it.
  uint64_t hash(std::string_view token) const {
    return siphash(key_, token.substr(token.size() - std::min(token.size(), kHashed)));
  }

  // What was added with all of `token`, under the same generation of keys; nullptr: nothing was.
  // Until the next call.
  const KnownToken* find(uint64_t hash, std::string_view token, uint64_t generation);

  // A token that is too large is not kept; nor, SeenAgain, one that add() has not seen lately.
  enum class When : uint8_t { Now, SeenAgain };
  void add(uint64_t hash, std::string_view token, uint64_t generation, const Claims& claims,
           bool is_at_jwt, When when);

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSets = kEntries / kWays;

  struct Entry {
    uint64_t hash = 0;
    uint64_t generation = 0;  // 0: empty
    std::unique_ptr<KnownToken> known;
    bool was_used = false;
  };
  struct Set {
    std::array<Entry, kWays> entries;
    std::size_t hand = 0;
    std::array<uint64_t, kWays> once{};  // the hashes of the last that were seen for the first time
    std::size_t next_once = 0;
  };

  explicit TokenCache(SipKey key) : key_(key) {}
  Set& set_of(uint64_t hash) { return sets_[hash % kSets]; }
  static bool was_seen(Set& set, uint64_t hash);

  SipKey key_;
  std::vector<Set> sets_;  // kSets, or none yet
};

}  // namespace tollgate::jwt

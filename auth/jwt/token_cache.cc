// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/token_cache.h"

#include <array>
#include <cstring>

#include "auth/crypto/secure.h"

namespace tollgate::jwt {

Result<TokenCache> TokenCache::create() {
  std::array<uint8_t, sizeof(SipKey)> bytes{};
  TOLLGATE_CHECK(crypto::fill_random(bytes));
  SipKey key{};
  std::memcpy(&key, bytes.data(), sizeof(key));
  return TokenCache(key);
}

bool TokenCache::holds(std::string_view token, uint64_t generation) {
  if (sets_.empty() || token.size() > kLargest) return false;
  const uint64_t hash = siphash(key_, token);
  for (Entry& entry : set_of(hash).entries) {
    if (entry.hash != hash || entry.generation != generation || entry.token != token) continue;
    entry.was_used = true;
    return true;
  }
  return false;
}

void TokenCache::add(std::string_view token, uint64_t generation) {
  if (token.size() > kLargest) return;
  if (sets_.empty()) sets_.resize(kSets);
  const uint64_t hash = siphash(key_, token);
  Set& set = set_of(hash);
  // Those of other keys are of no use; of the rest, the first that was not used since the
  // hand came by.
  const auto may_stay = [generation](Entry& entry) {
    if (entry.generation != generation || !entry.was_used) return false;
    entry.was_used = false;
    return true;
  };
  while (may_stay(set.entries[set.hand])) set.hand = (set.hand + 1) % kWays;
  Entry& entry = set.entries[set.hand];
  set.hand = (set.hand + 1) % kWays;
  entry.hash = hash;
  entry.generation = generation;
  entry.token.assign(token);
  entry.was_used = false;
}

}  // namespace tollgate::jwt

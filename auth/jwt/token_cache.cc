// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/token_cache.h"

#include <algorithm>
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

const KnownToken* TokenCache::find(uint64_t hash, std::string_view token, uint64_t generation) {
  if (sets_.empty()) return nullptr;
  for (Entry& entry : set_of(hash).entries) {
    if (entry.hash != hash || entry.generation != generation || entry.known->token != token)
      continue;
    entry.was_used = true;
    return entry.known.get();
  }
  return nullptr;
}

// And remembers it if it was not.
bool TokenCache::was_seen(Set& set, uint64_t hash) {
  if (std::ranges::find(set.once, hash) != set.once.end()) return true;
  set.once[set.next_once] = hash;
  set.next_once = (set.next_once + 1) % kWays;
  return false;
}

void TokenCache::add(uint64_t hash, std::string_view token, uint64_t generation,
                     const Claims& claims, bool is_at_jwt, When when) {
  if (token.size() > kLargest) return;
  if (claims.aud.value && claims.aud.value->size() > kAudiences) return;
  if (sets_.empty()) sets_.resize(kSets);
  Set& set = set_of(hash);
  if (when == When::SeenAgain && !was_seen(set, hash)) return;
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
  // Made anew: a string that is assigned to keeps the room that it had.
  entry.known.reset(new KnownToken{std::string(token), OwnedClaims(claims), is_at_jwt});
  entry.hash = hash;
  entry.generation = generation;
  entry.was_used = false;
}

}  // namespace tollgate::jwt

// The public keys as a JWK Set (RFC 7517 5), for services that verify our tokens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "auth/jwt/key_ring.h"
#include "server/http/response.h"

namespace tollgate::auth {

// One thread: a worker's loop. Prepared once for each ring, not for each request.
class Jwks {
 public:
  // From now on the keys of this ring, of which nothing is kept.
  void use(const jwt::KeyRing& ring);

  bool is_empty() const { return set_.empty(); }

  // 200 with a strong ETag; 404 where there are only secrets, as if there were no such path.
  // What a client makes of the tag is the business of the finisher (server/middleware/etag.h).
  http::Response answer() const;

 private:
  std::string set_;  // empty: there is no public key
  std::string etag_;
};

}  // namespace tollgate::auth

// SPDX-License-Identifier: Apache-2.0
#include "auth/http/jwks.h"

#include "server/http/conditional.h"

namespace tollgate::auth {

void Jwks::use(const jwt::KeyRing& ring) {
  // With the newline of `tollgate keys jwks`: both are the same file.
  set_ = ring.is_symmetric() ? std::string() : ring.public_jwk_set() + '\n';
  etag_ = http::etag_of(set_);
}

// 300 seconds: how long a new key is unknown to who has fetched the set just before a rotation.
http::Response Jwks::answer() const {
  if (set_.empty()) return http::detail(404, "Not found.");
  return http::Response(200, "application/jwk-set+json", set_)
      .set_header("ETag", etag_)
      .set_header("Cache-Control", "public, max-age=300");
}

}  // namespace tollgate::auth

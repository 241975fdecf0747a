// One access token for each algorithm, and the keys of it in the forms that libraries take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "auth/jwt/key_ring.h"

namespace tollgate::bench {

inline constexpr int64_t kNow = 1795343500;

struct Sample {
  std::shared_ptr<const jwt::KeyRing> ring;
  std::string token;
  std::string secret;  // of HMAC
  std::string pem;     // the public key, of the others
};

const Sample& sample(const std::string& algorithm);

// Registers libjwt and cjose.
void register_other_libraries();

}  // namespace tollgate::bench

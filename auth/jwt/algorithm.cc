// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/algorithm.h"

#include <algorithm>

namespace tollgate::jwt {

const Algorithm* find_algorithm(std::string_view name) {
  const auto* row = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  if (row == kAlgorithms.end())
    row = std::ranges::find_if(kAlgorithms,
                               [name](const Algorithm& one) { return one.is_called(name); });
  return row == kAlgorithms.end() ? nullptr : row;
}

bool fits(const Algorithm& algorithm, const crypto::Pkey& key) {
  switch (algorithm.family) {
    case Family::Hmac:
      return false;
    case Family::Rsa:
    case Family::RsaPss:
      return key.type() == crypto::KeyType::Rsa;
    case Family::Ecdsa:
    case Family::Eddsa:
      return key.curve() == algorithm.curve;
  }
  return false;
}

const Algorithm& usual_algorithm(const crypto::Pkey& key) {
  return *std::ranges::find_if(kAlgorithms,
                               [&key](const Algorithm& row) { return fits(row, key); });
}

crypto::Scheme scheme_of(const Algorithm& algorithm) {
  switch (algorithm.family) {
    case Family::RsaPss:
      return crypto::Scheme::RsaPss;
    case Family::Ecdsa:
      return crypto::Scheme::Ecdsa;
    case Family::Eddsa:
      return crypto::Scheme::Eddsa;
    case Family::Hmac:
    case Family::Rsa:
      break;
  }
  return crypto::Scheme::RsaPkcs1;
}

}  // namespace tollgate::jwt

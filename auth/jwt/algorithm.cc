// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/algorithm.h"

#include <algorithm>
#include <array>

namespace tollgate::jwt {
namespace {

using crypto::Digest;

constexpr std::array kAlgorithms = {
    Algorithm{"HS256", Family::Hmac, Digest::Sha256, 32},
    Algorithm{"HS384", Family::Hmac, Digest::Sha384, 48},
    Algorithm{"HS512", Family::Hmac, Digest::Sha512, 64},
};

}  // namespace

std::span<const Algorithm> algorithms() { return kAlgorithms; }

const Algorithm* find_algorithm(std::string_view name) {
  const auto* row = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  return row == kAlgorithms.end() ? nullptr : row;
}

const Algorithm& hs256() { return kAlgorithms[0]; }

}  // namespace tollgate::jwt

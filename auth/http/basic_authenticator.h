// Authorization: Basic to an Identity (RFC 7617), in DRF's words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "auth/tokens/token_service.h"
#include "server/http/handler.h"

namespace tollgate::auth {

struct NameAndPassword {
  std::string name;
  std::string password;
};
// What follows "Basic " (pure). The error is DRF's sentence.
tl::expected<NameAndPassword, std::string_view> parse_basic(std::string_view credentials);

class BasicAuthenticator {
 public:
  // `service` outlives this.
  explicit BasicAuthenticator(tokens::TokenService& service) : service_(service) {}

  // Pass: there are no credentials of this kind. Pending: a password has to be hashed, which fills
  // the identity. On the loop.
  http::Verdict authenticate(http::Exchange& exchange);

 private:
  http::Verdict log_in(const NameAndPassword& who, http::Exchange& exchange);

  tokens::TokenService& service_;
};

}  // namespace tollgate::auth

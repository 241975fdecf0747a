// Who asks: empty until the gate has filled it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::http {

// Views live as long as the exchange.
struct Identity {
  bool authenticated = false;
  int64_t id = 0;            // in the user table; 0 for the tokens of another issuer
  std::string_view subject;  // "sub" of the token (RFC 7519 4.1.2), if it has one
  std::string_view name;
  bool is_staff = false;
  bool is_superuser = false;
  std::string_view claims;  // the token's payload, a JSON object; empty for other authenticators
};

}  // namespace tollgate::http

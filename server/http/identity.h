// Who asks: empty until the gate has filled it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::http {

// Views live as long as the exchange.
struct Identity {
  bool authenticated = false;
  int64_t id = 0;
  std::string_view name;
  bool is_staff = false;
  bool is_superuser = false;
  std::string_view claims;  // the token's payload, a JSON object; empty for other authenticators
};

}  // namespace tollgate::http

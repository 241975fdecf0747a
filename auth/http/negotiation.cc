// SPDX-License-Identifier: Apache-2.0
#include "auth/http/negotiation.h"

#include "auth/http/fields.h"

namespace tollgate::auth {

http::Verdict require_json_accepted(http::Exchange& exchange) {
  if (accepts_json(http::find_field(exchange.request.fields, "accept").value_or("")))
    return http::Pass{};
  return http::detail(406, "Could not satisfy the request Accept header.");
}

}  // namespace tollgate::auth

// The first of DRF's checks, for routes that ask for it: 406 where JSON is not what the client
// takes. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/handler.h"

namespace tollgate::auth {

http::Verdict require_json_accepted(http::Exchange& exchange);

}  // namespace tollgate::auth

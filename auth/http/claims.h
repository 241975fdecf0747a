// What an application may add to tokens, under the name that applications know.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/tokens/claims_hook.h"

namespace tollgate::auth {

using tokens::ClaimsFor;
using tokens::ClaimsHook;

}  // namespace tollgate::auth

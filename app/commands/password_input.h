// How a password is told to a command: on standard input, or at the terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/crypto/secure.h"
#include "server/base/result.h"

namespace tollgate::commands {

// The first line of standard input. Errors: InvalidArgument (empty, or over 4096 bytes).
Result<crypto::SecretString> read_password_line();

// Asks twice, without showing it. Errors: InvalidArgument (they differ; no terminal:
// the message names --password-stdin).
Result<crypto::SecretString> ask_password();

}  // namespace tollgate::commands

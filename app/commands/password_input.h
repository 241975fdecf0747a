// How a password is told to a command: on standard input, or at the terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/crypto/secure.h"
#include "server/base/result.h"

namespace tollgate::commands {

// The first line of standard input, without its end (CR LF too). Errors: InvalidArgument (none,
// blank, over 4096 bytes, or with white space at an end, which a login strips).
Result<crypto::SecretString> read_password_line();

// Asks twice, without showing it; a signal that ends or stops the process finds the terminal as
// it was. Errors: InvalidArgument (they differ, or as above; no
// terminal: the message names --password-stdin).
Result<crypto::SecretString> ask_password();

}  // namespace tollgate::commands

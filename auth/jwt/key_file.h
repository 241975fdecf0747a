// The text of a file that holds a key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "auth/crypto/secure.h"
#include "server/base/result.h"

namespace tollgate::jwt {

inline constexpr std::size_t kLargestKeyFile = std::size_t{256} << 10;  // bytes

struct KeyFile {
  crypto::SecretString text;
  std::string warning;  // a sentence for the log, or empty: others may read the file
};

// One newline at the end is not part of the text. Errors: of the system, and
// InvalidArgument (too large), each with the path.
Result<KeyFile> read_key_file(const std::string& path);

}  // namespace tollgate::jwt

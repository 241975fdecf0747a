// The `database` setting: where the state of the server is kept (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/base/export.h"
#include "server/base/result.h"

namespace tollgate::users {

struct DatabaseUrl {
  enum class Kind : uint8_t { Sqlite } kind = Kind::Sqlite;
  std::string path;  // of the file; relative to the working directory
};

// "sqlite:PATH". Errors: InvalidArgument, which says what there is. The text is
// repeated only up to its colon: other kinds of URL have passwords in them.
TOLLGATE_API Result<DatabaseUrl> parse_database_url(std::string_view text);

}  // namespace tollgate::users

// SPDX-License-Identifier: Apache-2.0
#include "auth/users/database_url.h"

namespace tollgate::users {

Result<DatabaseUrl> parse_database_url(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos)
    return fail(Errc::InvalidArgument,
                "a database is written sqlite:PATH, for example sqlite:/var/lib/tollgate/state.db");
  const std::string scheme(text.substr(0, colon));
  if (scheme != "sqlite")
    return fail(Errc::InvalidArgument, "databases of the kind \"" + scheme +
                                           ":\" are not supported; there is sqlite:PATH");
  const std::string_view path = text.substr(colon + 1);
  if (path.empty()) return fail(Errc::InvalidArgument, "sqlite: needs the path of a file after it");
  if (path.starts_with("//"))
    return fail(Errc::InvalidArgument,
                "write sqlite:PATH without //, for example sqlite:/var/lib/tollgate/state.db");
  // Each worker would have users of its own.
  if (path == ":memory:")
    return fail(Errc::InvalidArgument, "sqlite::memory: cannot be shared by the workers");
  if (path.find('\0') != std::string_view::npos)
    return fail(Errc::InvalidArgument, "the path of sqlite:PATH cannot have a NUL in it");
  return DatabaseUrl{DatabaseUrl::Kind::Sqlite, std::string(path)};
}

}  // namespace tollgate::users

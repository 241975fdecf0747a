// SPDX-License-Identifier: Apache-2.0
#include "server/base/error.h"

#include <cerrno>
#include <cstring>

namespace tollgate {
namespace {

Errc classify(int errno_value) {
  switch (errno_value) {
    case ENOENT:
      return Errc::NotFound;
    case EACCES:
    case EPERM:
      return Errc::Denied;
    case EINVAL:
      return Errc::InvalidArgument;
    case ETIMEDOUT:
      return Errc::Timeout;
    default:
      return Errc::Io;
  }
}

}  // namespace

Error from_errno(std::string_view what, int errno_value) {
  std::string message(what);
  message += ": ";
  message +=
      strerrordesc_np(errno_value) != nullptr ? strerrordesc_np(errno_value) : "unknown error";
  if (const char* name = strerrorname_np(errno_value))
    message.append(" (").append(name).append(")");
  return Error{classify(errno_value), std::move(message)};
}

Error with_context(std::string_view context, Error error) {
  error.message.insert(0, ": ");
  error.message.insert(0, context);
  return error;
}

}  // namespace tollgate

// Form bodies: application/x-www-form-urlencoded (URL standard 5.1) and
// multipart/form-data (RFC 7578). Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/result.h"

namespace tollgate::http {

struct FormField {
  std::string name;
  std::string value;
  std::string file_name = {};  // not empty: `value` is a file's content
};

// Pairs in their order; a '+' is a space, a bad escape stands for itself. Errors:
// InvalidArgument (more than 1000 fields).
Result<std::vector<FormField>> parse_urlencoded(std::string_view body);

// `content_type` is the whole field, with its boundary. Errors: InvalidArgument (malformed, or more
// than 1000 fields).
Result<std::vector<FormField>> parse_multipart(std::string_view content_type,
                                               std::string_view body);

}  // namespace tollgate::http

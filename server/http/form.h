// Form bodies: application/x-www-form-urlencoded (URL standard 5.1) and
// multipart/form-data (RFC 7578). Pure.
//
// Nothing of a body is copied but names, and values that have to be decoded: an uploaded file of
// 1 GiB is a view into the body, which is where it was received.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/http/arena.h"

namespace tollgate::http {

struct FormField {
  std::string_view name;
  std::string_view value;  // any bytes
};

struct UploadedFile {
  std::string_view name;  // of its field
  // UTF-8 without controls and without folders: of what was sent, what follows the last slash or
  // backslash; never empty, "." or "..". Still the client's choice: no name to write to as it is.
  std::string_view file_name;
  std::string_view content_type;  // as sent; empty: not said
  std::string_view content;
};

// Its views live as long as both the form and the body that it was read from.
struct TOLLGATE_API Form {
  std::vector<FormField> fields;  // in their order, and so are the files
  std::vector<UploadedFile> files;
  Arena text;  // of what is no view into the body

  // The first of that name.
  std::optional<std::string_view> field(std::string_view name) const;
  const UploadedFile* file(std::string_view name) const;
};

// Pairs in their order; a '+' is a space, a bad escape stands for itself. Errors:
// InvalidArgument (more than 1000 fields).
Result<Form> parse_urlencoded(std::string_view body);

// `content_type` is the whole field, with its boundary. A part with a file name is a file; one
// whose file name is empty is the file that nobody has chosen, and left out. Where a part has
// filename* (RFC 8187), that is its name. Errors: InvalidArgument (malformed; more than 1000 parts;
// a part's head beyond 8 KiB; a file name that is none, or no UTF-8; a coded part).
Result<Form> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace tollgate::http

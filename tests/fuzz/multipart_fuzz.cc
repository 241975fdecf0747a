// The Content-Type in the first line, behind it any body: parts or a refusal. Each value is a piece
// of the body, no two of them share a byte, and each part has a name; no file's has a folder.
// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"
#include "tests/fuzz/fuzz.h"

namespace tollgate::fuzz {
namespace {

// Where `value` ends in `body`; it begins at `from` or behind it.
std::size_t end_of(std::string_view value, std::string_view body, std::size_t from) {
  require(value.data() >= body.data() + from &&
              value.data() + value.size() <= body.data() + body.size(),
          "the values are pieces of the body, in their order", value);
  return static_cast<std::size_t>(value.data() + value.size() - body.data());
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string_view type = take_line(input);
  const auto form = http::parse_multipart(type, input);
  if (!form) return require(!form.error().message.empty(), "a refusal says why");
  require(form->fields.size() + form->files.size() <= 1000, "the parts are bounded");
  std::size_t from = 0;
  for (const http::FormField& field : form->fields) {
    require(!field.name.empty(), "each part has a name");
    from = end_of(field.value, input, from);
  }
  from = 0;
  for (const http::UploadedFile& file : form->files) {
    require(!file.name.empty() && !file.file_name.empty(), "each file has its names");
    require(file.file_name.find_first_of("/\\") == std::string_view::npos &&
                file.file_name != "." && file.file_name != "..",
            "a file's name has no folder", file.file_name);
    from = end_of(file.content, input, from);
  }
}

}  // namespace tollgate::fuzz

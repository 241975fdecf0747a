// The Content-Type in the first line, behind it any body: parts or a refusal. Each value is a piece
// of the body, no two of them share a byte, none holds a delimiter, and each part has a name.
// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"
#include "tests/fuzz/fuzz.h"

void tollgate::fuzz::fuzz(std::string_view input) {
  const std::string_view type = take_line(input);
  const auto parts = http::parse_multipart(type, input);
  if (!parts) return require(!parts.error().message.empty(), "a refusal says why");
  require(parts->size() <= 1000, "the parts are bounded");
  std::size_t from = 0;
  for (const http::FormField& part : *parts) {
    require(!part.name.empty(), "each part has a name");
    const auto at = input.find(part.value, from);
    require(at != std::string_view::npos, "the values stand in the body, in their order",
            part.value);
    from = at + part.value.size();
  }
}

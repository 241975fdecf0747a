// Any application/x-www-form-urlencoded body: at most 1000 fields or a refusal; no more comes out
// than went in; and what comes out, encoded anew, is read as the same fields.
// SPDX-License-Identifier: Apache-2.0
#include "server/http/form.h"
#include "tests/fuzz/fuzz.h"

namespace tollgate::fuzz {
namespace {

std::string encode(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    ((out += '%') += kHex[byte >> 4]) += kHex[byte & 15];
  }
  return out;
}

}  // namespace

void fuzz(std::string_view input) {
  const auto form = http::parse_urlencoded(input);
  if (!form) return require(!form.error().message.empty(), "a refusal says why");
  const auto& fields = form->fields;
  require(form->files.empty(), "no field is a file");
  require(fields.size() <= 1000, "the fields are bounded");
  std::size_t size = 0;
  std::string again;
  for (const http::FormField& field : fields) {
    size += field.name.size() + field.value.size();
    again.append(encode(field.name)).append("=").append(encode(field.value)).append("&");
  }
  require(size <= input.size(), "no more comes out than went in");
  const auto twice = http::parse_urlencoded(again);
  require(twice.has_value() && twice->fields.size() == fields.size(), "encoded anew it is as many");
  for (std::size_t i = 0; i < fields.size(); ++i)
    require(twice->fields[i].name == fields[i].name && twice->fields[i].value == fields[i].value,
            "encoded anew it is the same", again);
}

}  // namespace tollgate::fuzz

// SPDX-License-Identifier: Apache-2.0
#include "server/http/body_rules.h"

#include <string>
#include <vector>

#include "server/base/text.h"
#include "server/http/handler.h"

namespace tollgate::http {
namespace {

enum class Coding : uint8_t { None, Gzip, Other };

// Of all fields of that name, as one list (RFC 9110 8.4). More than one coding is not taken.
Coding coding_of(const std::vector<FieldView>& fields) {
  Coding coding = Coding::None;
  for (const FieldView& field : fields) {
    if (!iequals(field.name, "content-encoding")) continue;
    for (const std::string_view part : split(field.value, ',')) {
      const std::string_view name = trim(part);
      if (name.empty() || iequals(name, "identity")) continue;
      const bool gzip = iequals(name, "gzip") || iequals(name, "x-gzip");
      coding = gzip && coding == Coding::None ? Coding::Gzip : Coding::Other;
    }
  }
  return coding;
}

}  // namespace

std::optional<Response> begin_body(Exchange& exchange, const Limits& limits) {
  RequestParts& request = exchange.request;
  const Coding coding = coding_of(request.fields);
  const bool inflates = limits.inflation > 0;
  if (coding == Coding::Other || (coding == Coding::Gzip && !inflates))
    return detail(415, "This Content-Encoding is not taken.")
        .set_header("Accept-Encoding", inflates ? "gzip" : "identity");
  const bool routed = exchange.route != nullptr && exchange.route->body_limit.has_value();
  const uint64_t limit = routed ? *exchange.route->body_limit : limits.body;
  if (request.content_length.value_or(0) > limit)
    return detail(413, "The body is larger than " + std::to_string(limit) + " bytes.");
  request.body.begin({.limit = limit,
                      .buffer = limits.body_buffer,
                      .temp_dir = limits.body_temp_dir,
                      .inflation = coding == Coding::Gzip ? limits.inflation : 0});
  if (coding == Coding::Gzip)
    std::erase_if(request.fields, [](const FieldView& field) {
      return iequals(field.name, "content-encoding") || iequals(field.name, "content-length");
    });
  return std::nullopt;
}

}  // namespace tollgate::http

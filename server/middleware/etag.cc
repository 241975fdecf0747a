// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/etag.h"

#include "server/base/text.h"
#include "server/http/conditional.h"
#include "server/http/date.h"
#include "server/middleware/compress.h"

namespace tollgate::middleware {
namespace {

using http::Precondition;

// RFC 9110 15.4.5: what a 304 shall have of the fields of the 200. The rest of them would
// describe a body, or is a cache's already; what is not of the representation stays.
bool describes_body(std::string_view name) {
  for (const std::string_view other :
       {"content-type", "content-encoding", "content-language", "content-length", "content-range"})
    if (iequals(name, other)) return true;
  return false;
}

http::Response not_modified(const http::Response& response) {
  http::Response out(304);
  for (const http::Field& field : response.fields())
    if (!describes_body(field.name)) out.add_header(field.name, field.value);
  return out;
}

void finish(const http::Request& request, http::Response& response, const Clock& clock,
            Behind behind) {
  const bool reads =
      request.method() == http::Method::Get || request.method() == http::Method::Head;
  if (!reads || response.status() != 200) return;
  const auto* const bytes = std::get_if<std::string>(&response.content());
  if (response.header("etag") == nullptr && bytes != nullptr && bytes->size() <= kMostToHash)
    response.set_header("ETag", http::etag_of(*bytes));
  const std::string* const tag = response.header("etag");
  const std::string* const modified = response.header("last-modified");
  if (tag == nullptr && modified == nullptr) return;
  const WallTime now = clock.wall();
  http::Validators validators{.etag = tag != nullptr ? *tag : std::string_view()};
  if (modified != nullptr) validators.last_modified = http::parse_http_date(*modified, now);
  switch (http::evaluate(request.method(), request.headers(), validators, now)) {
    case Precondition::Proceed:
      break;
    case Precondition::NotModified:
      if (behind == Behind::Compression) negotiate(request, response);
      response = not_modified(response);
      break;
    case Precondition::Failed:
      response = http::detail(412, "A precondition of the request does not hold.");
      break;
  }
}

}  // namespace

http::Finisher make_etag(const Clock& clock, Behind behind) {
  return [&clock, behind](const http::Request& request, http::Response& response) {
    finish(request, response, clock, behind);
  };
}

}  // namespace tollgate::middleware

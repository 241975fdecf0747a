// What a handler may read of a request. Every view lives as long as the
// exchange: until the response is out and the handler has returned.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/http/form.h"
#include "server/http/headers.h"
#include "server/http/identity.h"
#include "server/http/method.h"
#include "server/http/request_body.h"

namespace tollgate::http {

inline constexpr std::size_t kMaxPathParameters = 8;

// What a request says, and what is found out about it, in views: to be forgotten at once.
struct RequestFacts {
  uint64_t id = 0;              // of the exchange; unique within a worker
  std::string_view request_id;  // empty, unless the application wants them
  Method method = Method::Other;
  std::string_view method_text;
  std::string_view target;                 // as received
  std::string_view path;                   // percent-decoded once
  std::string_view query;                  // behind the '?', as received
  int version_minor = 1;                   // HTTP/1.x
  std::optional<uint64_t> content_length;  // as received: of what may have been compressed
  bool chunked = false;
  // "192.0.2.1", without the port; empty on a Unix socket. The client's, where the setting
  // forwarded_allow_ips trusts the proxy in between.
  std::string_view remote_address;
  std::string_view scheme = "http";  // or "https": what the client speaks, if to such a proxy
  std::array<std::string_view, kMaxPathParameters> parameters;
  Identity identity;
};

// The parts of a request, filled on its way: parser, router, gate.
struct RequestParts : RequestFacts {
  std::vector<FieldView> fields;
  RequestBody body;

  // Empty, but with the memory of the field list and of a small body.
  void reset() {
    static_cast<RequestFacts&>(*this) = {};
    fields.clear();
    body.reset();
  }
};

class TOLLGATE_API Request {
 public:
  explicit Request(const RequestParts& parts) : parts_(parts) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  uint64_t id() const { return parts_.id; }
  // X-Request-ID: the client's, or one made for it; empty unless app.request_id() was called.
  std::string_view request_id() const { return parts_.request_id; }
  Method method() const { return parts_.method; }
  std::string_view method_text() const { return parts_.method_text; }
  std::string_view target() const { return parts_.target; }
  std::string_view path() const { return parts_.path; }
  std::string_view query() const { return parts_.query; }
  // All of it: 10 MiB of it are as cheap as one byte, since what is large is in a file that is
  // read by looking at it. A gzip body is inflated already, and the request then has neither
  // Content-Encoding nor Content-Length.
  std::string_view body() const;
  // The same in pieces, for who wants to hold little of it.
  BodyReader body_reader() const { return BodyReader(parts_.body); }
  // The fields and files of a form, by its media type. Errors: UnsupportedMediaType (that is no
  // form), InvalidArgument (form.h).
  Result<Form> form() const;
  std::string_view remote_address() const { return parts_.remote_address; }
  std::string_view scheme() const { return parts_.scheme; }
  const Identity& identity() const { return parts_.identity; }

  // Field names are compared without case; the first of that name.
  std::optional<std::string_view> header(std::string_view name) const;
  std::span<const FieldView> headers() const { return parts_.fields; }

  // The n-th path parameter of the route's pattern, percent-decoded.
  std::string_view parameter(std::size_t n) const { return parts_.parameters.at(n); }

  // The media type, lower case, without parameters: "application/json".
  std::string media_type() const;

  // For the server's own steps.
  const RequestParts& parts() const { return parts_; }

 private:
  const RequestParts& parts_;
};

}  // namespace tollgate::http

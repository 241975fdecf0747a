// What a handler returns: a status, header fields and a body.
//
// Date, Server, Content-Length and Connection are the server's to write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/error.h"
#include "server/base/export.h"
#include "server/http/content.h"
#include "server/http/headers.h"
#include "server/http/push.h"

namespace tollgate::http {

class TOLLGATE_API Response {
 public:
  explicit Response(int status = 200) : status_(status) {}
  Response(int status, std::string_view content_type, Content content);

  int status() const { return status_; }
  const std::vector<Field>& fields() const { return fields_; }
  const Content& content() const { return content_; }
  Response& set_content(Content content) &;
  // Leaves none.
  Content take_content() { return std::exchange(content_, {}); }
  // The bytes, where that is what the body is made of; else empty.
  const std::string& body() const;

  // Replaces the fields of that name, if there are any.
  Response& set_header(std::string_view name, std::string value) &;
  Response&& set_header(std::string_view name, std::string value) &&;
  // Adds one more, as Set-Cookie wants.
  Response& add_header(std::string_view name, std::string value) &;
  // The value of the first field of that name, or nullptr.
  const std::string* header(std::string_view name) const;

 private:
  int status_;
  std::vector<Field> fields_;
  Content content_;
};

// text/plain and text/html, in UTF-8.
TOLLGATE_API Response text(std::string body, int status = 200);
TOLLGATE_API Response html(std::string body, int status = 200);
TOLLGATE_API Response no_content();
TOLLGATE_API Response redirect(std::string_view location, int status = 302);
// 301 to the decoded `path` with a slash behind it, and the query of `target`, the raw one. What a
// browser would read as another host's address, it does not become.
TOLLGATE_API Response redirect_to_slash(std::string_view path, std::string_view target);

// A body that is made while it is sent (content.h), or fed from outside (push.h).
TOLLGATE_API Response stream(std::string_view content_type, Generator next, int status = 200);
TOLLGATE_API Response stream(std::string_view content_type, const Push& push, int status = 200);

// `body` is a JSON document already.
TOLLGATE_API Response json_text(std::string body, int status = 200);

// DRF's error body: {"detail":"…"}.
TOLLGATE_API Response detail(int status, std::string_view text);

// The response to an Error: its status by Errc, its message as the detail where
// it is the client's fault; where it is ours, the log has the message, and the client
// only "Internal Server Error".
TOLLGATE_API Response error_response(const Error& error);

}  // namespace tollgate::http

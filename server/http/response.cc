// SPDX-License-Identifier: Apache-2.0
#include "server/http/response.h"

#include <algorithm>

#include "server/base/text.h"
#include "server/http/push_channel.h"
#include "server/http/status.h"
#include "server/log/logging.h"

namespace tollgate::http {
namespace {

int status_of(Errc code) {
  switch (code) {
    case Errc::InvalidArgument:
      return 400;
    case Errc::Unauthenticated:
      return 401;
    case Errc::Denied:
      return 403;
    case Errc::NotFound:
      return 404;
    case Errc::Conflict:
      return 409;
    case Errc::TooLarge:
      return 413;
    case Errc::UnsupportedMediaType:
      return 415;
    case Errc::Unavailable:
      return 503;
    case Errc::Timeout:
      return 504;
    case Errc::Closed:
    case Errc::Io:
    case Errc::Internal:
      break;
  }
  return 500;
}

}  // namespace

Response::Response(int status, std::string_view content_type, Content content)
    : status_(status), content_(std::move(content)) {
  fields_.push_back({"Content-Type", std::string(content_type)});
}

Response& Response::set_content(Content content) & {
  content_ = std::move(content);
  return *this;
}

const std::string& Response::body() const {
  static const std::string kNone;
  const auto* bytes = std::get_if<std::string>(&content_);
  return bytes != nullptr ? *bytes : kNone;
}

Response& Response::set_header(std::string_view name, std::string value) & {
  std::erase_if(fields_, [&](const Field& field) { return iequals(field.name, name); });
  return add_header(name, std::move(value));
}

Response&& Response::set_header(std::string_view name, std::string value) && {
  return std::move(set_header(name, std::move(value)));
}

Response& Response::add_header(std::string_view name, std::string value) & {
  fields_.push_back({std::string(name), std::move(value)});
  return *this;
}

const std::string* Response::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields_, [&](const Field& field) { return iequals(field.name, name); });
  return found == fields_.end() ? nullptr : &found->value;
}

Response text(std::string body, int status) {
  return {status, "text/plain; charset=utf-8", std::move(body)};
}

Response html(std::string body, int status) {
  return {status, "text/html; charset=utf-8", std::move(body)};
}

Response no_content() { return Response(204); }

Response redirect(std::string_view location, int status) {
  return Response(status).set_header("Location", std::string(location));
}

Response redirect_to_slash(std::string_view path, std::string_view target) {
  std::string location = percent_encode_path(path);
  location += '/';
  // "//host" has no scheme, but it has a host (RFC 3986 4.2). Backslashes are encoded anyway.
  if (location.starts_with("//")) location.replace(1, 1, "%2F");
  if (const auto query = target.find('?'); query != std::string_view::npos)
    location += target.substr(query);
  return redirect(location, 301);
}

Response stream(std::string_view content_type, Generator next, int status) {
  return {status, content_type, std::move(next)};
}

Response stream(std::string_view content_type, const Push& push, int status) {
  return {status, content_type, reader_of(push)};
}

Response json_text(std::string body, int status) {
  return {status, "application/json", std::move(body)};
}

Response detail(int status, std::string_view text) {
  return json_text("{\"detail\":" + json_quote(text) + "}", status);
}

Response error_response(const Error& error) {
  const int status = status_of(error.code);
  if (status >= 500) log::error("answered {}: {}", status, error.message);
  return detail(status, status >= 500 ? reason_phrase(status) : error.message);
}

}  // namespace tollgate::http

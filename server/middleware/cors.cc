// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/cors.h"

#include <algorithm>
#include <memory>

#include "server/base/text.h"
#include "server/middleware/vary.h"

namespace tollgate::middleware {
namespace {

bool has_star(const std::vector<std::string>& list) { return std::ranges::count(list, "*") > 0; }

// As a browser writes it: decimal, without zeros in front, and only where it is not the scheme's.
bool is_port(std::string_view scheme, std::string_view port) {
  return parse_uint(port, 65535) && !port.starts_with('0') && !(scheme == "http" && port == "80") &&
         !(scheme == "https" && port == "443");
}

// scheme "://" host [":" port]; or "null", which a page of no origin sends. What no browser would
// write is refused: it would never match, and nobody would know why.
bool is_origin(std::string_view text) {
  if (text == "*" || text == "null") return true;
  const auto mark = text.find("://");
  if (mark == 0 || mark == text.npos) return false;
  const std::string_view scheme = text.substr(0, mark);
  std::string_view host = text.substr(mark + 3);
  // An IPv6 address has colons of its own, in brackets.
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
  if (colon != host.npos) {
    if (!is_port(scheme, host.substr(colon + 1))) return false;
    host = host.substr(0, colon);
  }
  const auto of_scheme = [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  const auto may_stand = [](char c) {
    return c > ' ' && c < 0x7f && !(c >= 'A' && c <= 'Z') &&
           std::string_view("/?#@\\,*").find(c) == std::string_view::npos;
  };
  return !host.empty() && std::ranges::all_of(host, may_stand) &&
         std::ranges::all_of(scheme, of_scheme);
}

Status check_names(const std::vector<std::string>& names, std::string_view of) {
  for (const std::string& name : names)
    if (!http::is_field_name(name))
      return fail(Errc::InvalidArgument,
                  "cors: \"" + name + "\" in " + std::string(of) + " is no name");
  return {};
}

Status check(const Cors& policy) {
  if (policy.allowed_origins.empty())
    return fail(Errc::InvalidArgument,
                "cors: allowed_origins is empty: name the origins, or \"*\" for any");
  for (const std::string& origin : policy.allowed_origins)
    if (!is_origin(origin))
      return fail(Errc::InvalidArgument, "cors: \"" + origin +
                                             "\" is no origin: write \"https://example.org\", in "
                                             "lower case, without a user, a path or a slash at the "
                                             "end, a port only where it is not the scheme's");
  TOLLGATE_CHECK(check_names(policy.allow_methods, "allow_methods"));
  TOLLGATE_CHECK(check_names(policy.allow_headers, "allow_headers"));
  TOLLGATE_CHECK(check_names(policy.expose_headers, "expose_headers"));
  for (const auto* list : {&policy.allowed_origins, &policy.allow_methods, &policy.allow_headers,
                           &policy.expose_headers})
    if (policy.allow_credentials && has_star(*list))
      return fail(Errc::InvalidArgument,
                  "cors: \"*\" cannot go together with allow_credentials: browsers refuse it; "
                  "name what is allowed");
  if (policy.allow_credentials && std::ranges::count(policy.allowed_origins, "null") > 0)
    return fail(Errc::InvalidArgument,
                "cors: \"null\" cannot go together with allow_credentials: any page can make "
                "itself that origin, with a sandboxed frame; name the origins");
  return {};
}

// A policy with its lists as they go on the wire.
class Policy {
 public:
  explicit Policy(Cors policy)
      : policy_(std::move(policy)),
        any_(has_star(policy_.allowed_origins)),
        methods_(join(policy_.allow_methods, ", ")),
        headers_(join(policy_.allow_headers, ", ")),
        exposed_(join(policy_.expose_headers, ", ")) {}

  bool allows(const http::Request& request) const {
    const auto origin = request.header("origin");
    return origin && (any_ || std::ranges::count(policy_.allowed_origins, *origin) > 0);
  }

  void finish(const http::Request& request, http::Response& response) const {
    // A cache must not give one origin what was written for another (Fetch 3.2.4).
    if (!any_) add_vary(response, "Origin");
    if (!allows(request) || response.header("access-control-allow-origin") != nullptr) return;
    response.set_header("Access-Control-Allow-Origin",
                        any_ ? "*" : std::string(*request.header("origin")));
    if (policy_.allow_credentials) response.set_header("Access-Control-Allow-Credentials", "true");
    if (!exposed_.empty()) response.set_header("Access-Control-Expose-Headers", exposed_);
  }

  // Who may not is not told what others may.
  http::Response preflight(const http::Request& request) const {
    http::Response response(204);
    for (const char* name : {"Access-Control-Request-Method", "Access-Control-Request-Headers"})
      add_vary(response, name);
    if (!allows(request)) return response;
    if (!methods_.empty()) response.set_header("Access-Control-Allow-Methods", methods_);
    if (!headers_.empty()) response.set_header("Access-Control-Allow-Headers", headers_);
    if (policy_.preflight_max_age.count() > 0)
      response.set_header("Access-Control-Max-Age",
                          std::to_string(policy_.preflight_max_age.count()));
    return response;
  }

 private:
  const Cors policy_;
  const bool any_;
  const std::string methods_;
  const std::string headers_;
  const std::string exposed_;
};

}  // namespace

Result<CorsSteps> make_cors(Cors cors) {
  TOLLGATE_CHECK(check(cors));
  const auto policy = std::make_shared<const Policy>(std::move(cors));
  return CorsSteps{
      .finisher = [policy](const http::Request& request,
                           http::Response& response) { policy->finish(request, response); },
      .preflight = [policy](const http::Request& request) { return policy->preflight(request); }};
}

}  // namespace tollgate::middleware

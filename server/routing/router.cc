// SPDX-License-Identifier: Apache-2.0
#include "server/routing/router.h"

#include <algorithm>
#include <cassert>

#include "server/base/text.h"
#include "server/shm/in_flight.h"
#include "server/shm/quarantine_list.h"

namespace tollgate::routing {

using http::Method;

namespace {

struct TextHash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's name
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// FNV-1a: what a route is called in memory that processes share.
uint64_t route_id(Method method, std::string_view pattern) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  add(to_string(method));
  add(" ");
  add(pattern);
  return hash;
}

}  // namespace

// A tree by segments. Literal children are tried before parameters, so that
// /notes/new is found beside /notes/{id}.
struct Router::Node {
  std::unordered_map<std::string, std::unique_ptr<Node>, TextHash, std::equal_to<>> literals;
  std::vector<std::pair<Segment::Kind, std::unique_ptr<Node>>> parameters;
  std::unique_ptr<Endpoint> endpoint;

  Node& child(const Segment& segment) {
    if (segment.kind == Segment::Kind::Literal) {
      auto& slot = literals[segment.text];
      if (!slot) slot = std::make_unique<Node>();
      return *slot;
    }
    for (auto& [kind, node] : parameters)
      if (kind == segment.kind) return *node;
    parameters.emplace_back(segment.kind, std::make_unique<Node>());
    // The most particular kind first: Int, Str, Path.
    std::ranges::sort(parameters, {}, &decltype(parameters)::value_type::first);
    return child(segment);
  }
};

Router::Router(std::vector<std::string> allowed_hosts)
    : allowed_hosts_(std::move(allowed_hosts)), root_(std::make_unique<Node>()) {}

Router::~Router() = default;

Status Router::add(http::Route route) {
  TOLLGATE_TRY(segments, parse_pattern(route.pattern));
  Node* node = root_.get();
  for (const Segment& segment : segments) node = &node->child(segment);
  if (!node->endpoint) node->endpoint = std::make_unique<Endpoint>();
  Endpoint& endpoint = *node->endpoint;
  const auto same = [&](const auto& other) { return other->method == route.method; };
  if (std::ranges::any_of(endpoint.routes, same))
    return fail(Errc::Conflict, "route \"" + route.pattern + "\" is defined twice for " +
                                    std::string(to_string(route.method)));
  route.id = route_id(route.method, route.pattern);
  endpoint.routes.push_back(std::make_unique<http::Route>(std::move(route)));
  endpoint.allow.clear();
  for (const auto& each : endpoint.routes) {
    if (each->method == Method::Options) continue;  // which every path has
    endpoint.allow.append(to_string(each->method)).append(", ");
  }
  // Django's order.
  endpoint.allow += endpoint.find(Method::Head) != nullptr ? "HEAD, OPTIONS" : "OPTIONS";
  return {};
}

void Router::add_finisher(http::Finisher finisher) { finishers_.push_back(std::move(finisher)); }

// A HEAD is a GET whose body is not sent (RFC 9110 9.3.2).
const http::Route* Router::Endpoint::find(Method method) const {
  if (method == Method::Head) method = Method::Get;
  for (const auto& route : routes)
    if (route->method == method) return route.get();
  return nullptr;
}

const Router::Endpoint* Router::find(std::string_view path, Parameters& parameters) const {
  if (!path.starts_with('/')) return nullptr;
  return descend(*root_, path.substr(1), parameters, 0);
}

const Router::Endpoint* Router::descend(const Node& node, std::string_view path,
                                        Parameters& parameters, std::size_t used) {
  const auto slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  const auto go_on = [&](const Node& child, std::size_t count) -> const Endpoint* {
    if (slash == std::string_view::npos) return child.endpoint.get();
    return descend(child, path.substr(slash + 1), parameters, count);
  };
  if (const auto literal = node.literals.find(segment); literal != node.literals.end())
    if (const Endpoint* found = go_on(*literal->second, used)) return found;
  for (const auto& [kind, child] : node.parameters) {
    if (!accepts(kind, segment)) continue;
    parameters[used] = kind == Segment::Kind::Path ? path : segment;
    const Endpoint* const found =
        kind == Segment::Kind::Path ? child->endpoint.get() : go_on(*child, used + 1);
    if (found != nullptr) return found;
    parameters[used] = {};
  }
  return nullptr;
}

// DRF's order (DESIGN.md 4): route, authenticate, permit; then, in admit(), the method.
// A method that the path does not have is refused only to those who may ask:
// the path's first route decides, as the one permission of a DRF view does.
http::Verdict Router::gate(http::Exchange& exchange) {
  http::RequestParts& request = exchange.request;
  if (welcome_) welcome_(exchange);
  if (!host_allowed(request)) return http::detail(400, "The Host is not one of allowed_hosts.");
  if (request.path == "*") return http::Response(200);
  const Endpoint* const endpoint = find(request.path, request.parameters);
  if (request.method == Method::Options)
    if (auto answer = preflight(exchange, endpoint)) return *std::move(answer);
  if (endpoint == nullptr) return not_found(request);
  exchange.allow = &endpoint->allow;
  exchange.route = endpoint->find(request.method);
  const http::Route& asked =
      exchange.route != nullptr ? *exchange.route : *endpoint->routes.front();
  exchange.asked = &asked;
  // What a path can do is no secret, and a browser sends no token when it asks.
  if (request.method == Method::Options && exchange.route == nullptr)
    return http::Response(200).set_header("Allow", endpoint->allow);
  exchange.listing.note_route(asked.id, asked.pattern);
  if (auto refusal = turned_away(exchange, asked)) return *std::move(refusal);
  if (!asked.gate) return http::Pass{};
  const shm::WorkingOn crash_is_of(exchange.listing.entry());
  return asked.gate(exchange);
}

// It must not need a token: browsers send none with it (Fetch 3.2.2). The route that is meant
// decides; for what does not exist, the router's own answer lets the page see the 404 or 405.
std::optional<http::Response> Router::preflight(http::Exchange& exchange,
                                                const Endpoint* endpoint) const {
  const auto& fields = exchange.request.fields;
  const auto meant = http::find_field(fields, "access-control-request-method");
  if (!meant || !http::find_field(fields, "origin")) return std::nullopt;
  const http::Route* const route =
      endpoint != nullptr ? endpoint->find(http::parse_method(*meant)) : nullptr;
  const http::Preflight& answer =
      route != nullptr && route->preflight ? route->preflight : preflight_;
  if (!answer) return std::nullopt;
  exchange.asked = route;
  return answer(http::Request(exchange.request));
}

// Before anything of the application's runs: its gate may be what crashes.
std::optional<http::Response> Router::turned_away(const http::Exchange& exchange,
                                                  const http::Route& route) const {
  if (quarantine_ == nullptr) return std::nullopt;
  const auto until = quarantine_->find(route.id, exchange.started);
  if (!until) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(*until - exchange.started);
  return http::detail(503, "This is out of service for a while, since it made the server crash.")
      .set_header("Retry-After", std::to_string(left.count()));
}

std::optional<http::Response> Router::admit(const http::Exchange& exchange) {
  const http::RequestParts& request = exchange.request;
  if (exchange.route == nullptr)
    return http::detail(405, "Method \"" + std::string(request.method_text) + "\" not allowed.")
        .set_header("Allow", *exchange.allow);
  return std::nullopt;
}

http::Response Router::handle(const http::Exchange& exchange) {
  assert(exchange.route != nullptr);
  const shm::WorkingOn crash_is_of(exchange.listing.entry());
  return exchange.route->handler(http::Request(exchange.request));
}

bool Router::finish(const http::Exchange& exchange, http::Response& response) {
  const bool announces = announces_methods_ && exchange.allow != nullptr;
  if (announces) response.set_header("Allow", *exchange.allow);
  const auto& finishers = exchange.asked != nullptr ? exchange.asked->finishers : finishers_;
  if (finishers.empty()) return announces;
  const shm::WorkingOn crash_is_of(exchange.listing.entry());
  const http::Request request(exchange.request);
  for (auto finisher = finishers.rbegin(); finisher != finishers.rend(); ++finisher)
    (*finisher)(request, response);
  return true;
}

bool Router::host_allowed(const http::RequestParts& request) const {
  if (allowed_hosts_.empty()) return true;
  std::string_view host = http::find_field(request.fields, "host").value_or("");
  // The port plays no part; an IPv6 address keeps its brackets.
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && !host.ends_with(']'))
    host = host.substr(0, colon);
  return std::ranges::any_of(allowed_hosts_, [&](std::string_view allowed) {
    if (allowed == "*" || iequals(allowed, host)) return true;
    if (!allowed.starts_with('.')) return false;
    return iequals(allowed.substr(1), host) ||
           (host.size() > allowed.size() &&
            iequals(allowed, host.substr(host.size() - allowed.size())));
  });
}

// Django's APPEND_SLASH: a path that exists with a slash is said so.
http::Response Router::not_found(const http::RequestParts& request) const {
  // "//host" would be read as another host's address.
  if (!request.path.ends_with('/') && !request.path.starts_with("//")) {
    Parameters ignored;
    if (find(std::string(request.path) + "/", ignored) != nullptr)
      return http::redirect_to_slash(request.path, request.target);
  }
  return http::detail(404, "Not found.");
}

}  // namespace tollgate::routing

// method + path -> Route, and the answers that need no handler: 404, 405,
// OPTIONS, Django's redirect to the path with a slash, a wrong Host.
//
// Filled before the first request, constant from then on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/base/result.h"
#include "server/http/handler.h"
#include "server/routing/pattern.h"

namespace tollgate::routing {

class Router final : public http::Service {
 public:
  // `allowed_hosts` as Django's ALLOWED_HOSTS: a name, ".example.org"
  // for it and its subdomains, or "*"; empty: any.
  explicit Router(std::vector<std::string> allowed_hosts);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  ~Router();

  // Errors: InvalidArgument (a bad pattern), Conflict (the same method and pattern twice).
  Status add(http::Route route);
  // What holds where no route does: for a path that does not exist, a head that cannot be read, …
  // Finishers run last added first; routes have their own instead.
  void add_finisher(http::Finisher finisher);
  void set_preflight(http::Preflight preflight) { preflight_ = std::move(preflight); }
  // Is called with each request, on the loop, before its route is looked for.
  void set_welcome(std::function<void(http::Exchange&)> welcome) { welcome_ = std::move(welcome); }

  // Allow on each response of a path that exists, as DRF has it; not only where it must be.
  void announce_methods() { announces_methods_ = true; }

  http::Verdict gate(http::Exchange& exchange) override;
  std::optional<http::Response> admit(const http::Exchange& exchange) override;
  http::Response handle(const http::Exchange& exchange) override;
  bool finish(const http::Exchange& exchange, http::Response& response) override;
  void obey(const shm::QuarantineList& list) override { quarantine_ = &list; }

 private:
  // All routes of one pattern.
  struct Endpoint {
    std::vector<std::unique_ptr<http::Route>> routes;
    std::string allow;  // "GET, HEAD, OPTIONS"

    const http::Route* find(http::Method method) const;
  };
  struct Node;
  using Parameters = std::array<std::string_view, http::kMaxPathParameters>;

  const Endpoint* find(std::string_view path, Parameters& parameters) const;
  static const Endpoint* descend(const Node& node, std::string_view path, Parameters& parameters,
                                 std::size_t used);
  std::optional<http::Response> turned_away(const http::Exchange& exchange,
                                            const http::Route& route) const;
  std::optional<http::Response> preflight(http::Exchange& exchange, const Endpoint* endpoint) const;
  bool host_allowed(const http::RequestParts& request) const;
  http::Response not_found(const http::RequestParts& request) const;

  const std::vector<std::string> allowed_hosts_;
  const shm::QuarantineList* quarantine_ = nullptr;  // none, where there is no master
  std::unique_ptr<Node> root_;
  bool announces_methods_ = false;
  std::vector<http::Finisher> finishers_;
  http::Preflight preflight_;
  std::function<void(http::Exchange&)> welcome_;
};

}  // namespace tollgate::routing

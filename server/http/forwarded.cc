// SPDX-License-Identifier: Apache-2.0
#include "server/http/forwarded.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/base/text.h"
#include "server/http/exchange.h"

namespace tollgate::http {
namespace {

// More proxies than stand in any row; what is in front of them is not looked at.
constexpr std::size_t kMaxHops = 32;

// Whom one proxy heard, and over what.
struct Hop {
  std::optional<IpAddress> client;  // nothing: hidden, unknown, or not an address
  std::string scheme = {};
};
using Hops = std::vector<Hop>;  // the nearest proxy's first

// "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80"; and "2001:db8::1", which
// proxies write into X-Forwarded-For as it is.
std::optional<IpAddress> parse_node(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(host.size());
  }
  if (!port.empty() && (port.front() != ':' || !parse_uint(port.substr(1), 65535)))
    return std::nullopt;
  const auto address = parse_ip(host);
  return address ? std::optional(*address) : std::nullopt;
}

// The lines of that field, from the last one.
std::vector<std::string_view> lines_of(std::span<const FieldView> fields, std::string_view name) {
  std::vector<std::string_view> lines;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field)
    if (iequals(field->name, name)) lines.push_back(field->value);
  return lines;
}

Hops x_forwarded_for(std::span<const FieldView> fields) {
  Hops hops;
  for (std::string_view line : lines_of(fields, "x-forwarded-for")) {
    for (bool more = true; more;) {
      if (hops.size() == kMaxHops) return hops;
      const auto comma = line.rfind(',');
      more = comma != std::string_view::npos;
      hops.push_back({parse_node(trim(more ? line.substr(comma + 1) : line))});
      if (more) line = line.substr(0, comma);
    }
  }
  return hops;
}

bool skip(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view take_token(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_field_name(text.substr(size, 1))) ++size;
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

// value = token / quoted-string; nothing: neither.
std::optional<std::string> take_value(std::string_view& text) {
  if (!skip(text, '"')) {
    const std::string_view token = take_token(text);
    return token.empty() ? std::nullopt : std::optional<std::string>(token);
  }
  std::string value;
  while (!text.empty() && text.front() != '"') {
    skip(text, '\\');
    if (text.empty()) return std::nullopt;
    value += text.front();
    text.remove_prefix(1);
  }
  return skip(text, '"') ? std::optional(value) : std::nullopt;
}

// One forwarded-element (RFC 7239 4), up to its comma; nothing: it cannot be read, or says a thing
// twice.
std::optional<Hop> take_element(std::string_view& text) {
  Hop hop;
  bool has_for = false;
  do {
    text = trim(text);
    const std::string name = to_lower(take_token(text));
    if (name.empty()) continue;
    if (!skip(text, '=')) return std::nullopt;
    const auto value = take_value(text);
    if (!value) return std::nullopt;
    text = trim(text);
    if (name == "for") {
      if (std::exchange(has_for, true)) return std::nullopt;
      hop.client = parse_node(*value);
    } else if (name == "proto") {
      if (!hop.scheme.empty()) return std::nullopt;
      hop.scheme = to_lower(*value);
    }
  } while (skip(text, ';'));
  return text.empty() || skip(text, ',') ? std::optional(hop) : std::nullopt;
}

// A line can be read from its front only, because of its quotes. One that cannot be read is a hop
// without an address: what is in front of it counts for nothing.
Hops forwarded(std::span<const FieldView> fields) {
  Hops hops;
  for (std::string_view line : lines_of(fields, "forwarded")) {
    Hops of_line;
    bool readable = true;
    for (bool more = true; more && readable;) {
      const std::size_t before = line.size();
      const auto hop = take_element(line);
      readable = hop.has_value();
      if (readable) of_line.push_back(*hop);
      more = !line.empty() && line.size() < before;
    }
    if (!readable) of_line = {Hop{}};
    hops.insert(hops.end(), of_line.rbegin(), of_line.rend());
    if (!readable || hops.size() >= kMaxHops) break;
  }
  hops.resize(std::min(hops.size(), kMaxHops));
  return hops;
}

// The hop that the client stands in; nullptr: none can be believed.
const Hop* client_of(const TrustedProxies& trusted, const Hops& hops) {
  const Hop* client = nullptr;
  for (const Hop& hop : hops) {
    if (!hop.client) break;
    client = &hop;
    if (!trusted.trusts(*hop.client)) break;
  }
  return client;
}

// Empty: not one value that says it.
std::string x_forwarded_proto(std::span<const FieldView> fields) {
  return count_fields(fields, "x-forwarded-proto") == 1
             ? to_lower(*find_field(fields, "x-forwarded-proto"))
             : std::string();
}

bool agree(const Hop* a, const Hop* b) {
  return a != nullptr && b != nullptr && a->client == b->client;
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(std::span<const std::string> items) {
  TrustedProxies trusted;
  for (const std::string& item : items) {
    if (item == "*") {
      trusted.anyone_ = true;
    } else if (item == "unix") {
      trusted.unix_ = true;
    } else {
      TOLLGATE_TRY(network, parse_network(item));
      trusted.networks_.push_back(network);
    }
  }
  return trusted;
}

bool TrustedProxies::trusts_peer(std::string_view address) const {
  if (anyone_) return true;
  if (address.empty()) return unix_;
  const auto parsed = parse_ip(address);
  return parsed && trusts(*parsed);
}

bool TrustedProxies::trusts(const IpAddress& address) const {
  return std::ranges::any_of(networks_,
                             [&](const IpNetwork& network) { return network.contains(address); });
}

Result<Origin> origin_of(const TrustedProxies& trusted, std::string_view peer,
                         std::span<const FieldView> fields) {
  Origin origin{.address = std::string(peer), .scheme = "http"};
  if (!trusted.trusts_peer(peer)) return origin;
  const Hops old_hops = x_forwarded_for(fields);
  const Hops new_hops = forwarded(fields);
  const Hop* const old_client = client_of(trusted, old_hops);
  const Hop* const new_client = client_of(trusted, new_hops);
  if (!old_hops.empty() && !new_hops.empty() && !agree(old_client, new_client))
    return fail(Errc::InvalidArgument, "Forwarded and X-Forwarded-For do not say the same.");
  const Hop* const client = old_client != nullptr ? old_client : new_client;
  if (client != nullptr) origin.address = to_string(*client->client);

  const std::string old_scheme = x_forwarded_proto(fields);
  const std::string new_scheme = new_client != nullptr ? new_client->scheme : std::string();
  const bool contradict = !old_scheme.empty() && !new_scheme.empty() && old_scheme != new_scheme;
  if (!contradict && (old_scheme == "https" || new_scheme == "https")) origin.scheme = "https";
  return origin;
}

Status note_origin(const TrustedProxies& trusted, Exchange& exchange) {
  if (trusted.empty()) return {};
  RequestParts& request = exchange.request;
  TOLLGATE_TRY(origin, origin_of(trusted, request.remote_address, request.fields));
  if (origin.address != request.remote_address)
    request.remote_address = exchange.arena.copy(origin.address);
  request.scheme = origin.scheme;
  return {};
}

}  // namespace tollgate::http

// Who asks, when proxies stand between us: what X-Forwarded-For, X-Forwarded-Proto and Forwarded
// (RFC 7239) say, as far as it can be believed. Pure.
//
// A proxy that is trusted is believed about who connected to it, and no further: the fields are
// read from their end, and the first address that is not a trusted proxy's is the client's. What a
// client wrote itself stands in front of that, and is never reached.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/ip.h"
#include "server/base/result.h"
#include "server/http/headers.h"

namespace tollgate::http {

struct Exchange;

// The setting forwarded_allow_ips.
class TrustedProxies {
 public:
  // Trusts nobody.
  TrustedProxies() = default;

  // Addresses, networks ("10.0.0.0/8"), "unix": whoever connects to a Unix socket, and "*": whoever
  // connects. An address that a field names is trusted only as an address or network of the list.
  static Result<TrustedProxies> parse(std::span<const std::string> items);

  bool empty() const { return networks_.empty() && !unix_ && !anyone_; }
  // Of a connection; empty on a Unix socket.
  bool trusts_peer(std::string_view address) const;
  bool trusts(const IpAddress& address) const;

 private:
  std::vector<IpNetwork> networks_;
  bool unix_ = false;
  bool anyone_ = false;
};

struct Origin {
  std::string address;      // the peer's, as it is, or one that a field names, in its one form
  std::string_view scheme;  // "http" or "https"; static text
};

// `peer` without a port, empty on a Unix socket. Errors: InvalidArgument, where Forwarded and
// X-Forwarded-For do not name the same client: one of them comes from the client, which the
// proxy did not strip, and nobody is to pass for the proxy by it. Of schemes that differ none is
// believed.
Result<Origin> origin_of(const TrustedProxies& trusted, std::string_view peer,
                         std::span<const FieldView> fields);

// Once a head is complete: puts the client's address and scheme into the request. Errors as above.
Status note_origin(const TrustedProxies& trusted, Exchange& exchange);

}  // namespace tollgate::http

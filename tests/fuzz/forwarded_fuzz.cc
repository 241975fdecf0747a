// Lines: the peer, the trusted proxies apart by spaces, then fields, "name: value" each. Whatever
// they are,
//   - a peer that is not trusted is the client, over http;
//   - the client is the peer or an address in its one form, which one of the fields names;
//   - what stands in front of an untrusted address changes nothing: the client cannot choose.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/base/text.h"
#include "server/http/forwarded.h"
#include "tests/fuzz/fuzz.h"

namespace tollgate::fuzz {
namespace {

std::vector<http::FieldView> take_fields(std::string_view& input) {
  std::vector<http::FieldView> fields;
  while (!input.empty()) {
    const std::string_view line = take_line(input);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view value = trim(line.substr(colon + 1));
    // As a head lets it through.
    if (http::is_field_value(value)) fields.push_back({line.substr(0, colon), value});
  }
  return fields;
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string peer(take_line(input));
  std::vector<std::string> items;
  for (const std::string_view item : split(take_line(input), ' ')) items.emplace_back(item);
  const auto trusted = http::TrustedProxies::parse(items);
  if (!trusted) return;
  std::vector<http::FieldView> fields = take_fields(input);
  const auto found = http::origin_of(*trusted, peer, fields);
  if (!found) return require(trusted->trusts_peer(peer), "nobody else is looked at");
  const http::Origin& origin = *found;

  require(origin.scheme == "http" || origin.scheme == "https", "one scheme of two", origin.scheme);
  if (!trusted->trusts_peer(peer))
    return require(origin.address == peer && origin.scheme == "http", "nobody else is believed");
  if (origin.address == peer) return;
  const auto address = parse_ip(origin.address);
  require(address && to_string(*address) == origin.address, "an address", origin.address);
  if (trusted->trusts(*address)) return;
  // What the client writes itself stands at the very front.
  std::string longer = "198.51.100.66, ";
  const auto first = std::ranges::find_if(
      fields, [](const auto& field) { return iequals(field.name, "x-forwarded-for"); });
  if (first == fields.end()) return;
  longer += first->value;
  first->value = longer;
  const auto again = http::origin_of(*trusted, peer, fields);
  require(again && again->address == origin.address, "a client cannot choose its address",
          origin.address);
}

}  // namespace tollgate::fuzz

// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/vary.h"

#include <string>

#include "server/base/text.h"

namespace tollgate::middleware {

void add_vary(http::Response& response, std::string_view name) {
  std::string all;
  for (const http::Field& field : response.fields()) {
    if (!iequals(field.name, "vary")) continue;
    if (http::list_contains(field.value, name) || http::list_contains(field.value, "*")) return;
    all.append(all.empty() ? "" : ", ").append(field.value);
  }
  all.append(all.empty() ? "" : ", ").append(name);
  response.set_header("Vary", std::move(all));
}

}  // namespace tollgate::middleware

// SPDX-License-Identifier: Apache-2.0
#include "server/config/validate.h"

#include "server/base/address.h"

namespace tollgate {
namespace {

using Violations = std::vector<Violation>;

void check_bind(const Config& config, Violations& out) {
  if (config.bind.empty()) out.push_back({"bind", "there is no address to listen on"});
  for (const std::string& text : config.bind)
    if (const auto address = parse_address(text); !address)
      out.push_back({"bind", address.error().message});
  for (std::size_t i = 0; i < config.bind.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (config.bind[i] == config.bind[j])
        out.push_back({"bind", '"' + config.bind[i] + "\" stands twice"});
}

void check_log(const Config& config, Violations& out) {
  if (config.errorlog.empty())
    out.push_back({"errorlog", "is empty; write \"-\" for standard error"});
}

void check_keys(const Config& config, Violations& out) {
  if (!config.signing_key.empty() && !config.signing_key_file.empty())
    out.push_back({"signing_key_file", "signing_key is set too; only one of them can be"});
}

void check_database(const Config& config, Violations& out) {
  constexpr std::string_view kScheme = "sqlite:";
  if (config.database.empty()) return;
  if (!config.database.starts_with(kScheme) || config.database.size() == kScheme.size())
    out.push_back({"database", "is not of the form sqlite:PATH"});
}

}  // namespace

std::vector<Violation> validate(const Config& config) {
  Violations out;
  check_bind(config, out);
  check_log(config, out);
  check_keys(config, out);
  check_database(config, out);
  return out;
}

}  // namespace tollgate

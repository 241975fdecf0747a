// SPDX-License-Identifier: Apache-2.0
#include "server/config/validate.h"

#include <algorithm>

#include "server/base/address.h"
#include "server/base/ip.h"
#include "server/config/static_mount.h"

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

void check_proxies(const Config& config, Violations& out) {
  for (const std::string& item : config.forwarded_allow_ips) {
    if (item == "*" || item == "unix") continue;
    if (const auto network = parse_network(item); !network)
      out.push_back({"forwarded_allow_ips", network.error().message});
  }
}

void check_log(const Config& config, Violations& out) {
  if (config.errorlog.empty())
    out.push_back({"errorlog", "is empty; write \"-\" for standard error"});
}

// A daemon has no standard streams.
void check_daemon(const Config& config, Violations& out) {
  if (!config.daemon) return;
  if (config.errorlog == "-")
    out.push_back({"errorlog", "a daemon has no standard error; name a file, or leave out daemon"});
  if (config.accesslog == "-")
    out.push_back({"accesslog", "a daemon has no standard output; name a file"});
}

void check_environment(const Config& config, Violations& out) {
  for (const std::string& variable : config.raw_env) {
    const std::string_view name = std::string_view(variable).substr(0, variable.find('='));
    // The value may be a secret: it is not shown.
    if (name.size() == variable.size() || name.empty())
      out.push_back({"raw_env", "is not of the form NAME=VALUE"});
    else if (name.starts_with("TOLLGATE_"))
      out.push_back({"raw_env", std::string(name) +
                                    ": names with TOLLGATE_ are the server's own settings; "
                                    "set it where the server is started"});
    else if (variable.find('\0') != std::string::npos)
      out.push_back({"raw_env", "holds a NUL"});
  }
}

void check_keys(const Config& config, Violations& out) {
  if (!config.signing_key.empty() && !config.signing_key_file.empty())
    out.push_back({"signing_key_file", "signing_key is set too; only one of them can be"});
  if (!config.verifying_key.empty() && !config.verifying_key_file.empty())
    out.push_back({"verifying_key_file", "verifying_key is set too; only one of them can be"});
  if (!config.keys_file.empty() &&
      !(config.signing_key.empty() && config.signing_key_file.empty() &&
        config.verifying_key.empty() && config.verifying_key_file.empty()))
    out.push_back({"keys_file", "another key is set too; put all keys into this file"});
  // It may be printed, and only a public key may be.
  if (config.verifying_key.find("PRIVATE KEY-----") != std::string::npos)
    out.push_back({"verifying_key", "is a private key; take its public half"});
  if (config.algorithm.empty()) out.push_back({"algorithm", "is empty; write \"HS256\""});
}

void check_jwks(const Config& config, Violations& out) {
  const std::string& path = config.jwks_endpoint;
  const auto is_odd = [](unsigned char c) {
    return c <= 0x20 || c >= 0x7F ||
           std::string_view("{}?#%").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!path.empty() && (!path.starts_with('/') || std::ranges::any_of(path, is_odd)))
    out.push_back({"jwks_endpoint", "is no path like /.well-known/jwks.json"});
}

// What would silently do nothing is an error, and so are two claims of one name.
void check_tokens(const Config& config, Violations& out) {
  if (config.blacklist_after_rotation && !config.token_blacklist)
    out.push_back({"blacklist_after_rotation", "needs token_blacklist = true"});
  constexpr std::string_view kTaken[] = {"token_type", "exp", "iat", "jti",
                                         "nbf",        "iss", "aud", "sub"};
  std::vector<std::string_view> names(std::begin(kTaken), std::end(kTaken));
  const std::pair<std::string_view, std::string_view> claims[] = {
      {"user_id_claim", config.user_id_claim},
      {"revoke_token_claim", config.revoke_token_claim},
      {"sliding_token_refresh_exp_claim", config.sliding_token_refresh_exp_claim}};
  for (const auto& [setting, name] : claims) {
    // sub is the one registered name that is made for a user's id (RFC 7519 4.1.2).
    const bool is_subject = setting == "user_id_claim" && name == "sub";
    if (name.empty())
      out.push_back({setting, "is empty"});
    else if (!is_subject && std::ranges::find(names, name) != names.end())
      out.push_back({setting, "\"" + std::string(name) + "\" is the name of another claim"});
    names.push_back(name);
  }
  if (config.user_id_claim == "sub" && config.user_id_type == UserIdType::Integer)
    out.push_back({"user_id_type", "sub is always a string (RFC 7519 4.1.2)"});
}

void check_database(const Config& config, Violations& out) {
  constexpr std::string_view kScheme = "sqlite:";
  if (config.database.empty()) return;
  if (!config.database.starts_with(kScheme) || config.database.size() == kScheme.size())
    out.push_back({"database", "is not of the form sqlite:PATH"});
}

void check_static_files(const Config& config, Violations& out) {
  std::vector<std::string> urls;
  for (const std::string& text : config.static_files) {
    const auto mount = parse_static_mount(text);
    if (!mount) {
      out.push_back({"static_files", mount.error().message});
      continue;
    }
    if (std::ranges::find(urls, mount->url) != urls.end())
      out.push_back({"static_files", '"' + mount->url + "\" stands for two directories"});
    urls.push_back(mount->url);
  }
  if (std::ranges::any_of(config.static_cache_control,
                          [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
    out.push_back({"static_cache_control", "holds a control character"});
}

}  // namespace

std::vector<Violation> validate(const Config& config) {
  Violations out;
  check_bind(config, out);
  check_proxies(config, out);
  check_log(config, out);
  check_daemon(config, out);
  check_environment(config, out);
  check_keys(config, out);
  check_jwks(config, out);
  check_tokens(config, out);
  check_database(config, out);
  check_static_files(config, out);
  return out;
}

std::vector<std::string> advice(const Config& config) {
  std::vector<std::string> out;
  if (config.reuse_port)
    out.emplace_back(
        "reuse_port is not needed and has no effect: all workers share one socket, and what is "
        "queued in a socket of its own would be lost with its worker");
  if (config.core_dumps)
    out.emplace_back(
        "core_dumps is on: a core file holds the keys of tokens; keep it from others and delete "
        "it");
  return out;
}

}  // namespace tollgate

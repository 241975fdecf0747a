// tollgate token: looks at a token, and checks one.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/commands/command.h"
#include "auth/crypto/base64url.h"
#include "auth/http/key_settings.h"
#include "auth/jwt/verifier.h"
#include "server/base/clock.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"

namespace tollgate::commands {
namespace {

using Json = nlohmann::ordered_json;

// From the argument, or from standard input, where it stays out of the process list.
std::string token_text(const std::string& argument) {
  std::string text = argument;
  if (text.empty() || text == "-") std::getline(std::cin, text);
  if (text.starts_with("Bearer ")) text.erase(0, 7);
  return std::string(trim(text));
}

Json decode_part(std::string_view part) {
  std::vector<uint8_t> bytes(part.size());
  const auto size = crypto::base64url_decode(part, bytes);
  if (!size) return Json(Json::value_t::discarded);
  bytes.resize(*size);
  return Json::parse(bytes, nullptr, /*allow_exceptions=*/false);
}

void print_part(const char* name, std::string_view part) {
  const Json json = decode_part(part);
  if (json.is_discarded()) {
    std::printf("%s: not JSON in base64url\n", name);
    return;
  }
  std::printf("%s: %s\n", name, json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  for (const char* claim : {"iat", "nbf", "exp"}) {
    const auto found = json.find(claim);
    if (found == json.end() || !found->is_number_integer()) continue;
    const auto second = found->get<std::time_t>();
    std::tm utc{};
    char text[40];
    if (gmtime_r(&second, &utc) != nullptr &&
        std::strftime(text, sizeof(text), "%F %T UTC", &utc) > 0)
      std::printf("%s is %s\n", claim, text);
  }
}

int inspect(const std::string& argument) {
  const std::string token = token_text(argument);
  const auto parts = split(token, '.');
  if (parts.size() != 3) return complain("a token has three parts with dots between"), kExitRuntime;
  print_part("header", parts[0]);
  print_part("payload", parts[1]);
  std::printf("signature: %zu characters, NOT verified (`tollgate token verify` does)\n",
              parts[2].size());
  return kExitOk;
}

Result<jwt::Verifier> make_verifier(const Config& config) {
  if (!auth::has_key(config))
    return fail(Errc::InvalidArgument,
                "with which key? Give --signing-key-file PATH, --verifying-key-file PATH or "
                "--keys-file PATH (or TOLLGATE_SIGNING_KEY)");
  TOLLGATE_TRY(keys, auth::load_keys(config));
  return jwt::Verifier::create(keys.ring);
}

int verify(const Inputs& inputs, const std::string& argument) {
  const auto loaded = load_or_explain(inputs);
  if (!loaded) return kExitConfiguration;
  auto verifier = make_verifier(loaded->config);
  if (!verifier) return complain(verifier.error().message), kExitConfiguration;
  const std::string token = token_text(argument);
  const jwt::Policy policy{.leeway = loaded->config.leeway, .user_id = jwt::UserIdRule::Ignored};
  const auto claims = verifier->verify(token, policy, SystemClock().wall());
  if (!claims) {
    std::printf("not valid: %s\n", std::string(jwt::message(claims.error())).c_str());
    return kExitRuntime;
  }
  std::printf("valid: %s\n", std::string(claims->json).c_str());
  return kExitOk;
}

}  // namespace

void add_token(Context& context) {
  CLI::App* token = context.app.add_subcommand("token", "Tokens: inspect, verify");
  token->require_subcommand(1);
  auto text = std::make_shared<std::string>();
  CLI::App* look = token->add_subcommand("inspect", "Show what a token says, without checking it");
  look->add_option("TOKEN", *text, "The token [standard input]");
  look->callback([&context, text] { context.chosen = [text] { return inspect(*text); }; });

  CLI::App* check = token->add_subcommand("verify", "Check signature and dates: exit code 0 or 1");
  auto inputs = add_settings_flags(
      *check, {"signing_key_file", "verifying_key", "verifying_key_file", "keys_file", "algorithm",
               "extra_algorithms", "leeway", "loglevel"});
  check->add_option("TOKEN", *text, "The token [standard input]");
  check->callback([&context, inputs, text] {
    context.chosen = [inputs, text] { return verify(*inputs, *text); };
  });
}

}  // namespace tollgate::commands

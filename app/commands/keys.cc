// tollgate keys: the keys that sign and verify tokens. Here are the command lines.
// SPDX-License-Identifier: Apache-2.0
#include "app/commands/keys_commands.h"

namespace tollgate::commands {
namespace {

struct Row {
  const char* name;
  const char* help;
  const char* example;
  std::vector<std::string> settings;  // that have flags
  bool takes_algorithm;
  int (*run)(const KeysOptions&);
};

const std::vector<std::string> kFileSettings = {"extra_algorithms", "loglevel"};
const std::vector<std::string> kLifetimes = {"extra_algorithms", "refresh_token_lifetime",
                                             "loglevel"};

const std::vector<Row>& rows() {
  static const std::vector<Row> kAll = {
      {"generate", "Make a file of keys with one that signs; without --file, an HMAC secret",
       "Example, a pair of which others need only the public half:\n"
       "  tollgate keys generate --algorithm ES256 --file keys.json\n"
       "  tollgate serve --keys-file keys.json\n"
       "A secret of 64 random bytes, as simplejwt's SIGNING_KEY:\n"
       "  tollgate keys generate --out signing.key",
       kFileSettings, true, keys_generate},
      {"import", "Add a key that was made elsewhere: PEM, a JSON Web Key, or a secret",
       "Examples: another issuer's public key, which verifies; the key of a server that moves\n"
       "here, which signs from now on; and the secret of signing_key_file:\n"
       "  tollgate keys import --file keys.json issuer.pem\n"
       "  tollgate keys import --file keys.json --sign old-server.pem\n"
       "  tollgate keys import --file keys.json --sign --algorithm HS256 signing.key",
       kLifetimes, true, keys_import},
      {"list", "Show the keys of a file, without any secret",
       "Example:\n  tollgate keys list --file keys.json --json", kFileSettings, false, keys_list},
      {"rotate", "Add a new key that signs; those there are only verify",
       "Example, and what follows when the tokens of the old key have expired:\n"
       "  tollgate keys rotate --file keys.json\n"
       "  tollgate keys list --file keys.json\n"
       "  tollgate keys retire --file keys.json OLD_KID\n"
       "A running server takes up the new file by itself.",
       kLifetimes, true, keys_rotate},
      {"retire", "Remove a key that does not sign",
       "Example; the beginning of a kid will do, if no other begins so, and -- goes before one\n"
       "that begins with a hyphen:\n"
       "  tollgate keys retire --file keys.json -- -x3f",
       kFileSettings, false, keys_retire},
      {"jwks",
       "Print the public keys as a JWK Set, for other services",
       "Example, for a service that cannot fetch /.well-known/jwks.json from the server:\n"
       "  tollgate keys jwks --file keys.json > public.json",
       {"signing_key_file", "verifying_key", "verifying_key_file", "keys_file", "algorithm",
        "extra_algorithms", "loglevel"},
       false,
       keys_jwks},
  };
  return kAll;
}

void add_own_options(CLI::App& command, const Row& row, KeysOptions& options) {
  const std::string_view name = row.name;
  CLI::Option* const file =
      command
          .add_option("--file", options.file,
                      name == "generate" ? "File of keys (a JWK Set), which must not exist"
                                         : "File of keys (a JWK Set) [the setting keys_file]")
          ->type_name("PATH");
  if (row.takes_algorithm)
    command
        .add_option("--algorithm", options.algorithm,
                    name == "rotate" ? "Of the new key [that of the key that signs now]"
                    : name == "import"
                        ? "What the key is for [as it says itself, or the usual one of its type]"
                        : "What the key is for: ES256, EdDSA, RS256, HS256, … [ES256 with --file]")
        ->type_name("NAME");
  if (name == "generate")
    command
        .add_option("--out", options.out,
                    "File of a secret, which must not exist [standard output]")
        ->type_name("PATH")
        ->excludes(file);
  if (name == "import") {
    command.add_option("KEY", options.key, "File that holds the key")->required();
    command.add_flag("--sign", options.sign, "Let it sign, and all others only verify");
  }
  if (name == "list") command.add_flag("--json", options.json, "As JSON, for programs");
  if (name == "retire")
    command.add_option("KID", options.kid, "Key, by its kid or the beginning of it")->required();
}

}  // namespace

void add_keys(Context& context) {
  CLI::App* keys = context.app.add_subcommand(
      "keys", "The keys of tokens: generate, import, list, rotate, retire, jwks");
  keys->require_subcommand(1);
  keys->footer("`tollgate keys COMMAND --help` has examples.");
  for (const Row& row : rows()) {
    CLI::App* command = keys->add_subcommand(row.name, row.help);
    command->footer(row.example);
    auto options = std::make_shared<KeysOptions>();
    options->inputs = add_settings_flags(*command, row.settings);
    add_own_options(*command, row, *options);
    command->callback([&context, options, run = row.run] {
      context.chosen = [options, run] { return run(*options); };
    });
  }
}

}  // namespace tollgate::commands

// SPDX-License-Identifier: Apache-2.0
#include "app/commands/run.h"

#include <cstdio>

#include "app/commands/command.h"
#include "app/commands/version.h"
#include "server/base/exit_code.h"

namespace tollgate::commands {

int run(int argc, char** argv, const ApplicationEntry& built_in) {
  CLI::App app("The prefork application server for JWT-protected APIs.", "tollgate");
  app.require_subcommand(1);
  app.set_version_flag("--version", "tollgate " + std::string(kVersion));
  app.footer(
      "`tollgate COMMAND --help` tells more; `tollgate settings` is the reference of all "
      "settings.");
  Context context{.app = app, .built_in = built_in, .arguments = {argv, argv + argc}};
  for (const auto add :
       {add_serve, add_dev, add_check, add_settings, add_users, add_keys, add_token})
    add(context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version come here too, with 0.
    return app.exit(error) == 0 ? kExitOk : kExitConfiguration;
  }
  return context.chosen();
}

}  // namespace tollgate::commands

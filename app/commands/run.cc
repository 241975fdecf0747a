// SPDX-License-Identifier: Apache-2.0
#include "app/commands/run.h"

#include <cstdio>

#include "app/commands/command.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/base/version.h"

namespace tollgate::commands {
namespace {

// "unknown option --bnd; did you mean --bind?", for the sub-command that was chosen.
std::string explain_extras(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  std::string text;
  for (const std::string& extra : app.remaining(/*recurse=*/true)) {
    std::string nearest;
    std::size_t distance = 3;  // further away is another word
    for (const CLI::App* command : chosen)
      for (const CLI::Option* option : command->get_options())
        for (const std::string& name : option->get_lnames())
          if (const std::size_t d = edit_distance("--" + name, extra.substr(0, extra.find('=')));
              d < distance) {
            distance = d;
            nearest = "; did you mean --" + name + "?";
          }
    text.append("tollgate: unexpected argument ").append(extra).append(nearest).append("\n");
  }
  return text;
}

}  // namespace

int run(int argc, char** argv, const ApplicationEntry& built_in) {
  CLI::App app("The prefork application server for JWT-protected APIs.", "tollgate");
  app.require_subcommand(1);
  app.set_version_flag("--version", "tollgate " + std::string(version()));
  app.footer(
      "`tollgate COMMAND --help` tells more; `tollgate settings` is the reference of all "
      "settings.");
  Context context{.app = app, .built_in = built_in, .arguments = {argv, argv + argc}};
  for (const auto add :
       {add_serve, add_dev, add_check, add_settings, add_users, add_keys, add_token, add_ctl})
    add(context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    std::fputs(explain_extras(app).c_str(), stderr);
    return kExitConfiguration;
  } catch (const CLI::RequiredError& error) {
    const auto named = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
    if (argc < 2 || argv[1][0] == '-' || !app.get_subcommands(named).empty())
      return app.exit(error), kExitConfiguration;
    complain("there is no command \"" + std::string(argv[1]) + "\"; `tollgate --help` lists them");
    return kExitConfiguration;
  } catch (const CLI::ParseError& error) {
    // --help and --version come here too, with 0.
    return app.exit(error) == 0 ? kExitOk : kExitConfiguration;
  }
  return context.chosen();
}

}  // namespace tollgate::commands

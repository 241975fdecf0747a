// tollgate settings: the reference of every setting; and --print-config.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/commands/command.h"
#include "server/base/exit_code.h"
#include "server/config/reference.h"

namespace tollgate::commands {

int print_settings(const Inputs& inputs) {
  const auto loaded = load_or_explain(inputs);
  if (!loaded) return kExitConfiguration;
  std::fputs(print_config(*loaded).c_str(), stdout);
  return kExitOk;
}

void add_settings(Context& context) {
  CLI::App* command =
      context.app.add_subcommand("settings", "The reference of every setting, as Markdown");
  command->callback([&context] {
    context.chosen = [] {
      std::fputs(reference().c_str(), stdout);
      return kExitOk;
    };
  });
}

}  // namespace tollgate::commands

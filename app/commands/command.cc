// SPDX-License-Identifier: Apache-2.0
#include "app/commands/command.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "app/commands/process_settings.h"
#include "server/config/reference.h"
#include "server/log/logging.h"

namespace tollgate::commands {
namespace {

void add_flag(CLI::App& command, const Option& option, const std::shared_ptr<Inputs>& inputs) {
  const std::string name(option.name);
  std::string help(summary(option));
  if (const std::string text = default_text(option); !text.empty()) help += " [" + text + "]";
  if (std::holds_alternative<bool Config::*>(option.field)) {
    // "--daemon", or "--daemon=false" against what the file says.
    command
        .add_flag_function(
            std::string(option.flags),
            [inputs, name](int64_t count) {
              inputs->flags.push_back({name, count > 0 ? "true" : "false"});
            },
            help)
        ->group(std::string(option.section));
    return;
  }
  CLI::Option* flag = command.add_option_function<std::vector<std::string>>(
      std::string(option.flags),
      [inputs, name](const std::vector<std::string>& values) {
        for (const std::string& value : values) inputs->flags.push_back({name, value});
      },
      help);
  // A scalar given twice: the last one counts, as the usual override in scripts. No flag takes
  // what comes behind its value: that is the application.
  flag->expected(1)
      ->allow_extra_args(false)
      ->type_name(std::string(option.value))
      ->group(std::string(option.section))
      ->multi_option_policy(is_list(option) ? CLI::MultiOptionPolicy::TakeAll
                                            : CLI::MultiOptionPolicy::TakeLast);
}

}  // namespace

std::shared_ptr<Inputs> add_settings_flags(CLI::App& command, std::vector<std::string> only) {
  auto inputs = std::make_shared<Inputs>();
  inputs->environment = copy_environment(environ);
  std::error_code gone;  // the directory may be: then there are absolute paths alone
  inputs->directory = std::filesystem::current_path(gone);
  command
      .add_option_function<std::string>(
          "-c,--config", [inputs](const std::string& path) { inputs->file = path; },
          "Configuration file (TOML) [./tollgate.toml, if it exists]")
      ->type_name("PATH");
  for (const Option& option : options()) {
    const bool wanted = only.empty() || std::ranges::find(only, option.name) != only.end();
    if (wanted && !option.flags.empty()) add_flag(command, option, inputs);
  }
  return inputs;
}

std::optional<Loaded> load_or_explain(const Inputs& inputs) {
  auto loaded = load(inputs);
  if (!loaded) {
    for (const std::string& error : loaded.error()) complain(error);
    return std::nullopt;
  }
  if (const Status applied = apply_process_settings(loaded->config); !applied) {
    complain(applied.error().message);
    return std::nullopt;
  }
  if (const Status configured = log::configure(loaded->config.errorlog, loaded->config.loglevel);
      !configured) {
    complain(configured.error().message);
    return std::nullopt;
  }
  for (const std::string& warning : loaded->warnings) log::warning("{}", warning);
  return *std::move(loaded);
}

void complain(const std::string& message) {
  std::fprintf(stderr, "tollgate: %s\n", message.c_str());
}

}  // namespace tollgate::commands

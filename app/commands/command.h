// What the sub-commands share: the settings of this invocation, and how errors are told.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/api/abi.h"
#include "server/base/result.h"
#include "server/config/loader.h"

namespace tollgate::commands {

// A sub-command adds itself to `app`; `chosen` is what runs, and gives the exit code.
struct Context {
  CLI::App& app;
  const ApplicationEntry& built_in;
  std::vector<std::string> arguments;  // as the process was started with, for a re-exec
  std::function<int()> chosen = {};
};

void add_serve(Context& context);
void add_dev(Context& context);
void add_check(Context& context);
void add_settings(Context& context);
void add_users(Context& context);
void add_keys(Context& context);
void add_token(Context& context);
void add_ctl(Context& context);

// Gives `command` a flag for each setting of the table (or for those of `only`, if
// it is not empty), and --config.
std::shared_ptr<Inputs> add_settings_flags(CLI::App& command, std::vector<std::string> only = {});

// Loads the settings and makes of this process what they say (process_settings.h); on errors
// prints each on standard error. Warnings are logged.
std::optional<Loaded> load_or_explain(const Inputs& inputs);

// --print-config; returns the exit code.
int print_settings(const Inputs& inputs);

// "tollgate: message" on standard error.
void complain(const std::string& message);

}  // namespace tollgate::commands

// tollgate check: would this configuration, with this application, start?
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "app/commands/application_loader.h"
#include "app/commands/command.h"
#include "app/commands/listening.h"
#include "app/commands/process_settings.h"
#include "server/base/address.h"
#include "server/base/exit_code.h"
#include "server/log/access_format.h"
#include "server/os/identity.h"
#include "server/os/listener.h"
#include "server/os/sealed_copy.h"

namespace tollgate::commands {
namespace {

// Everything that can be tried without listening; each thing is told.
int check(const Inputs& inputs, const std::string& argument, const ApplicationEntry& built_in) {
  const auto loaded = load_or_explain(inputs);
  if (!loaded) return kExitConfiguration;
  const std::string path = from_start(inputs, loaded->config, argument);
  for (const std::string& text : loaded->config.bind) {
    const auto address = parse_address(text);
    if (!address) return complain(address.error().message), kExitConfiguration;
  }
  if (const auto identity = os::resolve_identity(loaded->config); !identity)
    return complain(identity.error().message), kExitConfiguration;
  if (const auto access = os::resolve_socket_access(loaded->config); !access)
    return complain(access.error().message), kExitConfiguration;
  if (const auto format = log::AccessFormat::compile(loaded->config.access_log_format); !format)
    return complain(format.error().message), kExitConfiguration;
  std::printf("settings: fine%s%s\n", loaded->file.empty() ? "" : ", from ", loaded->file.c_str());

  const ApplicationEntry* entry = &built_in;
  UniqueFd copy;
  if (!path.empty()) {
    auto sealed = os::sealed_copy(path);
    if (!sealed) return complain(sealed.error().message), kExitApplication;
    copy = *std::move(sealed);
    const auto found = load_application(copy.get(), path);
    if (!found) return complain(found.error().message), kExitApplication;
    entry = *found;
  }
  const auto running = start_application(*entry, loaded->config);
  if (!running) return complain(running.error().message), running.error().exit_code;
  std::printf("application: fine, %s\n", path.empty() ? "the built-in demo" : path.c_str());
  return kExitOk;
}

}  // namespace

void add_check(Context& context) {
  CLI::App* command = context.app.add_subcommand(
      "check", "Would it start? Loads settings, keys, database and application, and ends");
  auto inputs = add_settings_flags(*command);
  auto application = std::make_shared<std::string>();
  command->add_option("APP", *application, "Application, a shared object [the built-in demo]");
  command->callback([&context, inputs, application] {
    context.chosen = [&context, inputs, application] {
      return check(*inputs, *application, context.built_in);
    };
  });
}

}  // namespace tollgate::commands

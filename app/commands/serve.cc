// tollgate serve: the production server, a master and its workers.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "app/commands/command.h"
#include "app/commands/listening.h"
#include "app/commands/worker_main.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/log/logging.h"
#include "server/master/predecessor.h"
#include "server/master/supervisor.h"
#include "server/os/process.h"
#include "server/os/program.h"

namespace tollgate::commands {
namespace {

Result<Config> read_config(const Inputs& inputs) {
  auto loaded = load(inputs);
  if (!loaded) return fail(Errc::InvalidArgument, join(loaded.error(), "; "));
  for (const std::string& warning : loaded->warnings) log::warning("{}", warning);
  return std::move(loaded->config);
}

constexpr std::string_view kSigningKey = "TOLLGATE_SIGNING_KEY";

bool is_variable(std::string_view variable, std::string_view name) {
  return variable.starts_with(name) && variable.substr(name.size()).starts_with('=');
}

// How to start the next master: as this one was, with the secret apart.
master::Relaunch relaunch_of(const Inputs& inputs, const std::vector<std::string>& arguments) {
  std::vector<std::string> environment;
  std::vector<std::string> secrets;
  for (const std::string& variable : inputs.environment) {
    if (is_variable(variable, kUpgradeVariable)) continue;
    (is_variable(variable, kSigningKey) ? secrets : environment).push_back(variable);
  }
  return {.program = os::program_as_started(arguments, std::move(environment)),
          .variables = std::move(secrets)};
}

// What an upgrade hands to this master; or the layout of the two differs.
Result<shm::Durable> make_durable(master::Predecessor* predecessor) {
  return predecessor != nullptr ? shm::Durable::adopt(predecessor->take_durable())
                                : shm::Durable::create();
}

// Takes the secret out of the environment, where /proc/PID/environ shows it and every program that
// an application starts inherits it. A reload has the copy in its inputs.
void forget_signing_key() {
  char* const value = std::getenv(kSigningKey.data());
  if (value == nullptr) return;
  explicit_bzero(value, std::strlen(value));
  unsetenv(kSigningKey.data());
}

// As load_or_explain() has told it; for another master's log.
std::string what_is_wrong(const Inputs& inputs) {
  const auto loaded = load(inputs);
  return loaded ? "its log cannot be opened" : join(loaded.error(), "; ");
}

int serve(Inputs inputs, const std::vector<std::string>& arguments, const std::string& application,
          const ApplicationEntry& built_in) {
  auto upgraded = master::Predecessor::from_environment();
  if (!upgraded) return complain(upgraded.error().message), kExitRuntime;
  master::Predecessor* const predecessor = *upgraded ? &**upgraded : nullptr;
  if (predecessor != nullptr)
    std::ranges::copy(predecessor->variables(), std::back_inserter(inputs.environment));
  const auto give_up = [predecessor](const std::string& why, int code) {
    if (predecessor != nullptr) predecessor->tell_failed(why);
    return code;
  };
  auto loaded = load_or_explain(inputs);
  if (!loaded) return give_up(what_is_wrong(inputs), kExitConfiguration);
  master::Relaunch relaunch = relaunch_of(inputs, arguments);
  forget_signing_key();
  auto listeners = open_listeners(loaded->config, predecessor);
  if (!listeners) {
    complain(listeners.error().message);
    return give_up(listeners.error().message, listeners.error().code == Errc::InvalidArgument
                                                  ? kExitConfiguration
                                                  : kExitBind);
  }
  // Each connection is a descriptor, and the soft limit is usually 1024.
  if (const auto raised = os::raise_descriptor_limit(); !raised)
    log::warning("{}", raised.error().message);
  auto scoreboard = shm::Scoreboard::create();
  if (!scoreboard) {
    complain(scoreboard.error().message);
    return give_up(scoreboard.error().message, kExitRuntime);
  }
  auto durable = make_durable(predecessor);
  if (!durable) {
    complain(durable.error().message);
    return give_up(durable.error().message, kExitRuntime);
  }
  master::Wiring wiring{
      .worker_main =
          [&](master::WorkerStart start) {
            return worker_main(std::move(start), *scoreboard, built_in, application);
          },
      .read_config = [&] { return read_config(inputs); },
      .application = application,
      .on_promoted =
          [](const Config& config) {
            if (const Status set = log::configure(config.errorlog, config.loglevel); !set)
              log::error("the error log stays where it was: {}", set.error().message);
          },
      .relaunch = std::move(relaunch),
      .predecessor = predecessor};
  master::Supervisor supervisor(loaded->config, *std::move(listeners), *scoreboard, *durable,
                                std::move(wiring));
  return supervisor.run();
}

}  // namespace

void add_serve(Context& context) {
  CLI::App* command = context.app.add_subcommand(
      "serve", "Production: a master that supervises worker processes on shared sockets");
  auto inputs = add_settings_flags(*command);
  auto application = std::make_shared<std::string>();
  command->add_option("APP", *application,
                      "Application to serve, a shared object [the built-in demo]");
  auto print = std::make_shared<bool>(false);
  command->add_flag("--print-config", *print,
                    "Print the settings, with where each came from, and end");
  command->callback([&context, inputs, application, print] {
    context.chosen = [&context, inputs, application, print] {
      if (*print) return print_settings(*inputs);
      return serve(*inputs, context.arguments, *application, context.built_in);
    };
  });
}

}  // namespace tollgate::commands

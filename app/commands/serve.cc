// tollgate serve: the production server, a master and its workers.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "app/commands/command.h"
#include "app/commands/process_settings.h"
#include "app/commands/signing_key.h"
#include "app/commands/worker_main.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/log/logging.h"
#include "server/master/predecessor.h"
#include "server/master/supervisor.h"
#include "server/os/daemon.h"
#include "server/os/identity.h"
#include "server/os/listeners.h"
#include "server/os/process.h"
#include "server/os/program.h"
#include "server/os/socket_activation.h"

namespace tollgate::commands {
namespace {

// Makes of `bind` what the sockets that systemd passed make of it.
Status resolve_bind(Loaded& loaded, const os::PassedSockets& passed) {
  const auto row = static_cast<std::size_t>(find_option("bind") - options().data());
  const bool is_set = loaded.sources[row].kind != Source::Kind::Default;
  TOLLGATE_TRY(bind, os::resolve_bind(loaded.config.bind, is_set, passed));
  loaded.config.bind = std::move(bind);
  return {};
}

Result<Config> read_config(const Inputs& inputs, const os::PassedSockets& passed) {
  auto loaded = load(inputs);
  if (!loaded) return fail(Errc::InvalidArgument, join(loaded.error(), "; "));
  for (const std::string& warning : loaded->warnings) log::warning("{}", warning);
  TOLLGATE_CHECK(resolve_bind(*loaded, passed));
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

master::WorkerTraits traits_of(const Config& config, std::optional<os::Identity> identity) {
  return {.identity = std::move(identity),
          .name = config.proc_name,
          .core_dumps = config.core_dumps,
          .in_background = config.daemon};
}

// What the master itself may use. Nothing of it is worth not serving.
void set_limits(const Config& config) {
  // Each connection is a descriptor, and the soft limit is usually 1024.
  if (const auto raised = os::raise_descriptor_limit(); !raised)
    log::warning("{}", raised.error().message);
  const auto cores = config.core_dumps ? os::CoreDumps::Allowed : os::CoreDumps::Off;
  if (const Status limited = os::limit_core_dumps(cores); !limited)
    log::warning("{}", limited.error().message);
}

// What is served, and where it came from.
struct Program {
  const Inputs& inputs;
  const std::string& application;
  const ApplicationEntry& built_in;
  const os::PassedSockets& passed;
  const master::Relaunch& relaunch;
  master::Predecessor* predecessor;  // nullptr: this master upgrades nobody
};

// Why this server does not start, for whoever started it.
int give_up(master::Predecessor* predecessor, const std::string& why, int code) {
  complain(why);
  if (predecessor != nullptr) predecessor->tell_failed(why);
  return code;
}

// From the sockets to the end of the server.
int run_server(Config config, const Program& program, master::WorkerTraits traits,
               std::optional<os::Daemon>& daemon) {
  master::Predecessor* const predecessor = program.predecessor;
  auto listeners = predecessor != nullptr
                       ? os::open_listeners(config, predecessor->listeners(), os::Adopt::No)
                       : os::open_listeners(config);
  if (!listeners)
    return give_up(
        predecessor, listeners.error().message,
        listeners.error().code == Errc::InvalidArgument ? kExitConfiguration : kExitBind);
  set_limits(config);
  auto scoreboard = shm::Scoreboard::create();
  if (!scoreboard) return give_up(predecessor, scoreboard.error().message, kExitRuntime);
  auto durable = make_durable(predecessor);
  if (!durable) return give_up(predecessor, durable.error().message, kExitRuntime);
  const auto on_ready = [&daemon](std::string_view) {
    log::echo_errors(false);
    if (!daemon) return;
    if (const Status silent = daemon->ready(); !silent) log::error("{}", silent.error().message);
  };
  const std::string application = from_start(program.inputs, config, program.application);
  master::Wiring wiring{
      .worker_main =
          [&](master::WorkerStart start) {
            return worker_main(std::move(start), *scoreboard, durable->rate_limits(),
                               program.built_in, application);
          },
      .read_config = [&] { return read_config(program.inputs, program.passed); },
      .application = application,
      .take_keys = seal_signing_key,
      .key_files = key_files,
      .join_keys = join_keys,
      .traits = std::move(traits),
      .on_promoted =
          [](const Config& promoted) {
            if (const Status set = log::configure(promoted.errorlog, promoted.loglevel); !set)
              log::error("the error log stays where it was: {}", set.error().message);
          },
      .on_ready = on_ready,
      .relaunch = program.relaunch,
      .predecessor = predecessor};
  master::Supervisor supervisor(std::move(config), *std::move(listeners), *scoreboard, *durable,
                                std::move(wiring));
  return supervisor.run();
}

// As load_or_explain() has told it; for another master's log.
std::string what_is_wrong(const Inputs& inputs) {
  const auto loaded = load(inputs);
  return loaded ? "its log cannot be opened" : join(loaded.error(), "; ");
}

// What systemd passed to this process, or to the first of those that upgraded each other.
Result<os::PassedSockets> passed_sockets(const master::Predecessor* predecessor) {
  return predecessor == nullptr ? os::take_passed_sockets()
                                : os::passed_to_another(predecessor->listeners());
}

int serve(Inputs inputs, const std::vector<std::string>& arguments, const std::string& application,
          const ApplicationEntry& built_in) {
  if (const Status filled = os::fill_standard_streams(); !filled)
    return complain(filled.error().message), kExitRuntime;
  auto upgraded = master::Predecessor::from_environment();
  if (!upgraded) return complain(upgraded.error().message), kExitRuntime;
  master::Predecessor* const predecessor = *upgraded ? &**upgraded : nullptr;
  if (predecessor != nullptr)
    std::ranges::copy(predecessor->variables(), std::back_inserter(inputs.environment));
  // Before a setting changes the directory.
  const master::Relaunch relaunch = relaunch_of(inputs, arguments);
  auto loaded = load_or_explain(inputs);
  if (!loaded) {
    if (predecessor != nullptr) predecessor->tell_failed(what_is_wrong(inputs));
    return kExitConfiguration;
  }
  forget_signing_key();
  // Before the process changes its number: the sockets are passed to this one.
  auto passed = passed_sockets(predecessor);
  if (!passed) return give_up(predecessor, passed.error().message, kExitConfiguration);
  if (const Status resolved = resolve_bind(*loaded, *passed); !resolved)
    return give_up(predecessor, resolved.error().message, kExitConfiguration);
  Config config = std::move(loaded->config);
  if (predecessor == nullptr) os::drop_unused(*passed, config.bind);
  auto identity = os::resolve_identity(config);
  if (!identity) return give_up(predecessor, identity.error().message, kExitConfiguration);
  std::optional<os::Daemon> daemon;
  // Who upgrades a daemon is its child, and in the background already.
  if (config.daemon && predecessor == nullptr) {
    auto started = os::Daemon::start();
    if (!started) return complain(started.error().message), kExitRuntime;
    daemon.emplace(*std::move(started));
    log::echo_errors(true);
  }
  // Else the command line stays, which says more than a name that nobody has given.
  if (!config.proc_name.empty()) os::set_title("tollgate master [" + config.proc_name + "]");
  master::WorkerTraits traits = traits_of(config, *std::move(identity));
  const Program program{inputs, application, built_in, *passed, relaunch, predecessor};
  const int code = run_server(std::move(config), program, std::move(traits), daemon);
  if (daemon) daemon->ended(code);
  return code;
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

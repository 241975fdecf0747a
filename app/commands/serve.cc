// tollgate serve: the production server, a master and its workers.
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <cstring>

#include "app/commands/command.h"
#include "app/commands/worker_main.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/log/logging.h"
#include "server/master/supervisor.h"
#include "server/os/listeners.h"
#include "server/os/process.h"
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

// Takes the secret out of the environment, where /proc/PID/environ shows it and every program that
// an application starts inherits it. A reload has the copy in its inputs.
void forget_signing_key() {
  constexpr const char* kVariable = "TOLLGATE_SIGNING_KEY";
  char* const value = std::getenv(kVariable);
  if (value == nullptr) return;
  explicit_bzero(value, std::strlen(value));
  unsetenv(kVariable);
}

int serve(const Inputs& inputs, const std::string& application, const ApplicationEntry& built_in) {
  auto loaded = load_or_explain(inputs);
  if (!loaded) return kExitConfiguration;
  forget_signing_key();
  auto passed = os::take_passed_sockets();
  if (!passed) return complain(passed.error().message), kExitConfiguration;
  if (const Status resolved = resolve_bind(*loaded, *passed); !resolved)
    return complain(resolved.error().message), kExitConfiguration;
  os::drop_unused(*passed, loaded->config.bind);
  auto listeners = os::open_listeners(loaded->config);
  if (!listeners) {
    complain(listeners.error().message);
    return listeners.error().code == Errc::InvalidArgument ? kExitConfiguration : kExitBind;
  }
  // Each connection is a descriptor, and the soft limit is usually 1024.
  if (const auto raised = os::raise_descriptor_limit(); !raised)
    log::warning("{}", raised.error().message);
  auto scoreboard = shm::Scoreboard::create();
  if (!scoreboard) {
    complain(scoreboard.error().message);
    return kExitRuntime;
  }
  master::Wiring wiring{
      .worker_main =
          [&](master::WorkerStart start) {
            return worker_main(std::move(start), *scoreboard, built_in, application);
          },
      .read_config = [&] { return read_config(inputs, *passed); },
      .application = application,
      .on_promoted =
          [](const Config& config) {
            if (const Status set = log::configure(config.errorlog, config.loglevel); !set)
              log::error("the error log stays where it was: {}", set.error().message);
          }};
  master::Supervisor supervisor(loaded->config, *std::move(listeners), *scoreboard,
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
      return serve(*inputs, *application, context.built_in);
    };
  });
}

}  // namespace tollgate::commands

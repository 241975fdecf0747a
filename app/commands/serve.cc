// tollgate serve: the production server, a master and its workers.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "app/commands/application_loader.h"
#include "app/commands/command.h"
#include "app/commands/listening.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/log/logging.h"
#include "server/master/supervisor.h"
#include "server/os/process.h"
#include "server/worker/worker.h"

namespace tollgate::commands {
namespace {

// Tells the master why this worker cannot start, so that it does not try again and again.
int give_up(os::Lifeline& lifeline, int code, const std::string& why) {
  const os::Report report{.kind = os::Report::Kind::Failed, .code = code, .text = why};
  if (const Status sent = lifeline.send(report); !sent) log::error("{}", why);
  return code;
}

// The life of a worker, in its own process.
int worker_main(master::WorkerStart start, shm::Scoreboard& scoreboard,
                const ApplicationEntry& built_in, const std::string& application_name) {
  // The settings of this worker's generation; the master's own may be those of another.
  if (const Status set = log::configure(start.config.errorlog, start.config.loglevel); !set)
    return give_up(start.lifeline, kExitConfiguration, set.error().message);
  const ApplicationEntry* entry = &built_in;
  if (start.application_fd >= 0) {
    const auto loaded = load_application(start.application_fd, application_name);
    if (!loaded) return give_up(start.lifeline, kExitApplication, loaded.error().message);
    entry = *loaded;
  }
  auto running = start_application(*entry, start.config);
  if (!running) return give_up(start.lifeline, running.error().exit_code, running.error().message);

  const SystemClock clock;
  auto listeners = take_listeners(start.listeners);
  if (!listeners) return give_up(start.lifeline, kExitWorkerBoot, listeners.error().message);
  auto worker = worker::Worker::create({.config = start.config,
                                        .listeners = *std::move(listeners),
                                        .scoreboard = scoreboard,
                                        .slot = start.slot,
                                        .lifeline = std::move(start.lifeline),
                                        .service = *running->service,
                                        .clock = clock});
  if (!worker) {
    log::error("a worker cannot start: {}", worker.error().message);
    return kExitWorkerBoot;
  }
  const int code = (*worker)->run();
  if ((*worker)->is_stuck()) {
    log::warning("a handler is still running: this worker ends without it");
    _exit(code);
  }
  return code;
}

Result<Config> read_config(const Inputs& inputs) {
  auto loaded = load(inputs);
  if (!loaded) return fail(Errc::InvalidArgument, join(loaded.error(), "; "));
  for (const std::string& warning : loaded->warnings) log::warning("{}", warning);
  return std::move(loaded->config);
}

int serve(const Inputs& inputs, const std::string& application, const ApplicationEntry& built_in) {
  auto loaded = load_or_explain(inputs);
  if (!loaded) return kExitConfiguration;
  auto listeners = open_listeners(loaded->config);
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
      .read_config = [&] { return read_config(inputs); },
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

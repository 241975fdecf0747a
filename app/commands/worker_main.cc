// SPDX-License-Identifier: Apache-2.0
#include "app/commands/worker_main.h"

#include <unistd.h>

#include "app/commands/application_loader.h"
#include "app/commands/listening.h"
#include "app/commands/signing_key.h"
#include "server/base/exit_code.h"
#include "server/log/logging.h"
#include "server/os/crash_handler.h"
#include "server/worker/worker.h"

namespace tollgate::commands {
namespace {

// Tells the master why this worker cannot start, so that it does not try again and again.
int give_up(os::Lifeline& lifeline, int code, const std::string& why) {
  const os::Report report{.kind = os::Report::Kind::Failed, .code = code, .text = why};
  if (const Status sent = lifeline.send(report); !sent) log::error("{}", why);
  return code;
}

}  // namespace

int worker_main(master::WorkerStart start, shm::Scoreboard& scoreboard, shm::RateLimits& limits,
                const ApplicationEntry& built_in, const std::string& application_name) {
  const os::CrashStack crash_stack;
  os::install_crash_handler(scoreboard.remains(start.slot).note);
  const auto config = with_signing_key(start.config, std::move(start.signing_key));
  if (!config) return give_up(start.lifeline, kExitWorkerBoot, config.error().message);
  const ApplicationEntry* entry = &built_in;
  if (start.application_fd >= 0) {
    const auto loaded = load_application(start.application_fd, application_name);
    if (!loaded) return give_up(start.lifeline, kExitApplication, loaded.error().message);
    entry = *loaded;
  }
  auto running = start_application(*entry, *config, &limits);
  if (!running) return give_up(start.lifeline, running.error().exit_code, running.error().message);

  Application& application = *running->application;
  if (const Status started = application.started(); !started)
    return give_up(start.lifeline, kExitWorkerBoot, started.error().message);

  const SystemClock clock;
  auto listeners = take_listeners(start.listeners);
  if (!listeners) return give_up(start.lifeline, kExitWorkerBoot, listeners.error().message);
  auto worker = worker::Worker::create(
      {.config = *config,
       .listeners = *std::move(listeners),
       .scoreboard = scoreboard,
       .slot = start.slot,
       .lifeline = std::move(start.lifeline),
       .service = *running->service,
       .clock = clock,
       .access_log = std::move(start.access_log),
       .on_ready = [&application] { application.ready(); },
       .on_keys = [&application](const UniqueFd& keys) { return use_keys(application, keys); }});
  if (!worker) {
    log::error("a worker cannot start: {}", worker.error().message);
    return kExitWorkerBoot;
  }
  const int code = (*worker)->run();
  if ((*worker)->is_stuck()) {
    log::warning("a handler is still running: this worker ends without it, and without its hooks");
    _exit(code);
  }
  application.stopping();
  return code;
}

}  // namespace tollgate::commands

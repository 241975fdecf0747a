// tollgate serve: the production server, a master and its workers.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "app/commands/application_loader.h"
#include "app/commands/command.h"
#include "app/commands/listening.h"
#include "server/base/exit_code.h"
#include "server/config/reference.h"
#include "server/log/logging.h"
#include "server/master/supervisor.h"
#include "server/worker/worker.h"

namespace tollgate::commands {
namespace {

// Tells the master why this worker cannot start; it does not try again and again.
int give_up(os::Lifeline& lifeline, int code, const std::string& why) {
  const os::Report report{.kind = os::Report::Kind::Failed, .code = code, .text = why};
  if (const Status sent = lifeline.send(report); !sent) log::error("{}", why);
  return code;
}

// The life of a worker, in its own process.
int worker_main(master::WorkerStart start, const ApplicationEntry& built_in,
                const std::string& application_name) {
  const ApplicationEntry* entry = &built_in;
  if (start.application_fd >= 0) {
    const auto loaded = load_application(start.application_fd, application_name);
    if (!loaded) return give_up(start.lifeline, kExitApplication, loaded.error().message);
    entry = *loaded;
  }
  return with_scoreboard(start, *entry);
}

}  // namespace

}  // namespace tollgate::commands

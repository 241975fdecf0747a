// tollgate dev: the development server, one process that runs one handler at a time.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "app/commands/application_loader.h"
#include "app/commands/command.h"
#include "app/commands/file_watch.h"
#include "app/commands/process_settings.h"
#include "auth/http/key_settings.h"
#include "auth/jwt/key.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/log/logging.h"
#include "server/os/crash_handler.h"
#include "server/os/listeners.h"
#include "server/os/sealed_copy.h"
#include "server/worker/worker.h"

namespace tollgate::commands {
namespace {

constexpr const char* kInheritFlag = "--inherit-fds";  // ours, for the re-exec: never typed

struct DevOptions {
  std::string application;
  std::string inherited;  // "5,6": listening sockets that the process before us left
};

// What a developer would have to set before the first look; said, not silent. In the environment
// it is found by the check of a new application, and by this server after its restart.
void fill_in_for_development(Config& config) {
  if (!auth::has_key(config)) {
    if (auto key = jwt::generate_key()) {
      config.signing_key = key->reveal();
      setenv("TOLLGATE_SIGNING_KEY", config.signing_key.c_str(), 1);
      log::info("signing_key is not set: tokens are signed with a key that ends with this server");
    }
  }
  if (config.database.empty()) {
    config.database = "sqlite:tollgate-dev.db";
    setenv("TOLLGATE_DATABASE", config.database.c_str(), 1);
    log::info(
        "database is not set: {} in this directory is used; add a user with "
        "`tollgate users add NAME --database {}`",
        config.database, config.database);
  }
}

Result<os::Listeners> open_or_inherit(Config config, const std::string& inherited) {
  if (!inherited.empty()) {
    config.bind.clear();
    for (const std::string_view fd : split(inherited, ','))
      config.bind.push_back("fd://" + std::string(fd));
  }
  return os::open_listeners(config);
}

std::string describe(const os::Listeners& listeners) {
  std::vector<std::string> addresses;
  for (const auto& listener : listeners) {
    const bool tcp = listener->address().kind != Address::Kind::Unix;
    addresses.push_back((tcp ? "http://" : "") + to_string(listener->address()));
  }
  return join(addresses, ", ");
}

// The command line of the same server with the sockets that it has, or of a check of it.
std::vector<std::string> command_line(const std::vector<std::string>& arguments,
                                      const std::string& command) {
  std::vector<std::string> line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == kInheritFlag)
      ++i;
    else
      line.push_back(i > 0 && arguments[i] == "dev" && line.size() == 1 ? command : arguments[i]);
  }
  return line;
}

// Becomes the same program anew, with the listening sockets kept. Returns only on failure.
int restart(const Context& context, const std::string& directory, const os::Listeners& listeners) {
  std::vector<std::string> fds;
  fds.reserve(listeners.size());
  for (const auto& listener : listeners) {
    fcntl(listener->fd(), F_SETFD, 0);
    fds.push_back(std::to_string(listener->fd()));
  }
  std::vector<std::string> line = command_line(context.arguments, "dev");
  // Where relative paths of the command line count from.
  if (!directory.empty() && chdir(directory.c_str()) != 0)
    return complain(from_errno("restarting: chdir " + directory, errno).message), kExitRuntime;
  // Behind "dev": what follows a "--" is no flag.
  line.insert(line.begin() + 2, {kInheritFlag, join(fds, ",")});
  std::vector<char*> argv;
  argv.reserve(line.size() + 1);
  for (std::string& word : line) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv("/proc/self/exe", argv.data());
  complain(from_errno("restarting: execv", errno).message);
  return kExitRuntime;
}

Result<const ApplicationEntry*> find_entry(const std::string& path,
                                           const ApplicationEntry& built_in) {
  if (path.empty()) return &built_in;
  TOLLGATE_TRY(copy, os::sealed_copy(path));
  return load_application(copy.get(), path);  // mapped: the descriptor may go
}

int dev(const Context& context, const Inputs& inputs, const DevOptions& options) {
  auto loaded = load_or_explain(inputs);
  if (!loaded) return kExitConfiguration;
  Config& config = loaded->config;
  fill_in_for_development(config);
  auto listeners = open_or_inherit(config, options.inherited);
  if (!listeners) return complain(listeners.error().message), kExitBind;
  const std::string path = from_start(inputs, config, options.application);
  const auto entry = find_entry(path, context.built_in);
  if (!entry) return complain(entry.error().message), kExitApplication;
  const auto running = start_application(**entry, config);
  if (!running) return complain(running.error().message), running.error().exit_code;
  if (const Status started = running->application->started(); !started)
    return complain(started.error().message), kExitWorkerBoot;
  auto scoreboard = shm::Scoreboard::create();
  if (!scoreboard) return complain(scoreboard.error().message), kExitRuntime;

  const SystemClock clock;
  scoreboard->claim(0, 1, clock.steady());
  const os::CrashStack crash_stack;
  os::install_crash_handler(scoreboard->remains(0).note, os::CrashEcho::StandardError);
  std::vector<UniqueFd> sockets;
  sockets.reserve(listeners->size());
  for (const auto& listener : *listeners)
    sockets.emplace_back(fcntl(listener->fd(), F_DUPFD_CLOEXEC, 0));
  auto worker = worker::Worker::create({.config = config,
                                        .listeners = std::move(sockets),
                                        .scoreboard = *scoreboard,
                                        .slot = 0,
                                        .service = *running->service,
                                        .clock = clock,
                                        .on_ready = [&] { running->application->ready(); }});
  if (!worker) return complain(worker.error().message), kExitRuntime;

  bool changed = false;
  std::unique_ptr<FileWatch> watch;
  if (!path.empty()) {
    watch = std::make_unique<FileWatch>(
        (*worker)->loop(), path, command_line(context.arguments, "check"), inputs.directory, [&] {
          changed = true;
          (*worker)->stop();
        });
  }
  log::info(
      "this is the development server: one process, one handler at a time, not for production");
  log::info("tollgate dev (pid {}) is ready: listening on {}; {}", getpid(), describe(*listeners),
            watch ? "restarts when " + path + " changes; Ctrl-C ends it" : "Ctrl-C ends it");
  const int code = (*worker)->run();
  running->application->stopping();
  const bool stuck = (*worker)->is_stuck();
  watch.reset();
  if (changed && stuck)
    return restart(context, inputs.directory, *listeners);  // which ends the threads
  if (stuck) _exit(code);
  worker->reset();
  return changed ? restart(context, inputs.directory, *listeners) : code;
}

}  // namespace

void add_dev(Context& context) {
  CLI::App* command = context.app.add_subcommand(
      "dev", "Development: one process, one handler at a time, restarts when APP changes");
  auto inputs = add_settings_flags(*command);
  auto options = std::make_shared<DevOptions>();
  command->add_option("APP", options->application,
                      "Application to serve, a shared object [the built-in demo]");
  command->add_option(kInheritFlag, options->inherited)->group("");
  command->callback([&context, inputs, options] {
    context.chosen = [&context, inputs, options] { return dev(context, *inputs, *options); };
  });
}

}  // namespace tollgate::commands

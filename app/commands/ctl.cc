// tollgate ctl: asks a running server, and tells it what to do.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands/command.h"
#include "app/commands/control_client.h"
#include "app/commands/control_text.h"
#include "server/base/exit_code.h"
#include "server/base/text.h"
#include "server/config/control_path.h"
#include "server/config/loader.h"

namespace tollgate::commands {
namespace {

// A question is answered at once, or the master is not at work.
constexpr milliseconds kAnswer = 10s;

struct CtlOptions {
  std::shared_ptr<Inputs> inputs;
  bool wait = false;
  bool json = false;
  std::string timeout = {};
  int slot = 0;
};

int tell_failure(const CtlOptions& options, const std::string& why) {
  if (options.json)
    std::printf("{\"ok\":false,\"error\":%s}\n", json_quote(why).c_str());
  else
    complain(why);
  return kExitRuntime;
}

// A server that answers but is not ready is a failure, so that `ctl status` is a probe.
int tell_answer(const CtlOptions& options, const std::string& answer) {
  const Json json = Json::parse(answer, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return tell_failure(options, "the server's answer is not understood");
  const bool done = json.value("ok", false);
  if (options.json)
    std::printf("%s\n", answer.c_str());
  else if (!done)
    complain(json.value("error", "the server gave no reason"));
  else
    std::fputs(to_text(json).c_str(), stdout);
  return done && json.value("ready", true) ? kExitOk : kExitRuntime;
}

// The setting, from where the server has it. The file is not read where flag or variable say it:
// a server must be reachable when its file has just been broken.
Checked<std::string> control_setting(const Inputs& inputs) {
  const auto row = static_cast<std::size_t>(find_option("control_socket") - options().data());
  auto loaded = merge(inputs, std::nullopt);
  if (loaded && loaded->sources[row].kind == Source::Kind::Default) loaded = load(inputs);
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  return std::move(loaded->config.control_socket);
}

int ask(const CtlOptions& options, const std::string& request) {
  const auto setting = control_setting(*options.inputs);
  if (!setting) {
    for (const std::string& error : setting.error()) complain(error);
    complain("where the server is, is then not known; --control-socket PATH names it");
    return kExitConfiguration;
  }
  if (setting->empty())
    return tell_failure(options, "the configuration says that the server has no control socket");
  auto patience = options.timeout.empty() ? milliseconds(options.wait ? 0ms : kAnswer)
                                          : parse_duration(options.timeout);
  if (!patience) return complain("--timeout: " + patience.error().message), kExitConfiguration;
  auto client =
      ControlClient::connect(control_candidates(*setting, RuntimeFolders::from_environment()));
  if (!client) return tell_failure(options, client.error().message);
  const auto answer = client->ask(request + (options.wait ? " wait" : ""), *patience);
  if (!answer) return tell_failure(options, answer.error().message);
  if (request != "stop" || !options.wait) return tell_answer(options, *answer);
  if (const Status ended = client->wait_for_end(*patience); !ended)
    return tell_failure(options, ended.error().message);
  return tell_answer(options, R"({"ok":true,"text":"the server has stopped"})");
}

struct Word {
  const char* name;
  const char* help;
  bool waits;
};
constexpr Word kWords[] = {
    {"status", "Show the server's state. Exit code 0 only if it is ready: usable as a probe",
     false},
    {"workers", "Show each worker", false},
    {"reload", "Read settings and application again, as HUP does", true},
    {"upgrade", "Hand over to the program that is on disk now, as USR2 does", true},
    {"stop", "Drain and end, as TERM does", true},
    {"retire", "Replace one worker: its replacement first", true},
};

void add_word(Context& context, CLI::App& ctl, const Word& word,
              const std::shared_ptr<CtlOptions>& options) {
  CLI::App* command = ctl.add_subcommand(word.name, word.help);
  command->fallthrough();  // to the options of ctl, which may stand before and behind the word
  command->footer("The options of `tollgate ctl --help` may be given here, too.");
  if (word.waits)
    command->add_flag("--wait", options->wait,
                      "Until the outcome is known, which the exit code is: 0 done, 1 failed");
  if (word.name == std::string_view("retire"))
    command->add_option("SLOT", options->slot, "The worker's slot, as `ctl workers` shows it")
        ->required()
        ->check(CLI::NonNegativeNumber);
  command->callback([&context, options, name = std::string(word.name)] {
    context.chosen = [options, name] {
      return ask(*options, name == "retire" ? name + ' ' + std::to_string(options->slot) : name);
    };
  });
}

}  // namespace

void add_ctl(Context& context) {
  CLI::App* ctl = context.app.add_subcommand(
      "ctl", "Asks a running server, or tells it: status, workers, reload, upgrade, stop, retire");
  ctl->require_subcommand(1);
  ctl->footer(
      "Exit codes: 0 done, 1 failed or refused (the text says why), 78 wrong usage or settings.");
  auto options = std::make_shared<CtlOptions>();
  options->inputs = add_settings_flags(*ctl, {"control_socket"});
  ctl->add_flag("--json", options->json, "Print the server's answer, one line of JSON");
  ctl->add_option("--timeout", options->timeout,
                  "How long to wait for an answer [10s; with --wait as long as it takes]")
      ->type_name("TIME");
  for (const Word& word : kWords) add_word(context, *ctl, word, options);
}

}  // namespace tollgate::commands

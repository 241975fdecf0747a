// The master's one loop: look, decide (plan.h), act, sleep until the next deadline.
//
// It never blocks and is never deaf: a reload, a drain and a shutdown are states
// of the plan, so that every signal is obeyed when it comes. What each signal
// does stands in supervisor_signals.cc, what a worker's report or end does in
// supervisor_workers.cc, what is learnt of a crash in supervisor_forensics.cc, a reload from HUP to
// its end in supervisor_reload.cc, other keys in supervisor_keys.cc, an upgrade from USR2 to its
// end in supervisor_upgrade.cc, what `tollgate ctl` wants in supervisor_control.cc, systemd in
// supervisor_systemd.cc. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/clock.h"
#include "server/config/config.h"
#include "server/master/control.h"
#include "server/master/control_protocol.h"
#include "server/master/generation.h"
#include "server/master/key_rotation.h"
#include "server/master/plan.h"
#include "server/master/post_mortem.h"
#include "server/master/predecessor.h"
#include "server/master/quarantine.h"
#include "server/master/respawn_policy.h"
#include "server/master/spawner.h"
#include "server/master/successor.h"
#include "server/master/worker_process.h"
#include "server/os/file_stamp.h"
#include "server/os/listeners.h"
#include "server/os/notify.h"
#include "server/os/pid_file.h"
#include "server/os/signals.h"
#include "server/shm/durable.h"
#include "server/shm/scoreboard.h"

namespace tollgate::master {

// What the master is given by who knows the application.
struct Wiring {
  WorkerMain worker_main;
  // Reads the whole configuration again, for HUP. An error keeps the old one.
  std::function<Result<Config>()> read_config;
  std::string application = {};  // the file that is copied for each generation; empty: none
  // Takes the keys of tokens out of the settings, or out of the files that they name, and gives a
  // sealed copy; invalid: none is set. An error fails the start or keeps the old ones.
  std::function<Result<UniqueFd>(Config& config)> take_keys = {};
  // The files that take_keys() reads, and could read again; before it has taken the secret.
  std::function<std::vector<std::string>(const Config& config)> key_files = {};
  KeyRotation::Join join_keys = {};
  WorkerTraits traits = {};
  // Called with the settings of a generation that has become the current one.
  std::function<void(const Config& config)> on_promoted = {};
  // Called with the line that the log gets when the first full set of workers serves.
  std::function<void(std::string_view line)> on_ready = {};
  Relaunch relaunch = {};              // for USR2
  Predecessor* predecessor = nullptr;  // the master that this one upgrades; outlives this one
};

// What somebody may be waiting for over the control socket.
enum class Task : uint8_t { Reload, Upgrade, Retire };

class Supervisor {
 public:
  // More workers than this leave no slots for those that replace them in a reload.
  static constexpr int kMaxWorkers = shm::Scoreboard::kMaxWorkers / 2;

  // `scoreboard` and `durable` outlive the supervisor. Nothing happens before run().
  Supervisor(Config config, os::Listeners listeners, shm::Scoreboard& scoreboard,
             shm::Durable& durable, Wiring wiring);

  // Until told to stop; returns the exit code. Forks: the process has one thread.
  // Workers never return from it.
  int run();

  // The routes that are answered 503 now, and until when.
  const Quarantine& quarantine() const { return quarantine_; }

 private:
  static int worker_count(const Config& config);  // "0: one per CPU" resolved, and bounded
  Status start();
  Status copy_application(Generation& generation) const;
  Result<UniqueFd> open_files(Generation& generation) const;
  bool is_over() const;
  void look();
  void decide_and_act();
  void sleep();
  int finish();
  SteadyTime now() const { return clock_.steady(); }
  bool is_ending() const { return target_.mode == Mode::Stop || target_.mode == Mode::Quit; }
  std::vector<WorkerView> views() const;

  // supervisor_signals.cc
  void on_signal(const os::Signal& signal);
  void stop(const std::string& who);
  void quit(const std::string& who);
  void resize(int workers, std::string_view why);
  void reopen_logs();

  // supervisor_reload.cc
  void reload();
  Status try_new_generation();
  void promote_candidate();
  os::Listeners all_listeners() const;
  void close_listeners();
  void abandon_candidate(const std::string& why);
  void note_end_of_reload();

  // supervisor_keys.cc
  Status want_keys(UniqueFd keys, std::optional<uint32_t> generation = {});
  std::vector<std::string> key_files_of(const Config& config) const;
  void look_at_key_files();
  void read_key_files();
  void mind_keys();

  // supervisor_upgrade.cc; what upgrade() returns is only whether it has begun.
  Status upgrade();
  void conclude_upgrade(const std::string& failure);  // empty: there is none
  std::string_view why_no_upgrade() const;            // empty: nothing is against it
  void call_off_upgrade();
  void mind_upgrade();
  void hear(const os::Packet& packet, bool dead);
  void step_upgrade(UpgradeEvent event);
  std::string why_sent_away(UpgradeEvent event) const;
  void send_away(int number);
  void forward_reopen();
  void hand_over();
  void serve_again();
  void settle_upgrade();
  Status own_pid_file(const std::string& path);
  Status start_pid_file();
  void mind_predecessor();
  void take_over(Predecessor::State state);
  void begin_to_speak();

  // supervisor_workers.cc
  void spawn(const Action& action);
  void leave_in_child(uint32_t own_generation);
  void read_reports(WorkerProcess& worker);
  void on_exit(const WorkerProcess& worker, const Exit& exit);
  void on_unasked_death(const WorkerProcess& worker, const Exit& exit);
  void judge_death(std::optional<int> exit_code);
  void count_end(const WorkerProcess& worker);
  void reap_strangers();
  void announce_readiness();
  std::string status() const;  // one line for `systemctl status`

  // supervisor_forensics.cc
  void examine_remains(const WorkerProcess& worker, const Exit& exit);
  void log_death(const Death& death, const shm::Remains& remains);
  void blame(const shm::InFlightEntry& guilty);
  void end_quarantines();
  void lift_quarantine();

  // supervisor_control.cc
  void open_control(pid_t predecessor = 0);
  void serve_control();
  void obey(const ControlServer::Line& line);
  void begin(const ControlRequest& request, const ControlServer::Line& line);
  void retire(const ControlRequest& request, const ControlServer::Line& line);
  // The end of a task: an empty `failure` means that it is done. A reload that is done has done
  // what those before it wanted, too; one that failed has failed alone.
  void conclude(Task task, const std::string& failure, uint32_t generation = 0);
  void tell_waiting(Task task, const std::string& failure, uint32_t generation);
  int serving() const;
  bool is_reloading() const { return rolling_ || target_.candidate; }
  shm::ServerState state() const;
  ServerReport server_report() const;
  std::vector<WorkerReport> worker_reports() const;

  // supervisor_systemd.cc
  void tell_systemd();
  // As soon as a quorum serves: a reload is over, or another master speaks.
  void say_ready_again() { told_ready_ = false; }
  void feed_watchdog();

  // The files of the current generation's keys.
  struct KeyFiles {
    std::vector<os::FileStamp> read;  // when they were last read
    std::vector<os::FileStamp> seen;  // at the last look
    SteadyTime next_look = {};
  };

  // Somebody who waits for the end of a task.
  struct Waiter {
    uint64_t client;
    Task task;
    uint32_t generation = 0;  // of a Reload
    pid_t pid = 0;            // of a Retire
  };
  struct LastReload {
    uint32_t generation = 0;  // 0: there was none
    std::string failure = {};
  };

  shm::Scoreboard& scoreboard_;
  shm::Durable& durable_;
  Wiring wiring_;
  SystemClock clock_;
  Spawner spawner_;
  const std::string pidfile_;                   // as it was at the start
  std::map<uint32_t, Generation> generations_;  // by number; those that a worker is of, or may be
  KeyRotation keys_;
  KeyFiles key_files_;
  std::vector<WorkerProcess> workers_;     // alive, or dead and not reaped
  std::map<int, std::string> last_words_;  // by slot: why a worker says it cannot start
  Target target_;
  RespawnPolicy respawn_;
  Quarantine quarantine_;
  PostMortemBudget post_mortems_;
  os::Notifier notify_;
  std::optional<os::Signals> signals_;
  std::optional<os::PidFile> pid_file_;
  std::optional<ControlServer> control_;
  std::vector<Waiter> waiters_;
  Predecessor* predecessor_;  // until it has told systemd of this one, or is gone
  bool took_over_ = false;    // from it, what only one can own
  Upgrade upgrade_;
  SteadyTime started_ = {};
  std::optional<milliseconds> watchdog_;  // systemd's interval
  SteadyTime next_ping_ = {};             // of the watchdog
  std::optional<std::string> told_;       // the last STATUS
  bool told_ready_ = false;               // to systemd: a quorum serves
  SteadyTime awake_ = {};                 // when the loop last woke
  uint32_t newest_generation_ = 1;
  bool was_ready_ = false;  // the first full set served
  LastReload last_reload_;
  bool rolling_ = false;  // a candidate was promoted, and workers of before it are left
  int exit_code_ = 0;
};

}  // namespace tollgate::master

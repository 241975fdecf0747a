// SPDX-License-Identifier: Apache-2.0
#include "server/master/control_protocol.h"

#include <algorithm>

#include "server/base/text.h"
#include "server/base/version.h"
#include "server/master/quorum.h"

namespace tollgate::master {
namespace {

struct Word {
  std::string_view name;
  Verb verb;
  bool takes_slot;
  bool takes_wait;
};
constexpr Word kWords[] = {
    {"status", Verb::Status, false, false}, {"workers", Verb::Workers, false, false},
    {"reload", Verb::Reload, false, true},  {"upgrade", Verb::Upgrade, false, true},
    {"stop", Verb::Stop, false, true},      {"retire", Verb::Retire, true, true},
};

constexpr std::string_view kServerStates[] = {"starting",  "ready",     "degraded",
                                              "reloading", "upgrading", "stopping"};
constexpr std::string_view kWorkerStates[] = {"starting", "serving", "draining", "ending",
                                              "killed"};

tl::unexpected<Error> bad_request(std::string_view why) {
  return fail(Errc::InvalidArgument,
              std::string(why) +
                  "; there is status, workers, reload, upgrade, stop and retire "
                  "SLOT, the last four with \"wait\"");
}

// One object, member by member.
class JsonObject {
 public:
  JsonObject& raw(std::string_view name, std::string_view value) {
    text_.append(text_.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(value);
    return *this;
  }
  JsonObject& string(std::string_view name, std::string_view value) {
    return raw(name, json_quote(value));
  }
  JsonObject& boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  template <class Number>
  JsonObject& number(std::string_view name, Number value) {
    return raw(name, std::to_string(value));
  }
  std::string finish() { return std::move(text_.append(1, '}')); }

 private:
  std::string text_ = "{";
};

template <class T>
uint64_t read(const std::atomic<T>& value) {
  return static_cast<uint64_t>(value.load(std::memory_order_relaxed));
}

int64_t milliseconds_since(SteadyTime then, SteadyTime now) {
  return std::max<int64_t>(0, std::chrono::duration_cast<milliseconds>(now - then).count());
}

// Why a worker ends, or will; nothing: it does not.
std::optional<Reason> reason_of(const WorkerView& view) {
  return view.state >= WorkerState::Draining ? view.retirement.reason : view.wants;
}

std::string worker_json(const WorkerReport& worker, SteadyTime now) {
  const auto reason = reason_of(worker.view);
  return JsonObject()
      .number("slot", worker.view.slot)
      .number("pid", worker.pid)
      .number("generation", worker.view.generation)
      .string("state", kWorkerStates[static_cast<std::size_t>(worker.view.state)])
      .number("age_seconds", milliseconds_since(worker.started, now) / 1000)
      .number("beat_age_ms", milliseconds_since(worker.view.beat, now))
      .number("connections", read(worker.slot->connections))
      .number("in_flight", read(worker.slot->in_flight))
      .number("requests", read(worker.slot->requests))
      .number("accepted", read(worker.slot->accepted))
      .number("wedged", read(worker.slot->wedged))
      .number("rss_kib", read(worker.slot->rss))
      .number("shed", read(worker.slot->shed))
      .number("timeouts", read(worker.slot->timeouts))
      .raw("reason", reason ? json_quote(to_string(*reason)) : "null")
      .finish();
}

}  // namespace

Result<ControlRequest> parse_control_request(std::string_view line) {
  std::vector<std::string_view> parts = split(line, ' ');
  const auto* const word = std::ranges::find(kWords, parts.front(), &Word::name);
  if (word == std::end(kWords)) return bad_request("no such request");
  ControlRequest request{.verb = word->verb};
  request.wait = word->takes_wait && parts.size() > 1 && parts.back() == "wait";
  if (request.wait) parts.pop_back();
  if (parts.size() != (word->takes_slot ? 2U : 1U))
    return bad_request(std::string(word->name) +
                       (word->takes_slot ? ": which slot?" : ": there is a word too many"));
  if (!word->takes_slot) return request;
  const auto slot = parse_uint(parts[1], shm::Scoreboard::kMaxWorkers - 1);
  if (!slot) return bad_request("retire: that is no slot");
  request.slot = static_cast<int>(*slot);
  return request;
}

std::string_view to_string(ServerState state) {
  return kServerStates[static_cast<std::size_t>(state)];
}

ServerState state_of(const ServerFacts& facts) {
  if (facts.mode != Mode::Run) return ServerState::Stopping;
  if (!facts.was_ready) return ServerState::Starting;
  if (facts.crash_loop) return ServerState::Degraded;
  if (facts.upgrading) return ServerState::Upgrading;  // one of the two masters serves
  if (facts.serving < quorum(facts.wanted)) return ServerState::Degraded;
  if (facts.reloading) return ServerState::Reloading;
  return ServerState::Ready;
}

bool is_ready(ServerState state) {
  return state == ServerState::Ready || state == ServerState::Reloading ||
         state == ServerState::Upgrading;
}

void Totals::add(const shm::Slot& slot, const shm::Tallies& counted) {
  requests += read(slot.requests);
  accepted += read(slot.accepted);
  shed += read(slot.shed);
  timeouts += read(slot.timeouts);
  for (std::size_t i = 0; i < shm::kTallies; ++i) tallies[i] += read(counted.counts[i]);
}

std::string tallies_json(const Totals& totals) {
  JsonObject object;
  for (std::size_t i = 0; i < shm::kTallies; ++i)
    object.number(to_string(static_cast<shm::Tally>(i)), totals.tallies[i]);
  return object.finish();
}

std::string to_json(const ServerReport& report) {
  std::vector<std::string> listeners;
  for (const std::string& listener : report.listeners) listeners.push_back(json_quote(listener));
  const std::string workers =
      JsonObject().number("wanted", report.wanted).number("serving", report.serving).finish();
  const std::string reload = JsonObject()
                                 .string("outcome", report.reload)
                                 .number("generation", report.reload_generation)
                                 .string("reason", report.reload_failure)
                                 .finish();
  const std::string keys =
      JsonObject().string("phase", report.keys).number("rotations", report.key_rotations).finish();
  const std::string totals = JsonObject()
                                 .number("requests", report.totals.requests)
                                 .number("accepted", report.totals.accepted)
                                 .number("connections", report.connections)
                                 .number("in_flight", report.in_flight)
                                 .number("shed", report.totals.shed)
                                 .number("timeouts", report.totals.timeouts)
                                 .finish();
  return JsonObject()
      .boolean("ok", true)
      .string("version", version())
      .number("pid", report.pid)
      .string("state", to_string(report.state))
      .boolean("ready", is_ready(report.state))
      .raw("workers", workers)
      .number("generation", report.generation)
      .raw("candidate", report.candidate ? std::to_string(*report.candidate) : "null")
      .raw("keys", keys)
      .number("uptime_seconds", report.uptime.count() / 1000)
      .raw("listeners", '[' + join(listeners, ",") + ']')
      .raw("last_reload", reload)
      .raw("totals", totals)
      .raw("tallies", tallies_json(report.totals))
      .finish();
}

std::string to_json(std::span<const WorkerReport> workers, SteadyTime now) {
  std::vector<std::string> all;
  for (const WorkerReport& worker : workers) all.push_back(worker_json(worker, now));
  return JsonObject().boolean("ok", true).raw("workers", '[' + join(all, ",") + ']').finish();
}

std::string done_json(std::string_view text) {
  return JsonObject().boolean("ok", true).string("text", text).finish();
}

std::string failed_json(std::string_view why) {
  return JsonObject().boolean("ok", false).string("error", why).finish();
}

}  // namespace tollgate::master

// SPDX-License-Identifier: Apache-2.0
#include "app/commands/control_text.h"

#include <algorithm>
#include <vector>

#include "server/base/text.h"

namespace tollgate::commands {
namespace {

// A member as text, wherever it is missing or null "-".
std::string member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (found == object.end() || found->is_null()) return "-";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

const Json& part(const Json& object, const char* name) {
  static const Json kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

std::string listeners_of(const Json& answer) {
  std::vector<std::string> all;
  for (const Json& each : part(answer, "listeners"))
    if (each.is_string()) all.push_back(each.get<std::string>());
  return all.empty() ? "-" : join(all, ", ");
}

// What struck at least once: "2 slow_heads, 1 large_bodies".
std::string tallies_of(const Json& answer) {
  std::vector<std::string> all;
  for (const auto& [name, count] : part(answer, "tallies").items())
    if (count.is_number_unsigned() && count != 0) all.push_back(count.dump() + " " + name);
  return join(all, ", ");
}

std::string status_text(const Json& answer) {
  const Json& workers = part(answer, "workers");
  const Json& reload = part(answer, "last_reload");
  const Json& totals = part(answer, "totals");
  const std::string outcome = member(reload, "outcome");
  std::string text = "tollgate " + member(answer, "version") + " (pid " + member(answer, "pid") +
                     ") is " + member(answer, "state") + "\n";
  text += "workers      " + member(workers, "serving") + " of " + member(workers, "wanted") +
          " serve, generation " + member(answer, "generation") + "\n";
  text += "listening    " + listeners_of(answer) + "\n";
  text += "uptime       " + member(answer, "uptime_seconds") + " s\n";
  text += "requests     " + member(totals, "requests") + " answered, " +
          member(totals, "in_flight") + " in flight, " + member(totals, "shed") + " shed, " +
          member(totals, "timeouts") + " timed out\n";
  text += "connections  " + member(totals, "connections") + " open, " + member(totals, "accepted") +
          " accepted\n";
  if (const std::string struck = tallies_of(answer); !struck.empty())
    text += "limits       " + struck + "\n";
  text += "last reload  " + outcome;
  if (outcome != "none") text += ", generation " + member(reload, "generation");
  if (outcome == "failed") text += ": " + member(reload, "reason");
  return text + "\n";
}

struct Column {
  const char* title;
  const char* member;
};
constexpr Column kColumns[] = {
    {"SLOT", "slot"},         {"PID", "pid"},
    {"GEN", "generation"},    {"STATE", "state"},
    {"AGE s", "age_seconds"}, {"BEAT ms", "beat_age_ms"},
    {"CONNS", "connections"}, {"IN FLIGHT", "in_flight"},
    {"REQUESTS", "requests"}, {"ACCEPTED", "accepted"},
    {"WEDGED", "wedged"},     {"RSS KiB", "rss_kib"},
    {"SHED", "shed"},         {"TIMEOUTS", "timeouts"},
    {"REASON", "reason"},
};

std::string workers_text(const Json& workers) {
  std::vector<std::vector<std::string>> rows(1);
  for (const Column& column : kColumns) rows.front().emplace_back(column.title);
  for (const Json& worker : workers) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const Column& column : kColumns) row.push_back(member(worker, column.member));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, other[i].size());
      line += row[i] + std::string(i + 1 < row.size() ? width - row[i].size() + 2 : 0, ' ');
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::string to_text(const Json& answer) {
  if (part(answer, "text").is_string()) return member(answer, "text") + "\n";
  if (part(answer, "workers").is_array()) return workers_text(part(answer, "workers"));
  return status_text(answer);
}

}  // namespace tollgate::commands

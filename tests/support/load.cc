// SPDX-License-Identifier: Apache-2.0
#include "tests/support/load.h"

#include <gtest/gtest.h>

#include <utility>

namespace tollgate::test {

Load::Load(const Address& address, Options options)
    : address_(address),
      options_(std::move(options)),
      reports_(static_cast<std::size_t>(options_.clients)) {
  for (int client = 0; client < options_.clients; ++client)
    threads_.emplace_back([this, client] { run(client); });
}

void Load::run(int client) {
  Report& report = reports_[static_cast<std::size_t>(client)];
  for (int connection = 0; !stopping_; ++connection)
    if (!one_connection(client, connection, report)) return;
}

// False: nobody listens any more.
bool Load::one_connection(int client, int connection, Report& report) {
  HttpClient http(address_);
  if (!http.connected() && options_.may_be_refused) return false;
  ++report.connections;
  Fields fields = {{"X-Connection", std::to_string(client) + "." + std::to_string(connection)}};
  if (!options_.keep_alive) fields.emplace_back("Connection", "close");
  const std::string bytes = request("GET", options_.target, fields);
  for (bool first = true; !stopping_; first = false) {
    http.send(bytes);
    const auto response = http.receive();
    if (!response) {
      report.failures.push_back({client, connection, response.error(), first});
      return true;
    }
    if (response->status == options_.status && response->body == options_.body) {
      ++report.answers;
      const std::lock_guard lock(mutex_);
      ++answers_;
      changed_.notify_all();
    } else {
      report.surprises.push_back(*response);
    }
    if (response->closes()) return true;
  }
  return true;
}

bool Load::wait_for_answers(uint64_t count, milliseconds patience) {
  std::unique_lock lock(mutex_);
  const uint64_t wanted = answers_ + count;
  return changed_.wait_until(lock, Deadline(patience).at(), [&] { return answers_ >= wanted; });
}

Load::Report Load::stop() {
  stopping_ = true;
  return join();
}

Load::Report Load::wait_until_refused() { return join(); }

Load::Report Load::join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  Report all;
  for (const Report& report : reports_) {
    all.answers += report.answers;
    all.connections += report.connections;
    all.failures.insert(all.failures.end(), report.failures.begin(), report.failures.end());
    all.surprises.insert(all.surprises.end(), report.surprises.begin(), report.surprises.end());
  }
  return all;
}

std::string Load::Report::text() const {
  std::string out =
      std::to_string(answers) + " answers on " + std::to_string(connections) + " connections\n";
  for (const Failure& failure : failures)
    out += "client " + std::to_string(failure.client) + ", connection " +
           std::to_string(failure.connection) + (failure.first_request ? ", first request" : "") +
           ": " + to_string(failure.how) + "\n";
  for (const HttpResponse& response : surprises)
    out += "unexpected: " + std::to_string(response.status) + " " + response.body + "\n";
  return out;
}

void expect_no_loss(const Load::Report& report) {
  EXPECT_GT(report.answers, 0U);
  EXPECT_TRUE(report.failures.empty()) << report.text();
  EXPECT_TRUE(report.surprises.empty()) << report.text();
}

}  // namespace tollgate::test

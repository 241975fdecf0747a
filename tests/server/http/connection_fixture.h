// A connection with all around it made by hand: a wire in memory, a service
// whose answers the test writes, a pool that works when told, a clock that
// moves when told. After each test nothing may be in flight.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/connection.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_stream.h"

namespace tollgate::http {

using tests::Wire;

// One route, to which all requests go. Without other words the gate passes, and the
// handler tells the request: "POST /path body".
class FakeService final : public Service {
 public:
  Route route{.pattern = "/", .gate = {}, .handler = {}};
  std::function<Verdict(Exchange&)> on_gate;
  std::function<std::optional<Response>(const Exchange&)> on_admit;
  std::function<Response(const Exchange&)> on_handle;
  std::function<void(Response&)> on_finish;
  std::vector<std::string> asked;  // the targets that the gate saw, in order

  Verdict gate(Exchange& exchange) override {
    asked.emplace_back(exchange.request.target);
    exchange.route = &route;
    return on_gate ? on_gate(exchange) : Verdict(Pass{});
  }
  std::optional<Response> admit(const Exchange& exchange) override {
    return on_admit ? on_admit(exchange) : std::nullopt;
  }
  Response handle(const Exchange& exchange) override {
    if (on_handle) return on_handle(exchange);
    const RequestParts& request = exchange.request;
    return text(std::string(request.method_text) + " " + std::string(request.path) + " " +
                std::string(request.body.view()));
  }
  bool finish(const Exchange&, Response& response) override {
    if (on_finish) on_finish(response);
    return on_finish != nullptr;
  }
};

class FakeHost final : public ConnectionHost {
 public:
  using Jobs = std::vector<std::unique_ptr<net::ThreadPool::Job>>;

  using ConnectionHost::ConnectionHost;

  shm::InFlight::Table table{};
  // How many requests are in flight, listed or not.
  struct Count : std::atomic<uint32_t> {
    bool operator==(int count) const { return static_cast<int>(load()) == count; }
  } in_flight_now{};
  shm::InFlight list{table, in_flight_now};
  std::map<uint64_t, std::unique_ptr<Connection>> connections;
  Jobs jobs;
  std::vector<RunsOn> submitted;
  Jobs look_ups;
  bool full = false;
  bool keeping_alive = true;
  bool is_draining = false;
  std::vector<uint64_t> rung;
  shm::Tallies tallies{};
  int wedged = 0;   // threads at work for clients that were told 504
  int dropped = 0;  // 504 before any thread was free
  std::vector<std::pair<int, std::size_t>> answers;  // status and size of the body

  RunsOn where(const Route& route) const override { return route.runs_on; }
  bool submit(RunsOn where, std::unique_ptr<net::ThreadPool::Job>& job) override {
    if (full) return false;
    submitted.push_back(where);
    jobs.push_back(std::move(job));
    return true;
  }
  void submit_pull(RunsOn where, std::unique_ptr<net::ThreadPool::Job> job) override {
    submitted.push_back(where);
    jobs.push_back(std::move(job));
  }
  bool submit_look_up(std::unique_ptr<net::ThreadPool::Job>& job) override {
    if (full) return false;
    look_ups.push_back(std::move(job));
    return true;
  }
  void ring(uint64_t connection_id) override { rung.push_back(connection_id); }
  Connection* find(uint64_t connection_id) override {
    const auto found = connections.find(connection_id);
    return found == connections.end() ? nullptr : found->second.get();
  }
  bool keeps_alive() const override { return keeping_alive; }
  bool draining() const override { return is_draining; }
  void timed_out(bool running) override { (running ? wedged : dropped) += 1; }
  void came_back() override { --wedged; }
  shm::InFlight& in_flight() override { return list; }
  void count(shm::Tally tally) override { tallies.add(tally); }
  void answered(const Exchange&, const Answer& answer) override {
    answers.emplace_back(answer.status, answer.body_bytes);
  }
  void closed(Connection& connection) override { connections.erase(connection.id()); }
};

inline constexpr Timeouts kTimeouts{
    .idle = 5s, .header = 10s, .body = 15s, .write = 30s, .linger = 2s};

class ConnectionFixture : public testing::Test {
 protected:
  explicit ConnectionFixture(const Limits& limits = {}, const Timeouts& timeouts = kTimeouts)
      : host_(limits, timeouts, service_, clock_) {
    connect(wire_);
  }

  // Whatever happened, all is given back when clients and jobs are gone.
  void TearDown() override {
    EXPECT_TRUE(host_.cork.empty());
    wire_.input_ended = wire_.broken = true;
    finish_jobs();
    host_.connections.clear();
    EXPECT_TRUE(wire_.closed);
    EXPECT_EQ(host_.in_flight_now, 0);
  }

  uint64_t connect(Wire& wire, Connection::First first = Connection::First::Fresh,
                   Connection::Read read = Connection::Read::WhenReady) {
    const uint64_t id = next_id_++;
    wires_[id] = &wire;
    auto connection = std::make_unique<Connection>(id, host_, "192.0.2.1");
    Connection& started = *connection;
    host_.connections.emplace(id, std::move(connection));
    started.start(std::make_unique<tests::MemoryStream>(wire), first, read);
    return id;
  }

  // What a poll would do, until there is nothing to tell.
  void run() {
    for (int events = 0; tell_one();) ASSERT_LT(++events, 100000) << "the connection spins";
  }

  void send(std::string_view bytes) {
    wire_.input += bytes;
    run();
  }

  // What the client has got since it last looked.
  std::string received() { return std::exchange(wire_.output, {}); }

  // The client takes `bytes` more of the answer.
  void take(std::size_t bytes) {
    wire_.room = bytes;
    run();
  }

  void finish_jobs() {
    while (!host_.jobs.empty() || !host_.look_ups.empty()) {
      for (auto& job : std::exchange(host_.look_ups, {})) finish(*job);
      for (auto& job : std::exchange(host_.jobs, {})) finish(*job);
    }
  }

  void pass_time(milliseconds duration) {
    clock_.advance(duration);
    host_.sweep(clock_.steady());
    run();
  }

  // One that was used has room for fields; a new one has none.
  void expect_given_back() { EXPECT_GT(host_.exchanges.take()->request.fields.capacity(), 0U); }

  bool open() const { return !wire_.closed; }
  // Half closed: the answer is out, and what the client still sends is thrown away.
  bool lingering() const { return open() && wire_.writing_ended; }

  tests::ManualClock clock_;
  FakeService service_;
  FakeHost host_;
  Wire wire_;

 private:
  void finish(net::ThreadPool::Job& job) {
    job.work();
    job.done();
    run();
  }

  bool tell_one() {
    for (const auto& [id, connection] : host_.connections) {
      const Wire& wire = *wires_.at(id);
      if (wire.wants_write && (wire.room > 0 || wire.broken)) {
        connection->on_writable();
        return true;
      }
      if (wire.wants_read && (!wire.input.empty() || wire.input_ended || wire.broken)) {
        connection->on_readable();
        return true;
      }
    }
    return false;
  }

  std::map<uint64_t, Wire*> wires_;
  uint64_t next_id_ = 1;
};

// An answer of the service without words, as it stands on the wire.
inline std::string answer(int status, std::string_view reason, std::string_view body,
                          std::string_view more = "",
                          std::string_view type = "text/plain; charset=utf-8") {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason);
  out += "\r\nServer: tollgate\r\nDate: Sun, 22 Nov 2026 16:52:38 GMT\r\nContent-Type: ";
  out.append(type).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  return out.append("\r\n").append(more).append("\r\n").append(body);
}
inline std::string ok(std::string_view body, std::string_view more = "") {
  return answer(200, "OK", body, more);
}
inline std::string problem(int status, std::string_view reason, std::string_view detail,
                           std::string_view more = "Connection: close\r\n") {
  return answer(status, reason, "{\"detail\":\"" + std::string(detail) + "\"}", more,
                "application/json");
}

}  // namespace tollgate::http

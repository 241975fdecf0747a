// Many clients that ask again and again until they are told to stop.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/base/address.h"
#include "tests/support/http_client.h"

namespace tollgate::test {

class Load {
 public:
  struct Failure {
    int client;
    int connection;  // the client's how manieth, from 0
    Broken how;
    bool first_request;  // of its connection: it may not have been accepted yet
  };
  struct Report {
    uint64_t answers = 0;  // as expected
    uint64_t connections = 0;
    std::vector<Failure> failures;        // no whole response
    std::vector<HttpResponse> surprises;  // a response that was not the expected one
    std::string text() const;             // of what went wrong
  };
  struct Options {
    int clients = 16;
    std::string target = "/plain";
    int status = 200;
    std::string body = "Hello, World!";
    bool keep_alive = true;  // false: a connection for each request
    // A client that finds nobody listening ends, and that is no failure: for a server that stops.
    bool may_be_refused = false;
  };

  // Each client keeps its connection until it is told that it is closed; then it makes another,
  // and names it in the field X-Connection, as "CLIENT.CONNECTION".
  Load(const Address& address, Options options);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { stop(); }

  // Waits until `count` more requests have been answered. False: not in time.
  bool wait_for_answers(uint64_t count, milliseconds patience = kPatience);

  // Lets each client finish what it has begun.
  Report stop();
  // The same without telling them: until all were refused.
  Report wait_until_refused();

 private:
  void run(int client);
  bool one_connection(int client, int connection, Report& report);
  Report join();

  const Address address_;
  const Options options_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // guards the next two
  std::condition_variable changed_;
  uint64_t answers_ = 0;
  std::vector<Report> reports_;  // one a client
  std::vector<std::thread> threads_;
};

// A test has failed that expected every request to be answered as it should.
void expect_no_loss(const Load::Report& report);

}  // namespace tollgate::test

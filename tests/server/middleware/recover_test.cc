// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/recover.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "server/log/logging.h"

namespace tollgate::middleware {
namespace {

using http::Request;
using http::Response;

const char* const kSecret = "password=hunter2";
const char* const kLogged = "std::runtime_error: password=hunter2";

// The log goes to a file of the test.
class RecoverTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "recover_test." + std::to_string(getpid()) + ".log";
    ASSERT_TRUE(log::configure(path_, LogLevel::Info));
    exchange_.request.id = 42;
    exchange_.request.method_text = "GET";
    exchange_.request.path = "/a";
  }
  void TearDown() override {
    ASSERT_TRUE(log::configure("-", LogLevel::Info));
    std::filesystem::remove(path_);
  }
  std::string logged() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // A 500 with an id that the log explains; of what was thrown, no word.
  void expect_failed(const Response& response, std::string_view explained) const {
    const std::string id = std::to_string(getpid()) + "-42";
    EXPECT_EQ(response.status(), 500);
    EXPECT_EQ(response.body(), R"({"detail":"Internal Server Error","error_id":")" + id + "\"}");
    EXPECT_NE(logged().find("GET /a failed (error id " + id + "): " + std::string(explained)),
              std::string::npos)
        << logged();
  }
  Request request() const { return Request(exchange_.request); }

  http::Exchange exchange_;

 private:
  std::string path_;
};

TEST_F(RecoverTest, WhatIsReturnedPassesThrough) {
  const http::Handler handler =
      recover(http::Handler([](const Request& r) { return http::text(std::string(r.path())); }));
  EXPECT_EQ(handler(request()).body(), "/a");
  EXPECT_EQ(logged(), "");
}

TEST_F(RecoverTest, AnExceptionIsA500WhoseTextIsInTheLogOnly) {
  const http::Handler handler =
      recover(http::Handler([](const Request&) -> Response { throw std::runtime_error(kSecret); }));
  expect_failed(handler(request()), kLogged);
}

TEST_F(RecoverTest, TheErrorIdIsTheRequestsIfItHasOne) {
  exchange_.request.request_id = "from-the-proxy";
  const http::Handler handler =
      recover(http::Handler([](const Request&) -> Response { throw std::runtime_error(kSecret); }));
  EXPECT_EQ(handler(request()).body(),
            R"({"detail":"Internal Server Error","error_id":"from-the-proxy"})");
  EXPECT_NE(logged().find("(error id from-the-proxy): "), std::string::npos) << logged();
}

TEST_F(RecoverTest, AnythingThatIsThrownIsA500) {
  const http::Handler handler = recover(http::Handler([](const Request&) -> Response { throw 7; }));
  expect_failed(handler(request()), "something that is not a std::exception was thrown");
}

TEST_F(RecoverTest, AGateThatThrowsIsA500) {
  const http::GateStep gate = recover(
      http::GateStep([](http::Exchange&) -> http::Verdict { throw std::runtime_error(kSecret); }));
  const http::Verdict verdict = gate(exchange_);
  ASSERT_TRUE(std::holds_alternative<Response>(verdict));
  expect_failed(std::get<Response>(verdict), kLogged);
}

TEST_F(RecoverTest, ALookUpThatThrowsIsA500) {
  const http::GateStep gate = recover(http::GateStep([](http::Exchange&) -> http::Verdict {
    return http::Pending{[]() -> http::Verdict { throw std::runtime_error(kSecret); }};
  }));
  const http::Verdict verdict = gate(exchange_);
  ASSERT_TRUE(std::holds_alternative<http::Pending>(verdict));
  const http::Verdict found = std::get<http::Pending>(verdict).look_up();
  ASSERT_TRUE(std::holds_alternative<Response>(found));
  expect_failed(std::get<Response>(found), kLogged);
}

TEST_F(RecoverTest, AGateThatPassesPasses) {
  const http::GateStep gate =
      recover(http::GateStep([](http::Exchange&) -> http::Verdict { return http::Pass{}; }));
  EXPECT_TRUE(std::holds_alternative<http::Pass>(gate(exchange_)));
}

TEST_F(RecoverTest, NoGateStaysNone) { EXPECT_FALSE(recover(http::GateStep{})); }

TEST_F(RecoverTest, AFinisherThatThrowsMakesTheResponseA500) {
  const http::Finisher finisher = recover(http::Finisher([](const Request&, Response& response) {
    response.set_header("X-Half", "done");
    throw std::runtime_error(kSecret);
  }));
  Response response = http::text("hello");
  finisher(request(), response);
  expect_failed(response, kLogged);
  EXPECT_EQ(response.header("x-half"), nullptr);
}

TEST_F(RecoverTest, AFinisherChangesTheResponse) {
  const http::Finisher finisher = recover(
      http::Finisher([](const Request&, Response& response) { response.set_header("X-A", "1"); }));
  Response response = http::text("hello");
  finisher(request(), response);
  EXPECT_EQ(response.body(), "hello");
  EXPECT_EQ(*response.header("x-a"), "1");
}

using RecoverDeathTest = RecoverTest;

TEST_F(RecoverDeathTest, WithoutMemoryTheWorkerEnds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const http::Handler handler =
      recover(http::Handler([](const Request&) -> Response { throw std::bad_alloc(); }));
  EXPECT_DEATH(handler(request()), "");
}

}  // namespace
}  // namespace tollgate::middleware

// Answers a request of one kept connection so many times: what scripts/instructions counts.
//
//   instructions plain|hs256|hs256_fresh TIMES
//
// hs256_fresh has another token each time, so that none is remembered.
//
// All of the server from the stream up, as the worker has it, without sockets, a loop and a moving
// clock, which are not the same twice.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/api/application.h"
#include "auth/jwt/key.h"
#include "auth/jwt/signer.h"
#include "auth/jwt/token_cache.h"
#include "server/http/connection.h"
#include "tests/support/manual_clock.h"

namespace tollgate {
namespace {

[[noreturn]] void die(std::string_view why) {
  std::cerr << "instructions: " << why << '\n';
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) die(result.error().message);
  return *std::move(result);
}

// The client: sends its requests in turn, and looks at the status of each answer.
class Client final : public net::Stream {
 public:
  struct Seen {
    uint64_t good = 0;
    uint64_t others = 0;
  };

  // Both outlive the stream.
  Client(const std::vector<std::string>& requests, Seen& seen) : requests_(requests), seen_(seen) {}

  void want(bool, bool) override {}
  net::IoResult read(std::span<char> into) override {
    const std::string& request = requests_[next_];
    next_ = next_ + 1 == requests_.size() ? 0 : next_ + 1;
    if (request.size() > into.size()) die("a request does not fit into a read");
    std::memcpy(into.data(), request.data(), request.size());
    return {net::IoResult::State::Done, request.size()};
  }
  net::IoResult write(std::span<const iovec> pieces, More) override {
    constexpr std::string_view kGood = "HTTP/1.1 200 ";
    const bool good =
        std::string_view(static_cast<const char*>(pieces[0].iov_base), pieces[0].iov_len)
            .starts_with(kGood);
    ++(good ? seen_.good : seen_.others);
    std::size_t bytes = 0;
    for (const iovec& piece : pieces) bytes += piece.iov_len;
    return {net::IoResult::State::Done, bytes};
  }
  net::IoResult send_file(int, uint64_t, std::size_t) override { die("no file was asked for"); }
  void shut_down_writing() override { die("the connection ends"); }
  void reset_on_close() override {}

 private:
  const std::vector<std::string>& requests_;
  std::size_t next_ = 0;
  Seen& seen_;
};

// What a worker is to its connections, without pools.
class Host final : public http::ConnectionHost {
 public:
  using ConnectionHost::ConnectionHost;

  http::RunsOn where(const http::Route& route) const override { return route.runs_on; }
  bool submit(http::RunsOn, std::unique_ptr<net::ThreadPool::Job>&) override { return false; }
  void submit_pull(http::RunsOn, std::unique_ptr<net::ThreadPool::Job>) override {}
  bool submit_look_up(std::unique_ptr<net::ThreadPool::Job>&) override { return false; }
  void ring(uint64_t) override {}
  http::Connection* find(uint64_t) override { return nullptr; }
  bool keeps_alive() const override { return true; }
  bool draining() const override { return false; }
  shm::InFlight& in_flight() override { return list_; }
  void timed_out(bool) override {}
  void came_back() override {}
  void count(shm::Tally) override {}
  void answered(const http::Exchange&, const http::Answer&) override {}
  void closed(http::Connection&) override { die("the connection was closed"); }

 private:
  shm::InFlight::Table table_{};
  std::atomic<uint32_t> in_flight_{};
  shm::InFlight list_{table_, in_flight_};
};

constexpr int64_t kDay = 86400;

// Tokens that differ in their user.
std::vector<std::string> tokens(const std::string& secret, int count) {
  const jwt::Algorithm& algorithm = *jwt::find_algorithm("HS256");
  const auto ring =
      must(jwt::KeyRing::of(must(jwt::Key::from_secret(crypto::SecretString(secret), algorithm))));
  const int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(SystemClock().wall().time_since_epoch())
          .count();
  jwt::Signer signer = must(jwt::Signer::create(ring));
  std::vector<std::string> signed_ones;
  for (int user = 1; user <= count; ++user)
    signed_ones.push_back(must(signer.sign({.type = jwt::TokenType::Access,
                                            .exp = now + kDay,
                                            .iat = now,
                                            .jti = "bcc0a850a7c24555bb5ea8723a53c21b",
                                            .rest = fmt::format(R"("user_id":"{}")", user)})));
  return signed_ones;
}

// With one token, or with so many that the cache has forgotten each before it comes again.
std::vector<std::string> requests(std::string_view name, const std::string& secret) {
  constexpr int kMany = 3 * static_cast<int>(jwt::TokenCache::kEntries);
  const std::string path = name == "plain" ? "/plain" : "/hs256";
  const std::string head = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (name == "plain") return {head + "\r\n"};
  std::vector<std::string> out;
  for (const std::string& token : tokens(secret, name == "hs256" ? 1 : kMany))
    out.push_back(head + "Authorization: Bearer " + token + "\r\n\r\n");
  return out;
}

void define(Application& app) {
  app.get("/plain", [] { return text("Hello, World!"); }).without_authentication();
  app.get("/hs256",
          [](const Request& r) {
            return http::json_text("{\"id\":" + std::to_string(r.identity().id) + ",\"ok\":true}");
          })
      .authenticate_with({stateless()});
}

int run(std::string_view name, unsigned long times) {
  Config config;
  config.signing_key = std::string(64, 'k');
  const std::vector<std::string> sent = requests(name, config.signing_key);

  Application app(config);
  define(app);
  http::Service& service = *must(app.build());
  const tests::ManualClock clock;
  Host host(http::Limits{}, http::Timeouts{}, service, clock);
  Client::Seen seen;
  http::Connection connection(1, host, "192.0.2.1");
  connection.start(std::make_unique<Client>(sent, seen));
  while (seen.good + seen.others < times) connection.on_readable();
  if (seen.others > 0) die("not every answer was 200");
  return 0;
}

}  // namespace
}  // namespace tollgate

int main(int argc, char** argv) {
  if (argc != 3) tollgate::die("usage: instructions plain|hs256|hs256_fresh TIMES");
  return tollgate::run(argv[1], std::strtoul(argv[2], nullptr, 10));
}

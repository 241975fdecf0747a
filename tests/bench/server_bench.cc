// What the parts of a request cost, from its bytes to the line in the log.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt/token_cache.h"
#include "server/config/config.h"
#include "server/http/parser.h"
#include "server/http/response_writer.h"
#include "server/log/access_log.h"
#include "server/routing/router.h"
#include "tests/bench/must.h"

namespace tollgate::bench {
namespace {

using http::Parser;

// As long as an access token usually is.
std::string token(int number) { return std::string(250, 'a') + std::to_string(number); }

std::string head_of(std::string_view fields) {
  return "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\n" + std::string(fields) + "\r\n";
}

void parser(benchmark::State& state, const std::string& head) {
  const http::Limits limits;
  Parser parser(limits);
  http::Exchange exchange;
  for (auto _ : state) {
    exchange.reset();
    parser.start(exchange);
    const Parser::Step at_head = parser.feed(head);
    const Parser::Step at_end = parser.feed(std::string_view(head).substr(at_head.consumed));
    if (at_end.outcome != Parser::Outcome::MessageEnd) state.SkipWithError("refused");
    benchmark::DoNotOptimize(exchange.request);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * head.size()));
}

std::string browser() {
  return head_of(
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
      "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
      "Referer: http://127.0.0.1/notes?page=2\r\nDNT: 1\r\nConnection: keep-alive\r\n"
      "Cookie: theme=dark; session=6b1c9a0c1fd04f1c8a1b5c3b0f6a1f2e\r\n"
      "Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n"
      "Sec-Fetch-Site: same-origin\r\nSec-Fetch-User: ?1\r\nPriority: u=0, i\r\n");
}

// Among so many routes, one with a parameter.
void router(benchmark::State& state) {
  routing::Router router({});
  for (int64_t i = 0; i < state.range(0); ++i)
    must(router.add({.pattern = "/route/" + std::to_string(i) + "/{id:int}",
                     .gate = {},
                     .handler = [](const http::Request&) { return http::Response(204); }}));
  const std::string path = "/route/" + std::to_string(state.range(0) / 2) + "/7";
  http::Exchange exchange;
  for (auto _ : state) {
    exchange.reset();
    exchange.request.method = http::Method::Get;
    exchange.request.method_text = "GET";
    exchange.request.target = exchange.request.path = path;
    benchmark::DoNotOptimize(router.gate(exchange));
    if (exchange.route == nullptr) state.SkipWithError("no route");
  }
}

// One of so many tokens that were verified before.
void token_cache(benchmark::State& state) {
  jwt::TokenCache cache = must(jwt::TokenCache::create());
  std::vector<std::string> tokens;
  for (int64_t i = 0; i < state.range(0); ++i) {
    tokens.push_back(token(static_cast<int>(i)));
    cache.add(cache.hash(tokens.back()), tokens.back(), 1, {}, false, jwt::TokenCache::When::Now);
  }
  std::size_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.find(cache.hash(tokens[turn]), tokens[turn], 1));
    turn = turn + 1 < tokens.size() ? turn + 1 : 0;
  }
}

void response_head(benchmark::State& state) {
  const http::Response response = http::text("Hello, World!");
  const http::Framing framing{.date = "Sun, 22 Nov 2026 16:52:38 GMT"};
  std::string out;
  for (auto _ : state) {
    out.clear();
    write_head(out, response, framing);
    benchmark::DoNotOptimize(out);
  }
}

// Into the buffer, and at each 64 KiB out of it, to /dev/null.
void access_log_line(benchmark::State& state) {
  log::AccessLog log(must(log::Output::open("/dev/null", -1)),
                     must(log::AccessFormat::compile(Config().access_log_format)));
  const log::AccessRecord record{.time = WallTime(std::chrono::seconds(1795366358)),
                                 .remote_address = "192.0.2.1",
                                 .method = "GET",
                                 .target = "/notes?page=2",
                                 .path = "/notes",
                                 .query = "page=2",
                                 .protocol = "HTTP/1.1",
                                 .status = 200,
                                 .bytes = 13};
  for (auto _ : state) log.append(record);
}

BENCHMARK_CAPTURE(parser, wrk, head_of(""));
BENCHMARK_CAPTURE(parser, bearer, head_of("Authorization: Bearer " + token(0) + "\r\n"));
BENCHMARK_CAPTURE(parser, browser, browser());
BENCHMARK(router)->Arg(1)->Arg(100)->Arg(10'000);
BENCHMARK(token_cache)->Arg(1)->Arg(1000);
BENCHMARK(response_head);
BENCHMARK(access_log_line);

}  // namespace
}  // namespace tollgate::bench

BENCHMARK_MAIN();

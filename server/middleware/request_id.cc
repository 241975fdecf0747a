// SPDX-License-Identifier: Apache-2.0
#include "server/middleware/request_id.h"

#include <fmt/format.h>

#include <random>

namespace tollgate::middleware {
namespace {

constexpr std::size_t kLongest = 64;

uint64_t random_bits() {
  std::random_device device;  // getrandom, or its like
  return (uint64_t{device()} << 32) | device();
}

}  // namespace

bool is_request_id(std::string_view text) {
  return text.size() <= kLongest && http::is_field_name(text);
}

RequestIds::RequestIds() : RequestIds(random_bits()) {}

std::string RequestIds::next() { return fmt::format("{:016x}-{:x}", random_, ++count_); }

void RequestIds::name(http::Exchange& exchange) {
  http::RequestParts& request = exchange.request;
  const auto given = http::find_field(request.fields, "x-request-id");
  request.request_id = given && is_request_id(*given) ? *given : exchange.arena.copy(next());
}

void RequestIds::echo(const http::Request& request, http::Response& response) {
  if (response.header("x-request-id") != nullptr) return;
  response.add_header("X-Request-ID",
                      request.request_id().empty() ? next() : std::string(request.request_id()));
}

}  // namespace tollgate::middleware

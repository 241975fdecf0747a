// SPDX-License-Identifier: Apache-2.0
#include "server/http/exchange.h"

#include "server/base/units.h"

namespace tollgate::http {

// Keeps the memory of the field list and of a small body.
void Exchange::reset() {
  listing.close();
  std::vector<FieldView> fields = std::move(request.fields);
  fields.clear();
  std::string body = std::move(request.body);
  body.clear();
  if (body.capacity() > (64_KiB).count) body = std::string();
  request = RequestParts{};
  request.fields = std::move(fields);
  request.body = std::move(body);
  arena.reset();
  route = nullptr;
  allow = nullptr;
}

std::unique_ptr<Exchange> ExchangePool::take() {
  std::unique_ptr<Exchange> exchange;
  if (free_.empty()) {
    exchange = std::make_unique<Exchange>();
  } else {
    exchange = std::move(free_.back());
    free_.pop_back();
  }
  exchange->request.id = next_id_++;
  return exchange;
}

void ExchangePool::give(std::unique_ptr<Exchange> exchange) {
  if (free_.size() >= kKept) return;
  exchange->reset();
  free_.push_back(std::move(exchange));
}

}  // namespace tollgate::http

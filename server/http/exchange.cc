// SPDX-License-Identifier: Apache-2.0
#include "server/http/exchange.h"

#include "server/http/push_channel.h"

namespace tollgate::http {

// Whoever else holds the channel: nobody is to ring at a connection that is gone.
Streaming::~Streaming() {
  if (auto* channel = std::get_if<std::shared_ptr<PushChannel>>(&source)) (*channel)->detach();
}

void Exchange::reset() {
  streaming.reset();  // first: it may look at what follows
  listing.close();
  request.reset();
  arena.reset();
  route = nullptr;
  asked = nullptr;
  allow = nullptr;
  work.store(Work::Queued, std::memory_order_relaxed);
  overdue = false;
}

void Exchange::stand_in_for(const Exchange& other, bool identity) {
  const RequestParts& from = other.request;
  request.id = from.id;
  request.method = from.method;
  request.method_text = from.method_text;
  request.target = from.target;
  request.path = from.path;
  request.query = from.query;
  request.version_minor = from.version_minor;
  request.remote_address = from.remote_address;
  request.scheme = from.scheme;
  request.fields = from.fields;
  if (identity) request.identity = from.identity;
  request.request_id = from.request_id;
  route = other.route;
  asked = other.asked;
  started = other.started;
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

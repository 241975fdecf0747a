// SPDX-License-Identifier: Apache-2.0
#include "server/http/listing.h"

#include "server/http/exchange.h"
#include "server/shm/in_flight.h"

namespace tollgate::http {

void Listing::open(shm::InFlight& list, const Exchange& exchange) {
  const RequestParts& request = exchange.request;
  list_ = &list;
  entry_ = &list.begin({.id = request.id,
                        .started = exchange.started,
                        .version_minor = request.version_minor,
                        .method = request.method_text,
                        .path = request.path,
                        .peer = request.remote_address});
}

void Listing::close() {
  if (entry_ == nullptr) return;
  list_->end(*entry_);
  entry_ = nullptr;
}

void Listing::note_route(uint64_t id, std::string_view pattern) {
  if (entry_ == nullptr) return;
  entry_->pattern.assign(pattern);
  entry_->route = id;
}

void Listing::note_user(std::string_view name) {
  if (entry_ != nullptr) entry_->user.assign(name);
}

}  // namespace tollgate::http

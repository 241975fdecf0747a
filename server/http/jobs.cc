// SPDX-License-Identifier: Apache-2.0
#include "server/http/jobs.h"

#include "server/http/connection.h"
#include "server/log/exception_text.h"

namespace tollgate::http {

bool ExchangeJob::begin() {
  Work queued = Work::Queued;
  return exchange_->work.compare_exchange_strong(queued, Work::Running);
}

Connection* ExchangeJob::connection() {
  const bool overdue = exchange_->overdue;
  if (overdue && exchange_->work == Work::Running) host_.came_back();
  Connection* const found = overdue ? nullptr : host_.find(connection_id_);
  if (found == nullptr) host_.exchanges.give(std::move(exchange_));
  return found;
}

void LookUpJob::work() {
  if (!begin()) return;
  const shm::WorkingOn crash_is_of(exchange().listing.entry());
  if (pending_.look_up) verdict_ = pending_.look_up();
}

void LookUpJob::done() {
  auto* const found = connection();
  if (found == nullptr) return;
  // Nobody passes for want of an answer.
  if (!verdict_) verdict_ = detail(500, "The look-up did not run.");
  if (std::holds_alternative<Pass>(*verdict_) && pending_.then) {
    const shm::WorkingOn crash_is_of(exchange().listing.entry());
    verdict_ = pending_.then();
  }
  found->on_looked_up(take_exchange(), *std::move(verdict_));
}

Pulled pull(const Exchange& exchange) {
  const shm::WorkingOn crash_is_of(exchange.listing.entry());
  // Whoever gave it: a handler, a gate step or a finisher.
  try {
    return std::get<Generator>(exchange.streaming->source)();
  } catch (...) {
    return fail(Errc::Internal, log::describe_exception());
  }
}

void PullJob::work() {
  if (begin()) pulled_ = pull(exchange());
}

void PullJob::done() {
  if (auto* found = connection()) found->on_pulled(take_exchange(), std::move(pulled_));
}

void HandlerJob::done() {
  if (auto* found = connection()) found->on_handled(take_exchange(), std::move(*response_));
}

}  // namespace tollgate::http

// The two kinds of work that take an exchange to a pool and bring it back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "server/http/connection_host.h"

namespace tollgate::http {

// Asks the generator of `exchange`, on this thread.
Pulled pull(const Exchange& exchange);

// Holds the exchange while a pool's thread works on it. The connection is
// looked up again afterwards: it may be gone.
class ExchangeJob : public net::ThreadPool::Job {
 public:
  ExchangeJob(ConnectionHost& host, uint64_t connection_id, std::unique_ptr<Exchange> exchange)
      : host_(host), connection_id_(connection_id), exchange_(std::move(exchange)) {}

  // For a job that no pool took.
  std::unique_ptr<Exchange> take_exchange() { return std::move(exchange_); }

 protected:
  // On the pool's thread: whether there is still something to do.
  bool begin();
  // The connection, or nullptr; then the exchange has gone back to its pool: the client has
  // left, or was told 504.
  Connection* connection();
  const Exchange& exchange() const { return *exchange_; }
  Service& service() const { return host_.service; }

 private:
  ConnectionHost& host_;
  const uint64_t connection_id_;
  std::unique_ptr<Exchange> exchange_;
};

class LookUpJob final : public ExchangeJob {
 public:
  LookUpJob(ConnectionHost& host, uint64_t connection_id, std::unique_ptr<Exchange> exchange,
            Pending pending)
      : ExchangeJob(host, connection_id, std::move(exchange)), pending_(std::move(pending)) {}
  void work() override;
  void done() override;

 private:
  Pending pending_;
  std::optional<Verdict> verdict_;
};

// Makes the next piece of a streamed body.
class PullJob final : public ExchangeJob {
 public:
  using ExchangeJob::ExchangeJob;
  void work() override;
  void done() override;

 private:
  Pulled pulled_;
};

class HandlerJob final : public ExchangeJob {
 public:
  using ExchangeJob::ExchangeJob;
  void work() override {
    if (begin()) response_ = service().handle(exchange());
  }
  void done() override;

 private:
  std::optional<Response> response_;
};

}  // namespace tollgate::http

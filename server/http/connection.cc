// SPDX-License-Identifier: Apache-2.0
#include "server/http/connection.h"

#include <array>
#include <cassert>

#include "server/base/text.h"
#include "server/http/jobs.h"
#include "server/http/response_writer.h"
#include "server/http/status.h"
#include "server/log/logging.h"

namespace tollgate::http {
namespace {

// A body up to this size is copied behind its head; a larger one is sent from where it is.
constexpr std::size_t kCorkLimit = std::size_t{64} << 10;
// How much a refused client may still send while it reads why (RFC 9112 9.6).
constexpr std::size_t kLingerLimit = std::size_t{256} << 10;

Response too_busy() {
  return detail(503, "Too many requests are waiting.").set_header("Retry-After", "1");
}

}  // namespace

Connection::Connection(uint64_t id, ConnectionHost& host, std::string remote_address)
    : id_(id), host_(host), remote_address_(std::move(remote_address)), parser_(host.limits) {}

Connection::~Connection() = default;

void Connection::start(std::unique_ptr<net::Stream> stream, First first) {
  stream_ = std::move(stream);
  first_ = first;
  host_.header.arm(deadline_, this, host_.clock.steady());
  stream_->want(true, false);
}

void Connection::on_readable() {
  if (life_ == Life::Lingering) return discard_input();
  // Back-pressure: nothing is read while a request is worked on.
  if (!can_parse()) return stream_->want(false, !unsent_.empty());
  const net::IoResult result = stream_->read(host_.read_buffer);
  switch (result.state) {
    case net::IoResult::State::Done:
      process({host_.read_buffer.data(), result.bytes});
      break;
    case net::IoResult::State::WouldBlock:
      return;
    case net::IoResult::State::Eof:     // between requests the usual end, within one a client
    case net::IoResult::State::Failed:  // that left: nobody is there to answer
      life_ = Life::Gone;
      break;
  }
  settle();
}

bool Connection::can_parse() const {
  const bool away = exchange_ == nullptr && request_ != State::Idle;
  return life_ == Life::Open && !away && unsent_.empty();
}

void Connection::process(std::string_view bytes) {
  while (!bytes.empty() && can_parse()) {
    if (request_ == State::Idle) begin_request();
    const Parser::Step step = parser_.feed(bytes);
    bytes.remove_prefix(step.consumed);
    switch (step.outcome) {
      case Parser::Outcome::NeedMore:
        if (request_ == State::Body) host_.body.arm(deadline_, this, host_.clock.steady());
        break;
      case Parser::Outcome::HeadEnd:
        on_head();
        break;
      case Parser::Outcome::MessageEnd:
        on_message();
        break;
      case Parser::Outcome::Failed:
        refuse(parser_.status(), parser_.reason());
        break;
    }
  }
  pending_.append(bytes);
}

void Connection::begin_request() {
  exchange_ = host_.exchanges.take();
  exchange_->started = host_.clock.steady();
  exchange_->request.remote_address = exchange_->arena.copy(remote_address_);
  parser_.start(*exchange_);
  host_.header.arm(deadline_, this, exchange_->started);
  move(request_, Event::FirstByte);
}

void Connection::on_head() {
  move(request_, Event::HeadEnd);
  deadline_.disarm();
  exchange_->listing.open(host_.in_flight(), *exchange_);
  // Its client has waited so long that it may have given up, and those behind it wait too.
  if (first_ == First::Stale) return answer_early(too_busy());
  take(host_.service.gate(*exchange_));
}

// Does what the gate said: before any of the body is read.
void Connection::take(Verdict verdict) {
  exchange_->listing.note_user(exchange_->request.identity.name);
  if (auto* pending = std::get_if<Pending>(&verdict)) {
    away_ = exchange_.get();
    std::unique_ptr<net::ThreadPool::Job> job =
        std::make_unique<LookUpJob>(host_, id_, std::move(exchange_), std::move(*pending));
    if (host_.submit_look_up(job)) return wait_for_job();
    take_back(static_cast<LookUpJob&>(*job).take_exchange());
    return answer_early(too_busy());
  }
  if (auto* response = std::get_if<Response>(&verdict)) return answer_early(std::move(*response));
  if (auto response = host_.service.admit(*exchange_)) return answer_early(std::move(*response));
  if (!parser_.expects_body()) {
    parser_.feed({});
    return on_message();
  }
  if (parser_.expects_continue()) host_.cork += kContinue;
  host_.body.arm(deadline_, this, host_.clock.steady());
}

// The connection lives on only if no body follows: what came next would be it.
void Connection::answer_early(Response response) {
  if (!parser_.expects_body()) {
    parser_.feed({});
    move(request_, Event::MessageEnd);
  }
  respond(std::move(response));
}

void Connection::on_message() {
  move(request_, Event::MessageEnd);
  deadline_.disarm();
  run_handler();
}

void Connection::run_handler() {
  const RunsOn where = host_.where(*exchange_->route);
  if (where == RunsOn::Loop) return respond(host_.service.handle(*exchange_));
  exchange_->work.store(Work::Queued, std::memory_order_relaxed);  // after a look-up
  away_ = exchange_.get();
  std::unique_ptr<net::ThreadPool::Job> job =
      std::make_unique<HandlerJob>(host_, id_, std::move(exchange_));
  if (host_.submit(where, job)) return wait_for_job();
  take_back(static_cast<HandlerJob&>(*job).take_exchange());
  respond(too_busy());
}

void Connection::wait_for_job() { host_.request.arm(deadline_, this, host_.clock.steady()); }

void Connection::take_back(std::unique_ptr<Exchange> exchange) {
  exchange_ = std::move(exchange);
  away_ = nullptr;
  deadline_.disarm();
}

// The job keeps the exchange for as long as it likes; a stand-in is answered.
void Connection::time_out() {
  Work queued = Work::Queued;
  const bool running = !away_->work.compare_exchange_strong(queued, Work::Abandoned);
  log::warning("{} {}: answered 504 after request_timeout; {}", away_->request.method_text,
               away_->request.path,
               running ? "its handler is still at work" : "no thread was free for it");
  host_.timed_out(running);
  away_->overdue = true;
  exchange_ = host_.exchanges.take();
  exchange_->stand_in_for(*away_, /*identity=*/request_ == State::Done);
  away_ = nullptr;
  respond(detail(504, "The request took too long."));
}

void Connection::on_looked_up(std::unique_ptr<Exchange> exchange, Verdict verdict) {
  take_back(std::move(exchange));
  take(std::move(verdict));
  settle();
}

void Connection::on_handled(std::unique_ptr<Exchange> exchange, Response response) {
  take_back(std::move(exchange));
  respond(std::move(response));
  settle();
}

void Connection::refuse(int status, std::string_view reason) {
  move(request_, Event::Failed);
  respond(detail(status, std::string(reason_phrase(status)).append(": ").append(reason)));
}

void Connection::respond(Response response) {
  host_.service.finish(*exchange_, response);
  const RequestParts& request = exchange_->request;
  if (!is_writable(response)) {
    log::error("{} {}: answered 500, since a status or field of its response cannot be sent",
               request.method_text, request.path);
    response = detail(500, reason_phrase(500));
  }
  const bool keep_alive = request_ == State::Done && first_ == First::Fresh &&
                          parser_.keep_alive() && host_.keeps_alive();
  const Framing framing{.version_minor = request.version_minor,
                        .head_request = request.method == Method::Head,
                        .keep_alive = keep_alive,
                        .date = host_.date.at(host_.clock.wall())};
  move(response_, Event::HeadSent);
  write_head(host_.cork, response, framing);
  const std::size_t body = body_follows(response, framing) ? response.body().size() : 0;
  host_.answered(*exchange_, {.status = response.status(),
                              .body_bytes = body,
                              .duration = host_.clock.steady() - exchange_->started,
                              .fields = response.fields()});
  if (body > kCorkLimit)
    send_large(std::move(response));
  else if (body > 0)
    host_.cork += response.body();
  // A client that asks for much and reads nothing must not fill our memory.
  if (host_.cork.size() > kCorkLimit) flush();
  // Sent, for the tables: the cork and unsent_ have it, in order.
  move(response_, Event::BodySent);
  host_.exchanges.give(std::move(exchange_));

  if (after(request_, response_, keep_alive) == State::Idle) {
    request_ = response_ = State::Idle;
    host_.idle.arm(deadline_, this, host_.clock.steady());
  } else {
    if (life_ == Life::Open) life_ = Life::Flushing;
  }
}

// The body leaves from where it is, behind what is corked.
void Connection::send_large(Response response) {
  std::string body = std::move(response).body();
  std::string& cork = host_.cork;
  std::size_t taken = 0;
  if (unsent_.empty()) {
    const std::array pieces = {iovec{cork.data(), cork.size()}, iovec{body.data(), body.size()}};
    const net::IoResult result = stream_->write(pieces);
    if (result.state == net::IoResult::State::Failed) life_ = Life::Gone;
    taken = result.bytes;
  }
  if (taken < cork.size()) {
    unsent_.append(cork, taken).append(body);
  } else if (taken < cork.size() + body.size()) {
    sent_ = taken - cork.size();
    unsent_ = std::move(body);
  }
  cork.clear();
}

// Hands the cork to the socket; what it does not take waits in unsent_.
void Connection::flush() {
  std::string& cork = host_.cork;
  if (cork.empty()) return;
  std::size_t taken = 0;
  if (unsent_.empty() && life_ != Life::Gone) {
    const iovec piece{cork.data(), cork.size()};
    const net::IoResult result = stream_->write({&piece, 1});
    if (result.state == net::IoResult::State::Failed) life_ = Life::Gone;
    taken = result.bytes;
  }
  if (taken < cork.size() && life_ != Life::Gone) unsent_.append(cork, taken);
  cork.clear();
}

void Connection::on_writable() {
  const iovec piece{unsent_.data() + sent_, unsent_.size() - sent_};
  const net::IoResult result = stream_->write({&piece, 1});
  if (result.state == net::IoResult::State::WouldBlock) return;
  if (result.state == net::IoResult::State::Failed) life_ = Life::Gone;
  sent_ += result.bytes;
  if (sent_ >= unsent_.size()) {
    unsent_ = std::string();
    sent_ = 0;
    wait_for_client();
  }
  settle();
}

// All is sent: the deadline for that gives way to the one that the state calls for.
void Connection::wait_for_client() {
  const SteadyTime now = host_.clock.steady();
  deadline_.disarm();
  if (exchange_ == nullptr && request_ == State::Idle) return host_.idle.arm(deadline_, this, now);
  if (exchange_ == nullptr) return host_.request.arm(deadline_, this, now);  // it is we who work
  (request_ == State::Body ? host_.body : host_.header).arm(deadline_, this, now);
}

// The end of every event: sends what there is, goes on with what was read
// meanwhile, and waits for the right thing. May destroy the connection.
void Connection::settle() {
  flush();
  while (life_ == Life::Open && !pending_.empty() && can_parse()) {
    const std::string bytes = std::exchange(pending_, {});
    process(bytes);
    flush();
  }
  if (life_ == Life::Gone) return host_.closed(*this);
  if (!unsent_.empty()) {
    host_.write.arm(deadline_, this, host_.clock.steady());
    return stream_->want(false, true);
  }
  if (life_ == Life::Flushing) return after_flush();
  stream_->want(true, false);
}

// Closing with unread input would make the kernel send a reset, which can
// destroy the answer on its way (RFC 9112 9.6). Only a client that itself asked
// for the end sends no more.
void Connection::after_flush() {
  if (request_ == State::Done && !parser_.keep_alive() && pending_.empty())
    return host_.closed(*this);
  stream_->shut_down_writing();
  life_ = Life::Lingering;
  pending_ = std::string();
  host_.linger.arm(deadline_, this, host_.clock.steady());
  stream_->want(true, false);
}

void Connection::discard_input() {
  const net::IoResult result = stream_->read(host_.read_buffer);
  if (result.state == net::IoResult::State::WouldBlock) return;
  lingered_ += result.bytes;
  if (result.state != net::IoResult::State::Done || lingered_ > kLingerLimit) host_.closed(*this);
}

void Connection::on_deadline() {
  const bool reading = life_ == Life::Open && unsent_.empty();
  if (reading && away_ != nullptr) {
    time_out();
    return settle();
  }
  if (reading && (request_ == State::Head || request_ == State::Body)) {
    refuse(408, "the request did not come in time");
    return settle();
  }
  host_.closed(*this);
}

void Connection::move(State& state, Event event) {
  const auto to =
      &state == &request_ ? next(kRequest, state, event) : next(kResponse, state, event);
  assert(to.has_value());
  if (to)
    state = *to;
  else
    life_ = Life::Gone;  // a bug of ours: this client pays, the others do not
}

}  // namespace tollgate::http

// SPDX-License-Identifier: Apache-2.0
#include "server/http/connection.h"

#include <cassert>
#include <utility>

#include "server/base/text.h"
#include "server/http/body_rules.h"
#include "server/http/jobs.h"
#include "server/http/response_writer.h"
#include "server/http/status.h"
#include "server/log/logging.h"

namespace tollgate::http {
namespace {

// How much a refused client may still send while it reads why (RFC 9112 9.6).
constexpr std::size_t kLingerLimit = std::size_t{4} << 20;
// How many requests of one connection are answered before the other connections have their turn:
// a read may bring thousands.
constexpr int kTurn = 64;
// How much is read behind a request whose answer is still being pushed.
constexpr std::size_t kReadAhead = std::size_t{64} << 10;

Response too_busy() {
  return detail(503, "Too many requests are waiting.").set_header("Retry-After", "1");
}

// RFC 9110 7.4: "https://…" asks for what only a secured connection, or a trusted proxy, may ask.
bool is_misdirected(const RequestParts& request) {
  constexpr std::string_view kSecure = "https://";
  return request.target.front() != '/' && request.scheme != "https" &&
         iequals(request.target.substr(0, kSecure.size()), kSecure);
}

// Of a request that the parser, or the size of its body, was the end of.
std::optional<shm::Tally> tally_of(int status) {
  switch (status) {
    case 400:
      return shm::Tally::BadRequests;
    case 413:
      return shm::Tally::LargeBodies;
    case 414:
      return shm::Tally::LongTargets;
    case 431:
      return shm::Tally::LargeHeads;
    case 503:
      return shm::Tally::NoTempFiles;
    default:
      return std::nullopt;
  }
}

}  // namespace

Connection::Connection(uint64_t id, ConnectionHost& host, std::string remote_address)
    : id_(id), host_(host), remote_address_(std::move(remote_address)), parser_(host.limits) {}

// What is on its way must not look as if it were all.
Connection::~Connection() {
  if (stream_ && (response_ == State::Body || !outbox_.empty())) stream_->reset_on_close();
}

void Connection::start(std::unique_ptr<net::Stream> stream, First first, Read read) {
  stream_ = std::move(stream);
  first_ = first;
  if (first == First::Refused) return turn_away();
  host_.header.arm(deadline_, this, host_.clock.steady());
  if (read == Read::AtOnce) return on_readable();
  stream_->want(true, false);
}

void Connection::on_readable() {
  if (life_ == Life::Lingering) return discard_input();
  if (!may_read()) {
    // Nothing more is read from who feeds us while it is pushed to: nor would its end be seen.
    if (is_pushing()) return turn_out(shm::Tally::BadRequests);
    // Back-pressure: nothing is read while a request is worked on.
    return stream_->want(false, !outbox_.empty());
  }
  const net::IoResult result = stream_->read(host_.read_buffer);
  switch (result.state) {
    case net::IoResult::State::Done:
      process({host_.read_buffer.data(), result.bytes});
      break;
    case net::IoResult::State::WouldBlock:
      return stream_->want(true, !outbox_.empty());  // as before, if it is not the first read
    case net::IoResult::State::Eof:     // between requests the usual end, within one a client
    case net::IoResult::State::Failed:  // that left: nobody is there to answer
      life_ = Life::Gone;
      break;
  }
  settle();
}

// Before it has asked anything: no request is made of it, nor logged.
void Connection::turn_away() {
  const Response response = detail(503, "Too many connections.").set_header("Retry-After", "1");
  write_head(host_.cork, response,
             {.keep_alive = false, .date = host_.date.at(host_.clock, host_.clock.steady())});
  host_.cork += response.body();
  life_ = Life::Flushing;
  settle();
}

bool Connection::can_parse() const {
  const bool away = exchange_ == nullptr && request_ != State::Idle;
  return life_ == Life::Open && !away && response_ == State::Idle && outbox_.empty();
}

// A pushed body may say nothing for hours: only by reading is it seen that the client has left.
bool Connection::may_read() const {
  return can_parse() || (is_pushing() && pending_.size() < kReadAhead);
}

void Connection::process(std::string_view bytes) {
  for (int begun = 0; !bytes.empty() && can_parse() && begun < kTurn;) {
    if (request_ == State::Idle) {
      bytes.remove_prefix(parser_.skip_empty_lines(bytes));
      if (bytes.empty()) return;
      begin_request();
    }
    const bool was_in_file = exchange_->request.body.in_file();
    const Parser::Step step = parser_.feed(bytes);
    if (exchange_->request.body.in_file() && !was_in_file) host_.count(shm::Tally::TempFiles);
    bytes.remove_prefix(step.consumed);
    switch (step.outcome) {
      case Parser::Outcome::NeedMore:
        if (request_ == State::Body) note_body_progress(step.consumed);
        break;
      case Parser::Outcome::HeadEnd:
        on_head();
        ++begun;
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
  exchange_->started = answered_ != SteadyTime() ? answered_ : host_.clock.steady();
  exchange_->request.remote_address = exchange_->arena.copy(remote_address_);
  parser_.start(*exchange_);
  host_.header.arm(deadline_, this, exchange_->started);
  ++requests_;
  move(request_, Event::FirstByte);
}

void Connection::on_head() {
  move(request_, Event::HeadEnd);
  body_came_ = parser_.expects_body();
  const Status origin = note_origin(host_.trusted_proxies, *exchange_);
  exchange_->listing.open(host_.in_flight(), *exchange_);
  if (!origin) {
    host_.count(shm::Tally::BadRequests);
    return answer_early(detail(400, origin.error().message));
  }
  if (is_misdirected(exchange_->request))
    return answer_early(detail(421, "There is no https here."));
  // Its client has waited so long that it may have given up, and those behind it wait too.
  if (first_ == First::Stale) return answer_early(too_busy());
  take(host_.service.gate(*exchange_));
}

// Does what the gate said: before any of the body is read.
void Connection::take(Verdict verdict) {
  exchange_->listing.note_user(exchange_->request.identity.name);
  if (auto* pending = std::get_if<Pending>(&verdict)) {
    exchange_->work.store(Work::Queued, std::memory_order_relaxed);  // it may be the second
    away_ = exchange_.get();
    const bool hashes_password = pending->hashes_password;
    std::unique_ptr<net::ThreadPool::Job> job =
        std::make_unique<LookUpJob>(host_, id_, std::move(exchange_), std::move(*pending));
    if (hashes_password ? host_.submit(RunsOn::Passwords, job) : host_.submit_look_up(job))
      return wait_for_job();
    take_back(static_cast<LookUpJob&>(*job).take_exchange());
    host_.count(shm::Tally::FullQueues);
    return answer_early(too_busy());
  }
  if (auto* response = std::get_if<Response>(&verdict)) return answer_early(std::move(*response));
  if (auto response = host_.service.admit(*exchange_)) return answer_early(std::move(*response));
  if (!parser_.expects_body()) {
    parser_.feed({});
    return on_message();
  }
  if (auto response = begin_body(*exchange_, host_.limits)) {
    if (const auto tally = tally_of(response->status())) host_.count(*tally);
    return answer_early(*std::move(response));
  }
  if (parser_.expects_continue()) host_.cork += kContinue;
  pace_.start(host_.clock.steady());
  host_.body.arm(deadline_, this, host_.clock.steady());
}

void Connection::note_body_progress(std::size_t bytes) {
  const SteadyTime now = host_.clock.steady();
  if (pace_.keeps_up(bytes, host_.limits.request_rate, now)) host_.body.arm(deadline_, this, now);
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
  host_.count(shm::Tally::FullQueues);
  respond(too_busy());
}

void Connection::wait_for_job() { host_.request.arm(deadline_, this, host_.clock.steady()); }

void Connection::take_back(std::unique_ptr<Exchange> exchange) {
  exchange_ = std::move(exchange);
  away_ = nullptr;
}

// The job keeps the exchange for as long as it likes; a stand-in is answered.
void Connection::time_out() {
  Work queued = Work::Queued;
  const bool running = !away_->work.compare_exchange_strong(queued, Work::Abandoned);
  const bool begun = response_ == State::Body;
  log::warning("{} {}: {} after request_timeout; {}", away_->request.method_text,
               away_->request.path, begun ? "cut short" : "answered 504",
               running ? "its handler is still at work" : "no thread was free for it");
  host_.timed_out(running);
  away_->overdue = true;
  if (begun) {
    log_streamed(*std::exchange(away_, nullptr));
    return give_up();
  }
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
  if (const auto tally = tally_of(status)) host_.count(*tally);
  Response response =
      detail(status, std::string(reason_phrase(status)).append(": ").append(reason));
  if (status == 503) {  // which is ours
    const RequestParts& request = exchange_->request;
    log::error("{} {}: answered 503: {}", request.method_text, request.path, request.body.error());
    response.set_header("Retry-After", "1");
  }
  respond(std::move(response));
}

// The end of every event: sends what there is, and waits for the right thing. May destroy the
// connection.
void Connection::settle() {
  stream_on();
  flush();
  if (life_ == Life::Gone) return end();
  if (life_ == Life::Flushing && outbox_.empty()) return after_flush();
  keep_time();
  if (!outbox_.empty()) return stream_->want(is_pushing(), true);
  // There is more to do, when the other connections have had their turn.
  if (is_generating() || (!pending_.empty() && can_parse())) return stream_->want(false, true);
  stream_->want(true, false);
}

// Whom it waits for, and so for how long: a function of the state. Null: for nobody, or for who
// may take as long as it likes.
net::DeadlineList* Connection::due_list() const {
  if (life_ == Life::Lingering) return &host_.linger;
  if (!outbox_.empty()) return &host_.write;
  if (away_ != nullptr) return &host_.request;
  if (response_ == State::Body) return nullptr;
  switch (request_) {
    case State::Idle:
      return &host_.idle;
    case State::Head:
      return &host_.header;
    case State::Body:
      return &host_.body;
    default:
      return nullptr;
  }
}

// The deadline is of the list that the state names, whatever happened since it was armed. What
// begins anew within one state (a request, a job, progress) has armed it itself.
void Connection::keep_time() {
  const SteadyTime answered = std::exchange(answered_, {});
  net::DeadlineList* const due = due_list();
  if (due == nullptr) return deadline_.disarm();
  if (due == &host_.write) return mind_reader();
  if (due->has(deadline_)) return;
  const SteadyTime now = answered != SteadyTime() ? answered : host_.clock.steady();
  if (due == &host_.body) pace_.start(now);
  due->arm(deadline_, this, now);
}

// The client has to take what waits, and at least at the minimum rate.
void Connection::mind_reader() {
  const SteadyTime now = host_.clock.steady();
  const uint64_t taken = outbox_.take_progress();
  const bool begins = !host_.write.has(deadline_);
  if (begins) pace_.start(now);
  if (begins || pace_.keeps_up(taken, host_.limits.response_rate, now))
    host_.write.arm(deadline_, this, now);
}

// A stream that its client left is logged here: all others were when they were answered.
void Connection::end() {
  const Exchange* const exchange = exchange_ ? exchange_.get() : away_;
  if (exchange != nullptr && exchange->streaming) log_streamed(*exchange);
  host_.closed(*this);
}

// Closing with unread input would make the kernel send a reset, which can
// destroy the answer on its way (RFC 9112 9.6). A client that itself asked for the end sends
// no more; but some send an empty line behind a body (RFC 9112 2.2).
void Connection::after_flush() {
  const bool asked = request_ == State::Done && !parser_.keep_alive();
  if (asked && !body_came_ && pending_.empty()) return host_.closed(*this);
  stream_->shut_down_writing();
  life_ = Life::Lingering;
  pending_ = std::string();
  keep_time();
  stream_->want(true, false);
}

void Connection::discard_input() {
  const net::IoResult result = stream_->read(host_.read_buffer);
  if (result.state == net::IoResult::State::WouldBlock) return;
  lingered_ += result.bytes;
  if (result.state != net::IoResult::State::Done || lingered_ > kLingerLimit) host_.closed(*this);
}

void Connection::on_deadline() {
  const net::DeadlineList* const due = due_list();
  if (due == nullptr || due == &host_.linger) return end();
  if (due == &host_.write) return turn_out(shm::Tally::SlowReaders);
  if (due == &host_.idle) return turn_out(shm::Tally::IdleClosed);
  if (due == &host_.request) {
    time_out();
  } else {
    host_.count(due == &host_.header ? shm::Tally::SlowHeads : shm::Tally::SlowBodies);
    refuse(408, "the request did not come in time");
  }
  settle();
}

void Connection::make_room() { turn_out(shm::Tally::Evicted); }

void Connection::turn_out(shm::Tally why) {
  host_.count(why);
  end();
}

void Connection::move(State& state, Event event) {
  const auto to =
      &state == &request_ ? next(kRequest, state, event) : next(kResponse, state, event);
  assert(to.has_value());
  if (to)
    state = *to;
  else
    give_up();  // a bug of ours: this client pays, the others do not
}

}  // namespace tollgate::http

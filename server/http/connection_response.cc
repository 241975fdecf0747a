// The response side of a connection: head, framing, and the body as fast as the client takes it.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "server/http/connection.h"
#include "server/http/jobs.h"
#include "server/http/push_channel.h"
#include "server/http/response_writer.h"
#include "server/http/status.h"
#include "server/log/logging.h"

namespace tollgate::http {
namespace {

// A body up to this size is copied behind its head; a larger one is sent from where it is.
constexpr std::size_t kCorkLimit = std::size_t{64} << 10;
// How much of a generated body is sent before the other connections have their turn. A piece counts
// as at least so much: it may take work to make an empty one.
constexpr std::size_t kStreamTurn = std::size_t{256} << 10;
constexpr std::size_t kLeastPiece = std::size_t{16} << 10;

using Channel = std::shared_ptr<PushChannel>;

}  // namespace

void Connection::respond(Response response) {
  const RequestParts& request = exchange_->request;
  // What a handler made is replaced ahead of the finishers, which serve the 500, too.
  if (!is_writable(response)) replace_unwritable(response);
  if (host_.service.finish(*exchange_, response) && !is_writable(response))
    replace_unwritable(response);
  answered_ = host_.clock.steady();
  // Only the end of the connection tells an HTTP/1.0 client that such a body is complete.
  const bool ends_with_body = !size_of(response.content()) && request.version_minor == 0;
  const bool last = requests_ >= host_.limits.requests;
  const bool keep_alive = request_ == State::Done && first_ == First::Fresh &&
                          parser_.keep_alive() && host_.keeps_alive() && !last && !ends_with_body;
  if (last) host_.count(shm::Tally::LastRequests);
  if (response.status() == 429) host_.count(shm::Tally::RateLimited);
  const Framing framing{.version_minor = request.version_minor,
                        .head_request = request.method == Method::Head,
                        .keep_alive = keep_alive,
                        .date = host_.date.at(host_.clock, answered_)};
  move(response_, Event::HeadSent);
  write_head(host_.cork, response, framing);
  const bool has_body = body_follows(response, framing);
  if (has_body && !size_of(response.content())) return begin_stream(std::move(response), framing);

  const uint64_t size = has_body ? *size_of(response.content()) : 0;
  const int status = response.status();
  host_.answered(*exchange_, {.status = status,
                              .body_bytes = size,
                              .duration = answered_ - exchange_->started,
                              .fields = response.fields()});
  if (has_body) send_content(response.take_content());
  // A client that asks for much and reads nothing must not fill our memory.
  if (host_.cork.size() > kCorkLimit) flush();
  end_response(keep_alive);
}

void Connection::replace_unwritable(Response& response) {
  const RequestParts& request = exchange_->request;
  log::error("{} {}: answered 500, since a status or field of its response cannot be sent{}{}",
             request.method_text, request.path, request.request_id.empty() ? "" : "; request id ",
             request.request_id);
  host_.count(shm::Tally::UnwritableResponses);
  response = detail(500, reason_phrase(500));
}

// All of it is on its way, in order: in the cork, or in the outbox behind it.
void Connection::send_content(Content content) {
  auto* bytes = std::get_if<std::string>(&content);
  if (auto* const pieces = std::get_if<Pieces>(&content); pieces != nullptr && pieces->size() == 1)
    bytes = std::get_if<std::string>(&pieces->front());
  if (bytes != nullptr && bytes->size() <= kCorkLimit) {
    host_.cork += *bytes;
    return;
  }
  Pieces pieces;
  if (bytes != nullptr)
    pieces.emplace_back(std::move(*bytes));
  else
    pieces = std::get<Pieces>(std::move(content));
  if (!outbox_.send(*stream_, host_.cork, std::move(pieces))) give_up();
}

void Connection::end_response(bool keep_alive) {
  move(response_, Event::BodySent);
  host_.exchanges.give(std::move(exchange_));
  if (after(request_, response_, keep_alive) == State::Idle) {
    request_ = response_ = State::Idle;
  } else if (life_ == Life::Open) {
    life_ = Life::Flushing;
  }
}

void Connection::begin_stream(Response response, const Framing& framing) {
  const int status = response.status();
  const std::vector<Field>& fields = response.fields();
  exchange_->streaming.reset(new Streaming{.status = status,
                                           .fields = fields,
                                           .source = response.take_content(),
                                           .chunked = framing.version_minor > 0,
                                           .keep_alive = framing.keep_alive});
  if (auto* const channel = std::get_if<Channel>(&exchange_->streaming->source)) {
    (*channel)->attach([&host = host_, id = id_] { host.ring(id); });
    if (host_.draining()) (*channel)->close();
  }
}

bool Connection::is_pushing() const {
  return response_ == State::Body && exchange_ != nullptr &&
         std::holds_alternative<Channel>(exchange_->streaming->source);
}

bool Connection::is_generating() const {
  return response_ == State::Body && exchange_ != nullptr && !is_pushing();
}

// Makes the next pieces of the body, as long as the client takes them.
void Connection::stream_on() {
  std::size_t made = 0;
  while (response_ == State::Body && outbox_.empty() && life_ != Life::Gone && made < kStreamTurn) {
    const Exchange* const exchange = exchange_.get();
    if (exchange == nullptr) return;  // a job has it
    const std::size_t before = host_.cork.size();
    if (const auto* channel = std::get_if<Channel>(&exchange->streaming->source)) {
      if (!take_pushed(**channel)) return;
    } else if (const RunsOn where = runs_on(); where != RunsOn::Loop) {
      flush();  // no more is made than the client takes
      if (outbox_.empty() && life_ != Life::Gone) pull_on_pool(where);
      return;
    } else {
      send_piece(pull(*exchange));
    }
    made += std::max(host_.cork.size() - before, kLeastPiece);
    flush();
  }
}

// False: there is nothing to take, for now or at all.
bool Connection::take_pushed(PushChannel& channel) {
  PushChannel::Taken taken = channel.take();
  if (!taken.bytes.empty()) send_piece(std::move(taken.bytes));
  switch (taken.then) {
    case PushChannel::Taken::Then::More:
      return !host_.cork.empty();
    case PushChannel::Taken::Then::End:
      send_piece(std::nullopt);
      return false;
    case PushChannel::Taken::Then::Failed:
      send_piece(fail(Errc::Closed, "the application aborted it"));
      return false;
  }
  return false;
}

// What a gate step answers has no route's thread: it was made on the loop.
RunsOn Connection::runs_on() const {
  return exchange_->route != nullptr ? host_.where(*exchange_->route) : RunsOn::Loop;
}

void Connection::pull_on_pool(RunsOn where) {
  exchange_->work.store(Work::Queued, std::memory_order_relaxed);
  away_ = exchange_.get();
  host_.submit_pull(where, std::make_unique<PullJob>(host_, id_, std::move(exchange_)));
  wait_for_job();
}

void Connection::on_pulled(std::unique_ptr<Exchange> exchange, Pulled pulled) {
  take_back(std::move(exchange));
  send_piece(std::move(pulled));
  settle();
}

void Connection::on_pushed() {
  if (is_pushing()) settle();
}

void Connection::drain() {
  if (is_pushing()) std::get<Channel>(exchange_->streaming->source)->close();
}

// RFC 9112 7.1: an empty chunk would be the last one.
void Connection::send_piece(Pulled piece) {
  Streaming& streaming = *exchange_->streaming;
  if (!piece) {
    log::error("{} {}: its response is cut short: {}", exchange_->request.method_text,
               exchange_->request.path, piece.error().message);
    host_.count(shm::Tally::BrokenResponses);
    return give_up();
  }
  if (*piece && !(*piece)->empty()) {
    const std::string& bytes = **piece;
    streaming.bytes += bytes.size();
    if (streaming.chunked) fmt::format_to(std::back_inserter(host_.cork), "{:x}\r\n", bytes.size());
    host_.cork += bytes;
    if (streaming.chunked) host_.cork += "\r\n";
  }
  if (*piece) return;
  if (streaming.chunked) host_.cork += "0\r\n\r\n";
  log_streamed(*exchange_);
  end_response(streaming.keep_alive);
}

void Connection::log_streamed(const Exchange& exchange) {
  const Streaming& streaming = *exchange.streaming;
  host_.answered(exchange, {.status = streaming.status,
                            .body_bytes = streaming.bytes,
                            .duration = host_.clock.steady() - exchange.started,
                            .fields = streaming.fields});
}

// Nobody is there to take the rest, or nobody shall take what there is for the whole.
void Connection::give_up() {
  life_ = Life::Gone;
  host_.cork.clear();
  outbox_.clear();
  stream_->reset_on_close();
}

// Hands the cork to the socket; what it does not take waits in the outbox.
void Connection::flush() {
  if (host_.cork.empty()) return;
  if (life_ == Life::Gone) return host_.cork.clear();
  if (!outbox_.send(*stream_, host_.cork)) give_up();
}

void Connection::on_writable() {
  if (!outbox_.empty()) {
    if (!outbox_.resume(*stream_)) give_up();
  } else if (!pending_.empty() && can_parse()) {
    process(std::exchange(pending_, {}));
  }
  settle();
}

}  // namespace tollgate::http

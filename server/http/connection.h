// Drives one connection: stream -> parser -> gate -> handler -> writer -> next.
//
// Where a request and its response stand is the two tables of
// exchange_state.h; this class asks them and obeys. Requests are answered in
// their order, one at a time; the answers of one read leave in one write. A body that is made
// while it is sent (content.h) is made as fast as the client takes it, and no faster.
//
// The end of a connection has an order of its own:
//
//   Open --last answer--> Flushing --sent--> Gone
//                             \--input may be left--> Lingering --peer closed, or late--> Gone
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/http/connection_host.h"
#include "server/http/exchange_state.h"
#include "server/http/outbox.h"
#include "server/http/pace.h"
#include "server/http/parser.h"
#include "server/net/stream.h"

namespace tollgate::http {

struct Framing;

class Connection final : public net::Stream::Events {
 public:
  // `host` must outlive the connection. `remote_address` is without the port.
  Connection(uint64_t id, ConnectionHost& host, std::string remote_address);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Once, before anything else. Stale: the first request has waited too long, and gets 503.
  // Refused: that without a request, since its client has too many. May end in closed().
  // AtOnce: most often the request is there by now; then nobody has to watch the socket for it.
  enum class First : uint8_t { Fresh, Stale, Refused };
  enum class Read : uint8_t { WhenReady, AtOnce };
  void start(std::unique_ptr<net::Stream> stream, First first = First::Fresh,
             Read read = Read::WhenReady);

  uint64_t id() const { return id_; }
  const std::string& remote_address() const { return remote_address_; }

  // Each of these may end with host.closed(*this), so with this object's death.
  void on_readable() override;
  void on_writable() override;
  void on_deadline();
  // Ends, for the sake of others. It is not being worked for.
  void make_room();

  // A job of ours is done: the exchange comes back. Also may end in closed().
  void on_looked_up(std::unique_ptr<Exchange> exchange, Verdict verdict);
  void on_handled(std::unique_ptr<Exchange> exchange, Response response);
  void on_pulled(std::unique_ptr<Exchange> exchange, Pulled pulled);

  // Its pushed body has something new (ConnectionHost::ring). Also may end in closed().
  void on_pushed();
  // The worker drains: what would go on for ever ends, with what it has.
  void drain();

 private:
  enum class Life : uint8_t { Open, Flushing, Lingering, Gone };

  // connection.cc: the request, and the order of events
  void process(std::string_view bytes);
  bool can_parse() const;
  bool may_read() const;
  void begin_request();
  void on_head();
  void take(Verdict verdict);
  void note_body_progress(std::size_t bytes);
  void answer_early(Response response);
  void on_message();
  void run_handler();
  void wait_for_job();
  void take_back(std::unique_ptr<Exchange> exchange);
  void time_out();
  void refuse(int status, std::string_view reason);
  void turn_away();
  void settle();
  net::DeadlineList* due_list() const;
  void keep_time();
  void mind_reader();
  void after_flush();
  void discard_input();
  void turn_out(shm::Tally why);
  void end();
  void move(State& state, Event event);

  // connection_response.cc
  void respond(Response response);
  void replace_unwritable(Response& response);
  void send_content(Content content);
  void end_response(bool keep_alive);
  void begin_stream(Response response, const Framing& framing);
  bool is_pushing() const;
  bool is_generating() const;
  void stream_on();
  bool take_pushed(PushChannel& channel);
  RunsOn runs_on() const;
  void pull_on_pool(RunsOn where);
  void send_piece(Pulled piece);
  void log_streamed(const Exchange& exchange);
  void give_up();
  void flush();

  const uint64_t id_;
  ConnectionHost& host_;
  const std::string remote_address_;
  std::unique_ptr<net::Stream> stream_;
  Parser parser_;
  std::unique_ptr<Exchange> exchange_;  // null between requests, and while a job has it
  Exchange* away_ = nullptr;            // which the job has; null once its answer is out
  First first_ = First::Fresh;
  State request_ = State::Idle;
  State response_ = State::Idle;
  Life life_ = Life::Open;
  bool body_came_ = false;  // or is to come, with the request that was last begun
  uint64_t requests_ = 0;
  std::string pending_;  // read, but not parsed yet: the next requests, while one is worked on
  Outbox outbox_;
  Pace pace_;  // of the body that comes, or of what the outbox holds
  std::size_t lingered_ = 0;
  SteadyTime answered_;  // when the last answer of this event was made; 0: none was
  net::Deadline deadline_;
};

}  // namespace tollgate::http

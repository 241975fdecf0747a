// Bytes to a request, or to whose fault and which status. No I/O, but for what a large body
// does with its bytes (request_body.h).
//
// Heads are read by llhttp, which is named nowhere else, chunks by ChunkReader.
// A message is read in two steps: feed() stops at the end of the head, where
// the gate is asked, and again at the end of the message; what follows is the
// next message's.
//
// Fed in any pieces, it gives the same requests and the same refusals: llhttp
// sees a head only once all of it is there and the scanner has found nothing
// wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/chunk_reader.h"
#include "server/http/exchange.h"
#include "server/http/head_scanner.h"
#include "server/http/limits.h"

namespace tollgate::http {

class Parser {
 public:
  // `limits` must outlive the parser.
  explicit Parser(const Limits& limits);
  Parser(Parser&&) = delete;
  Parser& operator=(Parser&&) = delete;
  ~Parser();

  // Before start(): how many of `bytes` are of empty lines, which begin no
  // request and are to be dropped (RFC 9112 2.2). Two are taken; what is left
  // is the next message's.
  std::size_t skip_empty_lines(std::string_view bytes);

  // The message whose first byte comes next is written into `exchange`, which
  // must stay until MessageEnd, Failed or the next start().
  void start(Exchange& exchange);

  enum class Outcome : uint8_t { NeedMore, HeadEnd, MessageEnd, Failed };
  struct Step {
    Outcome outcome;
    std::size_t consumed;
  };
  Step feed(std::string_view bytes);

  // From HeadEnd on: whether a body is to come. It is put where begin_body() (body_rules.h) has
  // said, and without it where `limits` say.
  bool expects_body() const;
  // From HeadEnd to the next start(): whether the client lets the connection live
  // (RFC 9112 9.3).
  bool keep_alive() const;
  // "Expect: 100-continue" (RFC 9110 10.1.1).
  bool expects_continue() const;

  // After Failed: what to answer, and why, for the log and the body.
  int status() const { return status_; }
  std::string_view reason() const { return reason_; }

 private:
  struct Llhttp;
  struct Callbacks;

  Step feed_head(std::string_view bytes);
  Step feed_body(std::string_view bytes);
  Step feed_chunks(std::string_view bytes);
  Step feed_trailers(std::string_view bytes);
  Step end_message(std::size_t consumed);
  std::string_view collect(HeadScanner& scanner, std::string_view bytes, Step& step);
  void note_method(std::string_view bytes);
  std::string_view for_llhttp(std::string_view head);
  bool read_head(std::string_view head);
  bool check_head();
  bool check_expectations();
  void check_connection();
  bool check_framing(std::size_t codings, std::size_t lengths);
  bool check_target(std::size_t hosts);
  bool refused(int status, std::string_view reason);
  Step refuse_body(RequestBody::Fault fault);
  Step refuse(int status, std::string_view reason);

  const Limits& limits_;
  std::unique_ptr<Llhttp> llhttp_;
  HeadScanner head_scanner_;
  HeadScanner trailer_scanner_;
  ChunkReader chunks_;
  Exchange* exchange_ = nullptr;
  enum class Phase : uint8_t { Head, Body, Chunks, Trailers, Failed } phase_ = Phase::Head;
  std::string partial_;             // of a head, or of trailers, that is not all there
  bool field_value_begun_ = false;  // the next piece of a name begins a new field
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  unsigned skipped_ = 0;  // bytes of empty lines before the message
  uint64_t left_ = 0;     // of a body whose length is known
  int status_ = 0;
  std::string reason_;
};

}  // namespace tollgate::http

// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/reading.h"

#include "server/http/parser.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/strict_reader.h"

namespace tollgate::fuzz {
namespace {

using http::Parser;
using Pieces = std::vector<std::string_view>;

Message message_of(const http::RequestParts& request, const Parser& parser, std::size_t end) {
  Message message{.method = std::string(request.method_text),
                  .target = std::string(request.target),
                  .version_minor = request.version_minor,
                  .chunked = request.chunked,
                  .body = std::string(request.body.view()),
                  .keep_alive = parser.keep_alive(),
                  .end = end};
  for (const http::FieldView& field : request.fields)
    message.fields.emplace_back(field.name, field.value);
  return message;
}

Pieces single_bytes(std::string_view bytes) {
  Pieces pieces;
  for (std::size_t i = 0; i < bytes.size(); ++i) pieces.push_back(bytes.substr(i, 1));
  return pieces;
}

// A generator of its own, so that an input is cut in the same way everywhere.
Pieces some_pieces(std::string_view bytes) {
  uint32_t state = 2463534242;
  for (const char c : bytes) state = state * 31 + static_cast<unsigned char>(c);
  Pieces pieces;
  while (!bytes.empty()) {
    state = state * 1664525 + 1013904223;
    pieces.push_back(bytes.substr(0, 1 + (state >> 16) % 24));
    bytes.remove_prefix(pieces.back().size());
  }
  return pieces;
}

// Every request that was read, a strict reader reads: in the same place, framed in the same way.
void require_as_strict(const Reading& ours, std::string_view bytes) {
  const Reading strict = read_strictly(bytes);
  for (std::size_t i = 0; i < ours.messages.size(); ++i) {
    require(i < strict.messages.size(), "a strict reader sees as many requests", ours, strict);
    const Message& seen = strict.messages[i];
    require(ours.messages[i] == seen, "a strict reader sees the same request", ours.messages[i],
            seen);
  }
  if (ours.end == Reading::End::Incomplete)
    require(ours.messages.size() == strict.messages.size(),
            "where we wait for more, a strict reader sees no further request", ours, strict);
}

}  // namespace

Reading read(const Pieces& pieces) {
  Reading reading;
  Parser parser(kLimits);
  http::Exchange exchange;
  bool begun = false;
  std::size_t at = 0;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      if (!begun) {
        const std::size_t skipped = parser.skip_empty_lines(piece);
        at += skipped;
        piece.remove_prefix(skipped);
        if (piece.empty()) break;
        begun = true;
        exchange.reset();
        parser.start(exchange);
      }
      Parser::Step step = parser.feed(piece);
      require(step.consumed <= piece.size(), "no more is consumed than there is");
      at += step.consumed;
      piece.remove_prefix(step.consumed);
      if (step.outcome == Parser::Outcome::HeadEnd && !parser.expects_body())
        step = parser.feed({});
      if (step.outcome == Parser::Outcome::Failed) {
        reading.end = Reading::End::Refused;
        reading.status = parser.status();
        reading.reason = parser.reason();
        require(reading.status >= 400 && !reading.reason.empty(), "a refusal says why", reading);
        return reading;
      }
      if (step.outcome != Parser::Outcome::MessageEnd) continue;
      begun = false;
      reading.messages.push_back(message_of(exchange.request, parser, at));
      if (parser.keep_alive()) continue;
      reading.end = Reading::End::Closed;
      return reading;
    }
  }
  return reading;
}

void require_one_reading(std::string_view bytes) {
  const Reading whole = read({bytes});
  const Reading bytewise = read(single_bytes(bytes));
  require(bytewise == whole, "byte by byte the same is read", whole, bytewise);
  const Reading split = read(some_pieces(bytes));
  require(split == whole, "in pieces the same is read", whole, split);
  require_as_strict(whole, bytes);
}

std::ostream& operator<<(std::ostream& out, const Message& message) {
  out << message.method << ' ' << message.target << " 1." << message.version_minor << " {";
  for (const auto& [name, value] : message.fields) out << '[' << name << "][" << value << ']';
  return out << "} " << (message.chunked ? "chunked " : "") << '"' << message.body << "\" "
             << (message.keep_alive ? "lives" : "closes") << " ends at " << message.end;
}

std::ostream& operator<<(std::ostream& out, const Reading& reading) {
  for (const Message& message : reading.messages) out << message << "; ";
  return out << "end " << static_cast<int>(reading.end) << ' ' << reading.status << ' '
             << reading.reason;
}

}  // namespace tollgate::fuzz

// The life of one HTTP/1.1 connection, as data.
//
// Two machines run side by side: what the client has sent us (request) and
// what we have sent the client (response). Every rule is in the two tables and
// in after(); connection.cc asks and obeys. How a connection ends, once both
// machines have come to rest, is connection.h's.
//
//   request:   Idle --FirstByte--> Head --HeadEnd--> Body --MessageEnd--> Done
//   response:  Idle --HeadSent------------------->   Body --BodySent----> Done
//
// Closed is final. A client that leaves, or a response that breaks, ends the connection whatever
// the machines say.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace tollgate::http {

enum class State : uint8_t { Idle, Head, Body, Done, Closed };
enum class Event : uint8_t { FirstByte, HeadEnd, MessageEnd, HeadSent, BodySent, Failed };

struct Transition {
  State from;
  Event on;
  State to;
};

inline constexpr std::array kRequest = {
    Transition{State::Idle, Event::FirstByte, State::Head},
    Transition{State::Head, Event::HeadEnd, State::Body},
    Transition{State::Body, Event::MessageEnd, State::Done},
    Transition{State::Head, Event::Failed, State::Closed},  // answered, and then it ends
    Transition{State::Body, Event::Failed, State::Closed},
};

inline constexpr std::array kResponse = {
    Transition{State::Idle, Event::HeadSent, State::Body},
    Transition{State::Body, Event::BodySent, State::Done},
};

// The state after `on`; nullopt where the table has no such row. In kRequest
// that is the client's fault (answer 400), in kResponse a bug of ours.
template <std::size_t N>
constexpr std::optional<State> next(const std::array<Transition, N>& table, State from, Event on) {
  for (const auto& row : table)
    if (row.from == from && row.on == on) return row.to;
  return std::nullopt;
}

// Where both machines go once the response is out; nullopt while it is not.
// A request that we answered before all of it came ends the connection: what
// follows on the wire is its body, not the next request.
constexpr std::optional<State> after(State request, State response, bool keep_alive) {
  if (response != State::Done) return std::nullopt;
  return keep_alive && request == State::Done ? State::Idle : State::Closed;
}

template <std::size_t N>
constexpr bool unambiguous(const std::array<Transition, N>& table) {
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = i + 1; j < N; ++j)
      if (table[i].from == table[j].from && table[i].on == table[j].on) return false;
  return true;
}
static_assert(unambiguous(kRequest) && unambiguous(kResponse));

}  // namespace tollgate::http

// The lifeline: a SOCK_SEQPACKET pair between the master and one worker.
//
// Orders go down, reports come up, a packet each; end of file means that the
// other side is gone. With an order may come descriptors: what the worker may not open itself. It
// stands in os/ because master/ and worker/, which may not include each other, both speak it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::os {

enum class Order : uint8_t {
  Drain = 'd',
  Quit = 'q',
  Reopen = 'r',  // the logs anew: with it comes the error log's file, then, if there is one, the
                 // access log's
  Keys = 'k',    // with it comes a sealed copy of the keys that are to be used from now on; the
                 // worker reports Keys when it does
};

struct Report {
  enum class Kind : uint8_t {
    Ready = 'R',   // serves from now on
    Failed = 'F',  // could not start: `code` is the exit code that follows, `text` says why
    Keys = 'K',    // uses what the last order Keys brought
    Retire = 'T',  // wants a replacement: `text` is the reason ("max_requests")
  } kind;
  int code = 0;
  std::string text = {};
  bool operator==(const Report&) const = default;
};

// Packets, without any I/O. decode gives nullopt for what is not a packet of ours.
std::string encode(const Report& report);
std::optional<Report> decode_report(std::string_view packet);
std::optional<Order> decode_order(std::string_view packet);

// What a read found: a message, "nothing yet", or the other side's end.
template <class T>
struct Received {
  enum class State : uint8_t { Message, Nothing, Closed } state;
  std::optional<T> message = {};
  std::vector<UniqueFd> descriptors = {};  // that came with an order; close-on-exec
};

class Lifeline {
 public:
  // Two ends, non-blocking and close-on-exec: first the master's, then the worker's.
  static Result<std::pair<Lifeline, Lifeline>> create();

  explicit Lifeline(UniqueFd fd) : fd_(std::move(fd)) {}
  int fd() const { return fd_.get(); }

  // Never blocks, never raises SIGPIPE. A message that does not fit is lost:
  // the other side has stopped reading hundreds of them ago.
  // `descriptors`, at most kMostDescriptors, stay the caller's; the other side gets copies.
  static constexpr std::size_t kMostDescriptors = 4;
  Status send(Order order, std::span<const int> descriptors = {});
  Status send(const Report& report);
  Received<Order> receive_order();
  Received<Report> receive_report();

 private:
  UniqueFd fd_;
};

}  // namespace tollgate::os

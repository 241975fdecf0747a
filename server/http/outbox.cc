// SPDX-License-Identifier: Apache-2.0
#include "server/http/outbox.h"

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <utility>

#include "server/log/logging.h"

namespace tollgate::http {
namespace {

using Done = net::IoResult::State;
using More = net::Stream::More;

// The most that one call takes from a file: it may have to wait for the disk.
constexpr uint64_t kFileStep = uint64_t{1} << 20;

// sendmsg does not write to what it sends.
iovec to_iovec(const std::string& bytes, std::size_t from = 0) {
  return {const_cast<char*>(bytes.data()) + from, bytes.size() - from};
}

}  // namespace

struct Outbox::Waiting {
  std::deque<Piece> pieces;  // never empty
  uint64_t sent = 0;         // of the first one
};

Outbox::Outbox() = default;
Outbox::~Outbox() = default;

void Outbox::clear() { waiting_.reset(); }

uint64_t Outbox::take_progress() { return std::exchange(progress_, 0); }

bool Outbox::send(net::Stream& stream, std::string& head, Pieces body) {
  bool all_taken = false;
  if (empty()) {
    // Nearly always this is all: one write, and nothing is kept.
    auto* const bytes = body.empty() ? nullptr : std::get_if<std::string>(&body.front());
    const std::array pieces = {to_iovec(head), bytes != nullptr ? to_iovec(*bytes) : iovec{}};
    const bool more = body.size() > (bytes != nullptr ? 1U : 0U);
    const net::IoResult result = stream.write(std::span(pieces).first(bytes != nullptr ? 2 : 1),
                                              more ? More::Yes : More::No);
    if (result.state == Done::Failed) return false;
    progress_ += result.bytes;
    all_taken = result.bytes == pieces[0].iov_len + pieces[1].iov_len;
    if (all_taken && !more) {
      head.clear();
      return true;
    }
    waiting_ = std::make_unique<Waiting>();
    waiting_->sent = result.bytes;
  }
  waiting_->pieces.emplace_back(std::exchange(head, {}));
  std::ranges::move(body, std::back_inserter(waiting_->pieces));
  return !all_taken || resume(stream);
}

bool Outbox::resume(net::Stream& stream) {
  while (waiting_) {
    const Outcome outcome = send_front(stream);
    if (outcome == Outcome::Failed) return false;
    if (outcome == Outcome::Blocked) return true;
  }
  return true;
}

// Taken: the first piece is done with.
Outbox::Outcome Outbox::send_front(net::Stream& stream) {
  const Piece& front = waiting_->pieces.front();
  const auto* bytes = std::get_if<std::string>(&front);
  const Outcome outcome =
      bytes != nullptr ? send_bytes(stream, *bytes) : send_part(stream, std::get<FilePart>(front));
  if (outcome != Outcome::Taken) return outcome;
  waiting_->pieces.pop_front();
  if (waiting_->pieces.empty()) clear();
  return Outcome::Taken;
}

Outbox::Outcome Outbox::send_bytes(net::Stream& stream, const std::string& bytes) {
  // More than this piece may have left with its predecessor.
  if (waiting_->sent >= bytes.size()) {
    waiting_->sent -= bytes.size();
    return Outcome::Taken;
  }
  const iovec left = to_iovec(bytes, waiting_->sent);
  const bool more = waiting_->pieces.size() > 1;
  const net::IoResult result = stream.write({&left, 1}, more ? More::Yes : More::No);
  if (result.state == Done::Failed) return Outcome::Failed;
  progress_ += result.bytes;
  waiting_->sent += result.bytes;
  if (result.bytes < left.iov_len) return Outcome::Blocked;
  waiting_->sent = 0;
  return Outcome::Taken;
}

Outbox::Outcome Outbox::send_part(net::Stream& stream, const FilePart& part) {
  const uint64_t left = part.size - waiting_->sent;
  const net::IoResult result =
      stream.send_file(part.file->get(), part.offset + waiting_->sent, std::min(left, kFileStep));
  if (result.state == Done::WouldBlock) return Outcome::Blocked;
  if (result.state == Done::Failed) return Outcome::Failed;
  if (result.bytes == 0 && left > 0) {
    log::error("a response is cut short: a file has become shorter while it was sent");
    return Outcome::Failed;
  }
  progress_ += result.bytes;
  waiting_->sent += result.bytes;
  if (waiting_->sent < part.size) return Outcome::Blocked;
  waiting_->sent = 0;
  return Outcome::Taken;
}

}  // namespace tollgate::http

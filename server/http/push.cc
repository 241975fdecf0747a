// SPDX-License-Identifier: Apache-2.0
#include "server/http/push.h"

#include <utility>

#include "server/http/push_channel.h"
#include "server/log/logging.h"

namespace tollgate::http {

Push::Push(std::size_t room) : channel_(std::make_shared<PushChannel>(room)) {
  last_ = std::shared_ptr<const void>(channel_.get(),
                                      [channel = channel_](const void*) { channel->close(); });
}

Push::Sent Push::send(std::string bytes) const { return channel_->send(std::move(bytes)); }
void Push::close() const { channel_->close(); }
void Push::abort() const { channel_->abort(); }
bool Push::open() const { return channel_->open(); }
std::size_t Push::waiting() const { return channel_->waiting(); }

Push::Sent PushChannel::send(std::string bytes) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Open) return Push::Sent::Gone;
  if (bytes.size() > room_ - bytes_.size()) return Push::Sent::Full;
  if (bytes_.empty())
    bytes_ = std::move(bytes);
  else
    bytes_ += bytes;
  ring();
  return Push::Sent::Taken;
}

void PushChannel::close() { end(State::Ending); }
void PushChannel::abort() { end(State::Broken); }

void PushChannel::end(State how) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Open) return;
  state_ = how;
  ring();
}

bool PushChannel::open() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::Open;
}

std::size_t PushChannel::waiting() const {
  const std::lock_guard lock(mutex_);
  return bytes_.size();
}

// Under the lock, so that nobody rings a bell that detach() has taken down.
void PushChannel::ring() {
  if (rung_ || !ring_) return;
  rung_ = true;
  ring_();
}

bool PushChannel::claim() {
  const std::lock_guard lock(mutex_);
  return !std::exchange(claimed_, true);
}

void PushChannel::attach(std::function<void()> ring) {
  const std::lock_guard lock(mutex_);
  ring_ = std::move(ring);
}

void PushChannel::detach() {
  const std::lock_guard lock(mutex_);
  state_ = State::Over;
  ring_ = nullptr;
  bytes_ = std::string();
}

PushChannel::Taken PushChannel::take() {
  const std::lock_guard lock(mutex_);
  rung_ = false;
  Taken taken{.then = Taken::Then::More, .bytes = std::exchange(bytes_, {})};
  if (state_ == State::Broken) taken.then = Taken::Then::Failed;
  if (state_ == State::Ending) {
    taken.then = Taken::Then::End;
    state_ = State::Over;
  }
  return taken;
}

std::shared_ptr<PushChannel> reader_of(const Push& push) {
  const std::shared_ptr<PushChannel>& channel = push.channel();
  if (!channel->claim()) {
    log::error("a Push feeds one response, and this one feeds another already");
    auto broken = std::make_shared<PushChannel>(0);
    broken->abort();
    return broken;
  }
  return {channel.get(), [channel](PushChannel* taken) { taken->detach(); }};
}

}  // namespace tollgate::http

// SPDX-License-Identifier: Apache-2.0
#include "server/master/predecessor.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <climits>
#include <cstdlib>
#include <utility>

#include "server/base/text.h"
#include "server/config/loader.h"
#include "server/log/logging.h"
#include "server/os/pid_file.h"

namespace tollgate::master {
namespace {

// It was all sent before we were started.
constexpr milliseconds kPatience = 10s;

// The descriptor that the variable names, if it is a channel.
Result<UniqueFd> channel_of(const std::string& text) {
  const auto number = parse_uint(text, INT_MAX);
  const int fd = number ? static_cast<int>(*number) : -1;
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
    return fail(Errc::InvalidArgument, std::string(kUpgradeVariable) + "=" + text +
                                           ": is no channel to another master; only a master "
                                           "that is upgraded sets it");
  return UniqueFd(fd);
}

// Cuts the last word off `text`.
std::string cut_last_word(std::string& text) {
  const auto space = text.rfind(' ');
  if (space == std::string::npos) return {};
  std::string word = text.substr(space + 1);
  text.resize(space);
  return word;
}

}  // namespace

Result<std::optional<Predecessor>> Predecessor::from_environment() {
  const std::string name(kUpgradeVariable);
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  TOLLGATE_TRY(fd, channel_of(value));
  unsetenv(name.c_str());
  Predecessor predecessor{os::UpgradeChannel(std::move(fd))};
  TOLLGATE_CHECK(predecessor.receive_all());
  return std::optional(std::move(predecessor));
}

Status Predecessor::receive_all() {
  for (;;) {
    if (!channel_.wait(kPatience))
      return fail(Errc::Timeout, "upgrade: the old master did not send what it has");
    auto packet = channel_.receive();
    if (!packet) return fail(Errc::Closed, "upgrade: the old master ended before it sent all");
    if (packet->word == os::Word::Start) return {};
    TOLLGATE_CHECK(keep(*std::move(packet)));
  }
}

Status Predecessor::keep(os::Packet packet) {
  switch (packet.word) {
    case os::Word::Variable:
      variables_.push_back(std::move(packet.text));
      return {};
    case os::Word::Listener:
      return keep_listener(std::move(packet));
    case os::Word::Durable:
      durable_ = std::move(packet.fd);
      return {};
    case os::Word::Predecessor: {
      const auto space = packet.text.find(' ');
      const auto pid = parse_uint(std::string_view(packet.text).substr(0, space), INT_MAX);
      pid_ = static_cast<pid_t>(pid.value_or(0));
      if (space != std::string::npos) pidfile_ = packet.text.substr(space + 1);
      return {};
    }
    default:
      return {};  // of a later version
  }
}

Status Predecessor::keep_listener(os::Packet packet) {
  const auto inode = parse_uint(cut_last_word(packet.text));
  const auto device = parse_uint(cut_last_word(packet.text));
  TOLLGATE_TRY(bind, parse_address(packet.text));
  std::optional<os::SocketFile> file;
  if (inode && device && *inode != 0) file = os::SocketFile{.device = *device, .inode = *inode};
  auto listener = os::Listener::inherit(std::move(packet.fd), bind, file);
  if (!listener) return fail(with_context("upgrade: " + packet.text, listener.error()));
  listeners_.push_back(std::make_shared<os::Listener>(*std::move(listener)));
  return {};
}

Predecessor::State Predecessor::look() {
  while (const auto packet = channel_.receive())
    if (packet->word == os::Word::Yours) gave_up_ = true;
  if (!channel_.is_open()) return State::Gone;
  return gave_up_ ? State::GaveUp : State::Owns;
}

void Predecessor::tell_failed(std::string_view why) {
  if (std::exchange(told_failed_, true)) return;
  tell(os::Word::Failed, std::string(why) + (words_.empty() ? "" : ": " + words_));
}

void Predecessor::tell(os::Word word, std::string_view text) {
  // It is no longer there: look() will say so.
  if (const Status sent = channel_.send(word, text); !sent) log::debug("{}", sent.error().message);
}

void Predecessor::succeed(const std::string& pidfile) {
  tell(os::Word::Took);
  for (const auto& listener : listeners_) listener->own_path();
  listeners_.clear();
  if (!pidfile_.empty() && pidfile_ != pidfile) os::remove_pid_file(pidfile_, pid_);
}

void Predecessor::leave() {
  channel_.close();
  listeners_.clear();
}

}  // namespace tollgate::master

// SPDX-License-Identifier: Apache-2.0
#include "server/os/upgrade_channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "server/log/logging.h"

namespace tollgate::os {
namespace {

constexpr std::size_t kMaxPacket = 64 << 10;  // a path, a sentence, or a key

// Room for the one descriptor of a packet, aligned as the kernel wants it.
union Control {
  cmsghdr header;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

UniqueFd take_descriptor(msghdr& message) {
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
    return {};
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return UniqueFd(fd);
}

}  // namespace

Result<std::pair<UpgradeChannel, UpgradeChannel>> UpgradeChannel::create() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return fail(from_errno("socketpair for the upgrade", errno));
  return std::pair(UpgradeChannel(UniqueFd(ends[0])), UpgradeChannel(UniqueFd(ends[1])));
}

Status UpgradeChannel::send(Word word, std::string_view text, int fd) {
  std::string packet(1, static_cast<char>(word));
  packet += text;
  if (packet.size() > kMaxPacket)
    return fail(Errc::TooLarge, "what is to be handed to the new master is too long");
  iovec part{.iov_base = packet.data(), .iov_len = packet.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  Control control{};
  if (fd >= 0) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  }
  while (sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    if (errno != EINTR) return fail(from_errno("send to the other master", errno));
  return {};
}

std::optional<Packet> UpgradeChannel::receive() {
  std::string buffer(kMaxPacket, '\0');
  while (fd_.valid()) {
    iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t got = recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got > 0)
      return Packet{.word = static_cast<Word>(buffer.front()),
                    .text = buffer.substr(1, static_cast<std::size_t>(got) - 1),
                    .fd = take_descriptor(message)};
    // ECONNRESET comes once, before what is still queued (see lifeline.cc).
    if (got < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
    if (got < 0 && errno == EAGAIN) return std::nullopt;
    if (got < 0) log::error("{}", from_errno("receive from the other master", errno).message);
    fd_.reset();
  }
  return std::nullopt;
}

bool UpgradeChannel::wait(milliseconds patience) const {
  pollfd watched{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  return poll(&watched, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace tollgate::os

// SPDX-License-Identifier: Apache-2.0
#include "server/os/lifeline.h"

#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "server/log/logging.h"

namespace tollgate::os {
namespace {

// A report is its kind, the code in the machine's byte order (both ends are
// the same binary), and the text.
constexpr std::size_t kHead = 1 + sizeof(int32_t);
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxPacket = kHead + kMaxText;

// Room for the descriptors of one packet, aligned as the kernel wants it.
struct Ancillary {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * Lifeline::kMostDescriptors)> bytes{};
};

Status send_packet(int fd, std::string_view packet, std::span<const int> descriptors = {}) {
  assert(descriptors.size() <= Lifeline::kMostDescriptors);
  std::string bytes(packet);  // iovec takes nothing that is const
  iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
  Ancillary ancillary;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = ancillary.bytes.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size_bytes());
  }
  for (;;) {
    const ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return {};
    if (errno != EINTR) return fail(from_errno("send over the lifeline", errno));
  }
}

std::vector<UniqueFd> descriptors_of(msghdr& message) {
  std::vector<UniqueFd> out;
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
      out.emplace_back(fd);
    }
  }
  return out;
}

template <class Message>
Received<Message> receive(int fd, std::optional<Message> (*decode)(std::string_view)) {
  using State = typename Received<Message>::State;
  std::array<char, kMaxPacket> buffer;
  for (;;) {
    iovec part{.iov_base = buffer.data(), .iov_len = buffer.size()};
    Ancillary ancillary;
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    // The master takes nothing from a worker but words: what it has no room for is closed.
    if constexpr (std::is_same_v<Message, Order>) {
      header.msg_control = ancillary.bytes.data();
      header.msg_controllen = ancillary.bytes.size();
    }
    const ssize_t got = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got == 0) return {State::Closed};
    if (got > 0) {
      std::vector<UniqueFd> descriptors = descriptors_of(header);
      if (auto message = decode({buffer.data(), static_cast<std::size_t>(got)}))
        return {State::Message, std::move(message), std::move(descriptors)};
      log::warning("lifeline: a packet of {} bytes is not one of ours; ignored", got);
      continue;
    }
    // ECONNRESET comes once, before what is still queued, when the other side ended with
    // unread packets: a worker's last words would be lost if that were taken for the end.
    if (errno == EINTR || errno == ECONNRESET) continue;
    if (errno == EAGAIN) return {State::Nothing};
    log::error("lifeline: {}", from_errno("recv", errno).message);
    return {State::Closed};
  }
}

}  // namespace

std::string encode(const Report& report) {
  const auto code = static_cast<int32_t>(report.code);
  std::string packet(1, static_cast<char>(report.kind));
  packet.resize(kHead);
  std::memcpy(packet.data() + 1, &code, sizeof code);
  packet.append(report.text, 0, kMaxText);
  return packet;
}

std::optional<Report> decode_report(std::string_view packet) {
  if (packet.size() < kHead) return std::nullopt;
  const auto kind = static_cast<Report::Kind>(packet.front());
  if (kind != Report::Kind::Ready && kind != Report::Kind::Failed && kind != Report::Kind::Keys &&
      kind != Report::Kind::Retire)
    return std::nullopt;
  int32_t code = 0;
  std::memcpy(&code, packet.data() + 1, sizeof code);
  return Report{.kind = kind, .code = code, .text = std::string(packet.substr(kHead))};
}

std::optional<Order> decode_order(std::string_view packet) {
  if (packet.size() != 1) return std::nullopt;
  const auto order = static_cast<Order>(packet.front());
  if (order != Order::Drain && order != Order::Quit && order != Order::Reopen &&
      order != Order::Keys)
    return std::nullopt;
  return order;
}

Result<std::pair<Lifeline, Lifeline>> Lifeline::create() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return fail(from_errno("socketpair for a lifeline", errno));
  return std::pair(Lifeline(UniqueFd(ends[0])), Lifeline(UniqueFd(ends[1])));
}

Status Lifeline::send(Order order, std::span<const int> descriptors) {
  const char packet = static_cast<char>(order);
  return send_packet(fd(), {&packet, 1}, descriptors);
}

Status Lifeline::send(const Report& report) { return send_packet(fd(), encode(report)); }

Received<Order> Lifeline::receive_order() { return receive<Order>(fd(), decode_order); }

Received<Report> Lifeline::receive_report() { return receive<Report>(fd(), decode_report); }

}  // namespace tollgate::os

// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "server/base/text.h"

namespace tollgate::test {
namespace {

UniqueFd connect_tcp(const Address& address) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
  return fd;
}

UniqueFd connect_tcp6(const Address& address) {
  UniqueFd fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(address.port);
  inet_pton(AF_INET6, address.host.c_str(), &to.sin6_addr);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
  return fd;
}

UniqueFd connect_unix(const Address& address) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address.path.data(),
              std::min(address.path.size(), sizeof(to.sun_path) - 1));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
  return fd;
}

UniqueFd open_connection(const Address& address) {
  switch (address.kind) {
    case Address::Kind::Tcp4:
      return connect_tcp(address);
    case Address::Kind::Tcp6:
      return connect_tcp6(address);
    case Address::Kind::Unix:
      return connect_unix(address);
    case Address::Kind::Fd:
      break;
  }
  return {};
}

UniqueFd connect_to(const Address& address, milliseconds patience) {
  UniqueFd fd = open_connection(address);
  const int on = 1;  // a request is a whole write, or meant to come in pieces
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval limit{.tv_sec = patience / 1s, .tv_usec = (patience % 1s).count() * 1000};
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return fd;
}

// RFC 9112 6.3.
bool has_body(std::string_view method, int status) {
  return method != "HEAD" && status >= 200 && status != 204 && status != 304;
}

}  // namespace

const char* to_string(Broken broken) {
  switch (broken) {
    case Broken::Refused:
      return "connection refused";
    case Broken::Closed:
      return "closed before a response";
    case Broken::Short:
      return "closed within a response";
    case Broken::Reset:
      return "connection reset";
    case Broken::Late:
      return "no response in time";
    case Broken::Malformed:
      return "not HTTP";
  }
  return "?";
}

const std::string* HttpResponse::find(std::string_view name) const {
  for (const auto& [each, value] : fields)
    if (iequals(each, name)) return &value;
  return nullptr;
}

std::string HttpResponse::field(std::string_view name) const {
  const std::string* const found = find(name);
  return found == nullptr ? "" : *found;
}

bool HttpResponse::closes() const { return iequals(field("connection"), "close"); }

std::string request(std::string_view method, std::string_view target, const Fields& fields,
                    std::string_view body) {
  std::string out(method);
  out.append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
  for (const auto& [name, value] : fields) out.append(name + ": " + value + "\r\n");
  if (!body.empty()) out.append("Content-Length: " + std::to_string(body.size()) + "\r\n");
  return out.append("\r\n").append(body);
}

Fields bearer(std::string_view token) {
  return {{"Authorization", "Bearer " + std::string(token)}};
}

HttpClient::HttpClient(const Address& address, milliseconds patience)
    : socket_(connect_to(address, patience)), patience_(patience) {}

void HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void HttpClient::shut_down_writing() { shutdown(socket_.get(), SHUT_WR); }

bool HttpClient::fill() {
  if (!connected()) return false;
  const Deadline deadline(patience_);
  pollfd watched{socket_.get(), POLLIN, 0};
  int ready = 0;
  do ready = poll(&watched, 1, deadline.poll_timeout());
  while (ready < 0 && errno == EINTR);
  if (ready == 0) return why_ = Broken::Late, false;
  char bytes[16384];
  const ssize_t n = recv(socket_.get(), bytes, sizeof bytes, 0);
  if (n > 0) return buffer_.append(bytes, static_cast<std::size_t>(n)), true;
  why_ = n < 0 ? Broken::Reset : Broken::Short;
  return false;
}

Received<std::string> HttpClient::take(std::size_t size) {
  while (buffer_.size() < size)
    if (!fill()) return tl::unexpected(why_);
  std::string out = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return out;
}

Received<std::string> HttpClient::receive_until(std::string_view mark) {
  auto end = buffer_.find(mark);
  for (; end == std::string::npos; end = buffer_.find(mark))
    if (!fill()) return tl::unexpected(why_);
  return take(end + mark.size());
}

Received<std::string> HttpClient::take_line() {
  auto line = receive_until("\r\n");
  if (line) line->resize(line->size() - 2);
  return line;
}

Received<std::string> HttpClient::take_chunks() {
  std::string body;
  for (;;) {
    const auto line = take_line();
    if (!line) return tl::unexpected(line.error());
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), size, 16);
    if (error != std::errc() || end != line->data() + line->size())
      return tl::unexpected(Broken::Malformed);
    auto chunk = take(size + 2);
    if (!chunk) return chunk;
    if (!chunk->ends_with("\r\n")) return tl::unexpected(Broken::Malformed);
    if (size == 0) return body;
    body.append(*chunk, 0, size);
  }
}

Received<HttpResponse> HttpClient::receive(std::string_view method) {
  if (buffer_.empty() && !fill())
    return tl::unexpected(why_ == Broken::Short ? Broken::Closed : why_);
  const auto start = take_line();
  if (!start) return tl::unexpected(start.error());
  HttpResponse response;
  if (!start->starts_with("HTTP/1.1 ") || start->size() < 13 || (*start)[12] != ' ')
    return tl::unexpected(Broken::Malformed);
  response.status = static_cast<int>(parse_uint(std::string_view(*start).substr(9, 3)).value_or(0));
  response.reason = start->substr(13);
  for (;;) {
    const auto line = take_line();
    if (!line) return tl::unexpected(line.error());
    if (line->empty()) break;
    const auto colon = line->find(": ");
    if (colon == std::string::npos) return tl::unexpected(Broken::Malformed);
    response.fields.emplace_back(line->substr(0, colon), line->substr(colon + 2));
  }
  if (!has_body(method, response.status)) return response;
  const auto length = parse_uint(response.field("content-length"));
  const bool chunked = response.field("transfer-encoding") == "chunked";
  if (length.has_value() == chunked) return tl::unexpected(Broken::Malformed);
  auto body = chunked ? take_chunks() : take(*length);
  if (!body) return tl::unexpected(body.error());
  response.body = *std::move(body);
  return response;
}

Received<HttpResponse> HttpClient::exchange(std::string_view method, std::string_view target,
                                            const Fields& fields, std::string_view body) {
  send(request(method, target, fields, body));
  return receive(method);
}

bool HttpClient::is_closed(milliseconds patience) {
  const milliseconds before = std::exchange(patience_, patience);
  const bool more = !buffer_.empty() || fill();
  patience_ = before;
  return !more && why_ == Broken::Short;
}

HttpResponse fetch(const Address& address, std::string_view method, std::string_view target,
                   const Fields& fields, std::string_view body) {
  HttpClient client(address);
  auto response = client.exchange(method, target, fields, body);
  if (response) return *std::move(response);
  ADD_FAILURE() << method << " " << target << ": " << to_string(response.error());
  return {};
}

HttpResponse get(const Address& address, std::string_view target, const Fields& fields) {
  return fetch(address, "GET", target, fields);
}

HttpResponse post_json(const Address& address, std::string_view target, std::string_view body,
                       Fields fields) {
  fields.emplace_back("Content-Type", "application/json");
  return fetch(address, "POST", target, fields, body);
}

}  // namespace tollgate::test

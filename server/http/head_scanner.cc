// SPDX-License-Identifier: Apache-2.0
#include "server/http/head_scanner.h"

#include <algorithm>
#include <cstring>

#include "server/base/text.h"

namespace tollgate::http {
namespace {

using Verdict = HeadScanner::Verdict;
constexpr Verdict kMore{Verdict::Kind::More};
constexpr Verdict kComplete{Verdict::Kind::Complete};
constexpr Verdict refuse(int status, std::string_view reason) {
  return {Verdict::Kind::Refused, 0, status, reason};
}

// RFC 9112 2.2 lets a server skip an empty line before the request line; two
// of them are more than any client sends.
constexpr std::size_t kMaxEmptyLines = 2;

// Controls that no line of a head may hold; CR and HTAB have rules of their own.
bool has_control(std::string_view piece) {
  bool found = false;
  for (const char c : piece) {
    const auto byte = static_cast<unsigned char>(c);
    found |= (byte < 0x20 && byte != '\t' && byte != '\r') || byte == 0x7F;
  }
  return found;
}

}  // namespace

void HeadScanner::reset() {
  line_ = line_length_ = empty_lines_ = head_ = 0;
  first_ = last_ = 0;
}

Verdict HeadScanner::feed(std::string_view bytes) {
  std::size_t consumed = 0;
  while (consumed < bytes.size()) {
    const std::string_view rest = bytes.substr(consumed);
    const auto* lf = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
    const std::string_view piece = rest.substr(
        0, lf == nullptr ? std::string_view::npos : static_cast<std::size_t>(lf - rest.data()));
    if (const Verdict verdict = within_line(piece); verdict.kind == Verdict::Kind::Refused)
      return verdict;
    if (lf == nullptr) return kMore;
    consumed += piece.size() + 1;
    ++head_;
    Verdict verdict = end_of_line();
    verdict.consumed = consumed;
    if (verdict.kind != Verdict::Kind::More) return verdict;
  }
  return kMore;
}

// `piece` has no LF. A CR is right only as its last byte, and then only before an LF.
Verdict HeadScanner::within_line(std::string_view piece) {
  if (piece.empty()) return kMore;
  if (last_ == '\r') return refuse(400, "a CR without an LF in the head");
  if (line_length_ == 0) first_ = piece.front();
  if (const auto cr = piece.find('\r'); cr != std::string_view::npos && cr + 1 != piece.size())
    return refuse(400, "a CR without an LF in the head");
  if (has_control(piece)) return refuse(400, "a control character in the head");
  if (line_length_ == 0 && line_ > 0 && (first_ == ' ' || first_ == '\t'))
    return refuse(400, "a folded header field (RFC 9112 5.2)");
  if (line_length_ == 0 && line_ > 0 && first_ == ':') return refuse(400, "an empty field name");

  line_length_ += piece.size();
  head_ += piece.size();
  last_ = piece.back();
  if (line_ == 0) {
    const std::size_t kept = std::min(piece.size(), tail_.size());
    std::shift_left(tail_.begin(), tail_.end(), static_cast<std::ptrdiff_t>(kept));
    std::copy_n(piece.end() - static_cast<std::ptrdiff_t>(kept), kept,
                tail_.end() - static_cast<std::ptrdiff_t>(kept));
  }
  return sizes();
}

Verdict HeadScanner::sizes() const {
  if (line_ == 0 && line_length_ > limits_.request_line)
    return refuse(414, "the request line is too long");
  if (line_ > 0 && line_length_ > limits_.field_size)
    return refuse(431, "a header field is too long");
  if (head_ > limits_.head) return refuse(431, "the header section is too long");
  return kMore;
}

Verdict HeadScanner::end_of_line() {
  if (last_ != '\r') return refuse(400, "an LF without a CR in the head");
  const bool empty = line_length_ == 1;
  line_length_ = 0;
  last_ = 0;
  if (line_ == 0) {
    if (empty)
      return ++empty_lines_ > kMaxEmptyLines ? refuse(400, "empty lines before the request")
                                             : kMore;
    return end_of_request_line();
  }
  if (empty) return kComplete;
  if (line_++ > limits_.fields) return refuse(431, "too many header fields");
  return kMore;
}

// llhttp takes "RTSP/1.0", "ICE/1.0", HTTP/0.9 and HTTP/2.0 for HTTP.
Verdict HeadScanner::end_of_request_line() {
  line_ = 1;
  const std::string_view tail(tail_.data(), tail_.size());
  if (tail == " HTTP/1.1\r" || tail == " HTTP/1.0\r") return kMore;
  const bool other_version =
      tail.starts_with(" HTTP/") && is_digit(tail[6]) && tail[7] == '.' && is_digit(tail[8]);
  return other_version ? refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
                       : refuse(400, "the request line does not end in HTTP/1.1");
}

}  // namespace tollgate::http

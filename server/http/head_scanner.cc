// SPDX-License-Identifier: Apache-2.0
#include "server/http/head_scanner.h"

#include <algorithm>
#include <cstring>

#include "server/base/text.h"
#include "server/http/headers.h"

namespace tollgate::http {
namespace {

using Verdict = HeadScanner::Verdict;
constexpr Verdict kMore{Verdict::Kind::More};
constexpr Verdict kComplete{Verdict::Kind::Complete};
constexpr Verdict refuse(int status, std::string_view reason) {
  return {Verdict::Kind::Refused, 0, status, reason};
}

std::string_view without_cr(std::string_view line) {
  return line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0));
}

}  // namespace

void HeadScanner::reset() {
  line_ = line_length_ = head_ = spaces_ = 0;
  last_ = 0;
}

void HeadScanner::reset_to_fields() {
  reset();
  line_ = 1;
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
    if (++head_ > limits_.head) return refuse(431, "the header section is too long");
    Verdict verdict = end_of_line();
    verdict.consumed = consumed;
    if (verdict.kind != Verdict::Kind::More) return verdict;
  }
  return kMore;
}

// `piece` has no LF. Nearly always nothing is wrong with it, which is seen at
// once; where something is, the first byte that is wrong decides.
Verdict HeadScanner::within_line(std::string_view piece) {
  if (piece.empty()) return kMore;
  const bool in_fields = line_length_ == 0 && line_ > 0;
  if (in_fields && (piece.front() == ' ' || piece.front() == '\t'))
    return refuse(400, "a folded header field (RFC 9112 5.2)");
  if (in_fields && piece.front() == ':') return refuse(400, "an empty field name");
  if (last_ != '\r' && !has_control(without_cr(piece)) && fits(piece)) {
    take_well(piece);
    return kMore;
  }
  for (const char c : piece)
    if (const Verdict verdict = take(c); verdict.kind == Verdict::Kind::Refused) return verdict;
  return kMore;
}

// The CR that ends a line is not of its size, but of the head's.
bool HeadScanner::fits(std::string_view piece) const {
  const std::size_t size = line_length_ + without_cr(piece).size();
  return size <= (line_ == 0 ? limits_.request_line : limits_.field_size) &&
         head_ + piece.size() <= limits_.head;
}

Verdict HeadScanner::take(char c) {
  if (last_ == '\r') return refuse(400, "a CR without an LF in the head");
  if (c != '\r' && has_control({&c, 1})) return refuse(400, "a control character in the head");
  const std::string_view piece(&c, 1);
  if (!fits(piece)) {
    if (head_ + 1 > limits_.head) return refuse(431, "the header section is too long");
    return line_ == 0 ? refuse(414, "the request line is too long")
                      : refuse(431, "a header field is too long");
  }
  take_well(piece);
  return kMore;
}

void HeadScanner::take_well(std::string_view piece) {
  line_length_ += piece.size();
  head_ += piece.size();
  last_ = piece.back();
  if (line_ > 0) return;
  spaces_ += static_cast<std::size_t>(std::ranges::count(piece, ' '));
  if (piece.size() >= tail_.size()) {  // nearly always
    std::memcpy(tail_.data(), piece.data() + piece.size() - tail_.size(), tail_.size());
    return;
  }
  std::shift_left(tail_.begin(), tail_.end(), static_cast<std::ptrdiff_t>(piece.size()));
  std::ranges::copy(piece, tail_.end() - static_cast<std::ptrdiff_t>(piece.size()));
}

Verdict HeadScanner::end_of_line() {
  if (last_ != '\r') return refuse(400, "an LF without a CR in the head");
  const bool empty = line_length_ == 1;
  line_length_ = 0;
  last_ = 0;
  if (line_ == 0)
    return empty ? refuse(400, "empty lines before the request") : end_of_request_line();
  if (empty) return kComplete;
  if (line_++ > limits_.fields) return refuse(431, "too many header fields");
  return kMore;
}

// llhttp takes "RTSP/1.0", "ICE/1.0", HTTP/0.9 and HTTP/2.0 for HTTP.
Verdict HeadScanner::end_of_request_line() {
  line_ = 1;
  const std::string_view tail(tail_.data(), tail_.size());
  // RFC 9110 2.5: a higher minor version is read as the highest that is known.
  if (tail.starts_with(" HTTP/1.") && is_digit(tail[8]) && tail[9] == '\r') {
    // More of them could be read in two ways (RFC 9112 3).
    return spaces_ == 2 ? kMore : refuse(400, "not two spaces in the request line");
  }
  const bool other_version =
      tail.starts_with(" HTTP/") && is_digit(tail[6]) && tail[7] == '.' && is_digit(tail[8]);
  return other_version ? refuse(505, "only HTTP/1 is spoken here")
                       : refuse(400, "the request line does not end in HTTP/1.1");
}

}  // namespace tollgate::http

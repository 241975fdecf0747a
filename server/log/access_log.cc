// SPDX-License-Identifier: Apache-2.0
#include "server/log/access_log.h"

#include <cerrno>

#include "server/log/logging.h"

namespace tollgate::log {
namespace {

// The newline that ends a half written line stands at the front, and is no line of its own.
uint64_t count_lines(std::string_view text) {
  uint64_t lines = 0;
  for (std::size_t i = 0; i < text.size(); ++i) lines += text[i] == '\n' && i != 0;
  return lines;
}

}  // namespace

AccessLog::AccessLog(Output output, AccessFormat format)
    : output_(std::move(output)), format_(std::move(format)) {
  constexpr std::size_t kLongLine = 32 << 10;  // the line that crosses kFlushAt
  buffer_.reserve(kFlushAt + kLongLine);
}

AccessLog::~AccessLog() { flush(); }

void AccessLog::append(const AccessRecord& record) {
  const std::size_t before = buffer_.size();
  format_.append(buffer_, record, timestamp_);
  const std::size_t line = buffer_.size() - before;
  if (buffer_.size() >= flush_at_ || buffer_.size() > kKeepAtMost) flush();
  if (buffer_.size() <= kKeepAtMost) return;
  lose(std::string_view(buffer_).substr(buffer_.size() - line), EAGAIN);
  buffer_.resize(buffer_.size() - line);
}

void AccessLog::flush() {
  if (buffer_.empty()) return;
  const auto [count, error] = output_.write(buffer_);
  if (count != 0) torn_ = buffer_[count - 1] != '\n';
  if (error == 0) {
    buffer_.clear();
    recovered();
  } else if (error == EAGAIN) {
    buffer_.erase(0, count);
  } else {
    lose(std::string_view(buffer_).substr(count), error);
    buffer_.assign(torn_ ? "\n" : "");
  }
  flush_at_ = buffer_.size() + kFlushAt;
}

void AccessLog::lose(std::string_view lines, int why) {
  const bool first = lost_ == lost_before_;
  lost_ += count_lines(lines);
  if (first && lost_ != lost_before_)
    error("accesslog: {}; lines are lost", from_errno("write " + output_.path(), why).message);
}

void AccessLog::recovered() {
  if (lost_ == lost_before_) return;
  warning("accesslog: {} is written again; {} lines were lost", output_.path(),
          lost_ - lost_before_);
  lost_before_ = lost_;
}

void AccessLog::use(UniqueFd file) {
  flush();
  output_ = Output::adopt(std::move(file), output_.path());
}

}  // namespace tollgate::log

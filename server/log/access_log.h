// The access log of one worker: a line for each answer, in the order of the
// answers, collected in a buffer and written in large pieces.
//
// perf.md: an own buffer costs 30 ns a line, spdlog's asynchronous logger 700.
// For one thread. Make it in the worker, after the fork: lines in the buffer of
// a process that forks would be written twice.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "server/base/result.h"
#include "server/log/access_format.h"
#include "server/log/access_record.h"
#include "server/log/output.h"

namespace tollgate::log {

class AccessLog {
 public:
  // At this size the buffer is written without waiting for flush().
  static constexpr std::size_t kFlushAt = 64 << 10;
  // What is kept for a reader that is slow (EAGAIN); later lines are lost.
  static constexpr std::size_t kKeepAtMost = 1 << 20;

  // `output` from Output::open(config.accesslog, STDOUT_FILENO).
  AccessLog(Output output, AccessFormat format);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  ~AccessLog();  // flushes

  void append(const AccessRecord& record);

  // Writes what is in the buffer; called once a second by the worker's timer.
  // What cannot be written (disk full, reader gone) is lost, counted, and said
  // in the error log once until a write succeeds again.
  void flush();

  // After a rotation (SIGUSR1): `file` is the new one. Lines so far go to the old.
  void use(UniqueFd file);

  uint64_t lost() const { return lost_; }  // lines, since the start

 private:
  void lose(std::string_view lines, int why);
  void recovered();

  Output output_;
  AccessFormat format_;
  Timestamp timestamp_{Timestamp::Style::Common};
  std::string buffer_;  // whole lines, except for the front after a partial write
  std::size_t flush_at_ = kFlushAt;
  bool torn_ = false;  // the last byte that was written did not end a line
  uint64_t lost_ = 0;
  uint64_t lost_before_ = 0;  // lost_ at the last good write
};

}  // namespace tollgate::log

// The body of a request, while it comes and when it is there: in memory up to a size, beyond it
// in a temporary file. What came compressed is inflated on the way in.
//
// Part of an exchange, which owns it and frees it in reset(). Written by the loop's thread until
// finish(), then only read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/http/body_file.h"
#include "server/http/inflater.h"

namespace tollgate::http {

class RequestBody {
 public:
  struct Rules {
    uint64_t limit = UINT64_MAX;    // more bytes are TooLarge
    uint64_t buffer = UINT64_MAX;   // more bytes go to a file
    const char* temp_dir = "/tmp";  // there; outlives the body
    uint32_t inflation = 0;         // it comes as gzip, and a byte may become so many; 0: as it is
  };
  enum class Fault : uint8_t {
    None,
    TooLarge,  // 413: by `limit` or `inflation`
    Corrupt,   // 400: that is no gzip
    NoFile,    // 503: error() says why there is none
  };

  // Before the first append(); without it there are no limits.
  void begin(const Rules& rules);
  // Whether so many bytes more may come. False: they would be TooLarge.
  bool has_room(uint64_t more) const;
  // After a fault nothing more may be appended.
  Fault append(std::string_view piece);
  // Once, behind the last piece.
  Fault finish();

  // All of it, from finish() on; for as long as the body lives.
  std::string_view view() const { return file_ ? file_->view() : std::string_view(memory_); }
  // Bytes so far, inflated.
  uint64_t size() const { return file_ ? file_->size() : memory_.size(); }
  bool in_file() const { return file_ != nullptr; }
  const BodyFile* file() const { return file_.get(); }

  // After NoFile.
  const std::string& error() const { return error_; }

  // Empty, as new, but with the memory of a small body.
  void reset();

 private:
  Fault store(std::string_view bytes);
  Fault inflate(std::string_view piece);
  Fault go_to_file();
  Fault check(const Status& done);

  Rules rules_;
  std::string memory_;
  std::unique_ptr<BodyFile> file_;
  std::unique_ptr<Inflater> inflater_;
  std::string error_;
};

// What to answer a fault that is not None, and why.
struct BodyRefusal {
  int status;
  const char* reason;
};
BodyRefusal refusal_of(RequestBody::Fault fault);

// A body in pieces, front to back, for a handler that does not want one view of it. Valid as
// long as its request. One thread at a time.
class TOLLGATE_API BodyReader {
 public:
  explicit BodyReader(const RequestBody& body) : body_(body) {}

  // Fills the front of `room`, which is not empty, and says how much; 0: the end. Errors: Io.
  Result<std::size_t> read(std::span<char> room);

 private:
  const RequestBody& body_;
  uint64_t offset_ = 0;
};

}  // namespace tollgate::http

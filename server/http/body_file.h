// A temporary file without a name, for a body that is too large to be held in memory.
//
// It is written front to back, then seen as one piece of read-only memory, of which nothing is
// anonymous: the kernel may drop its pages when it needs them. Nobody else can open the file, so
// nobody can make it shorter, which is what reading from such memory would end with SIGBUS. The
// loop's thread writes it: a write goes to the page cache, and waits only where the disk is behind.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::http {

class BodyFile {
 public:
  // In `directory`, for this user only. Errors: Io; they name the directory and errno.
  static Result<std::unique_ptr<BodyFile>> create(const char* directory);
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;
  ~BodyFile();

  // Errors: Io. The file is of no use then.
  Status append(std::string_view bytes);
  uint64_t size() const { return size_; }

  // Once, behind the last append(). Errors: Io.
  Status map();
  // From map() on, for as long as this lives; before it, empty.
  std::string_view view() const { return view_; }

  // Fills the front of `room` from `offset` on; 0: the end. Any thread. Errors: Io.
  Result<std::size_t> read(std::span<char> room, uint64_t offset) const;

 private:
  BodyFile(UniqueFd file, const char* directory) : file_(std::move(file)), directory_(directory) {}
  Error failed(std::string_view call, int errno_value) const;

  UniqueFd file_;
  const char* const directory_;  // the settings'
  uint64_t size_ = 0;
  std::string_view view_;
};

}  // namespace tollgate::http

// The memory of one request: bytes that all die together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace tollgate::http {

class Arena {
 public:
  // A copy of `text` that lives until reset().
  std::string_view copy(std::string_view text);

  // Bytes to write to, which live until reset().
  char* allocate(std::size_t size);

  // Forgets everything; keeps the first block for the next request.
  void reset();

 private:
  static constexpr std::size_t kFirstBlock = 2048;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace tollgate::http

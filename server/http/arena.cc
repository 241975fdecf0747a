// SPDX-License-Identifier: Apache-2.0
#include "server/http/arena.h"

#include <algorithm>
#include <cstring>

namespace tollgate::http {

char* Arena::allocate(std::size_t size) {
  if (size > left_) {
    const std::size_t block =
        std::max(size, blocks_.empty() ? kFirstBlock : 2 * blocks_.back().size);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
    next_ = blocks_.back().bytes.get();
    left_ = block;
  }
  char* const given = next_;
  next_ += size;
  left_ -= size;
  return given;
}

std::string_view Arena::copy(std::string_view text) {
  char* const bytes = allocate(text.size());
  if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void Arena::reset() {
  if (blocks_.empty()) return;
  if (blocks_.front().size > kFirstBlock) {
    blocks_.clear();
    next_ = nullptr;
    left_ = 0;
    return;
  }
  blocks_.erase(blocks_.begin() + 1, blocks_.end());
  next_ = blocks_.front().bytes.get();
  left_ = blocks_.front().size;
}

}  // namespace tollgate::http

// SPDX-License-Identifier: Apache-2.0
#include "server/http/content.h"

#include <numeric>

namespace tollgate::http {
namespace {

uint64_t size_of(const Piece& piece) {
  if (const auto* bytes = std::get_if<std::string>(&piece)) return bytes->size();
  return std::get<FilePart>(piece).size;
}

}  // namespace

uint64_t size_of(const Pieces& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), uint64_t{0},
                         [](uint64_t sum, const Piece& piece) { return sum + size_of(piece); });
}

std::optional<uint64_t> size_of(const Content& content) {
  if (const auto* bytes = std::get_if<std::string>(&content)) return bytes->size();
  if (const auto* pieces = std::get_if<Pieces>(&content)) return size_of(*pieces);
  return std::nullopt;
}

}  // namespace tollgate::http

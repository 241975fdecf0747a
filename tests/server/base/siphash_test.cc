// SPDX-License-Identifier: Apache-2.0
#include "server/base/siphash.h"

#include <gtest/gtest.h>

#include <string>

namespace tollgate {
namespace {

constexpr SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

// The reference vectors: the bytes 0, 1, 2, … under the key 0, 1, … 15.
TEST(SipHash, GivesTheReferenceVectors) {
  const std::pair<std::size_t, uint64_t> vectors[] = {{0, 0x726fdb47dd0e0e31},
                                                      {1, 0x74f839c593dc67fd},
                                                      {8, 0x93f5f5799a932462},
                                                      {15, 0xa129ca6149be45e5}};
  for (const auto& [size, expected] : vectors) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i);
    EXPECT_EQ(siphash(kKey, bytes), expected) << size;
  }
}

TEST(SipHash, AnotherKeyIsAnotherHash) {
  EXPECT_NE(siphash(kKey, "192.0.2.1"), siphash({kKey.first, kKey.second + 1}, "192.0.2.1"));
}

}  // namespace
}  // namespace tollgate

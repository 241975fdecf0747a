// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/base64url.h"

#include <array>
#include <cassert>

namespace tollgate::crypto {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// A character's six bits, already where they belong in a group of 24; above
// bit 24 for what is no character, so that one test finds all bad ones.
constexpr uint32_t kBad = 1U << 24;
using Table = std::array<uint32_t, 256>;

constexpr Table table_for(int shift) {
  Table table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<uint32_t>(i) << shift;
  return table;
}

constexpr Table kFirst = table_for(18);
constexpr Table kSecond = table_for(12);
constexpr Table kThird = table_for(6);
constexpr Table kFourth = table_for(0);

constexpr uint8_t octet(uint32_t group, int shift) {
  return static_cast<uint8_t>(group >> shift & 0xFF);
}

}  // namespace

std::optional<std::size_t> base64url_decode(std::string_view text, std::span<uint8_t> out) {
  assert(out.size() >= base64url_octets(text.size()));
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  uint8_t* to = out.data();
  uint32_t seen = 0;
  for (std::size_t groups = text.size() / 4; groups > 0; --groups, in += 4, to += 3) {
    const uint32_t group = kFirst[in[0]] | kSecond[in[1]] | kThird[in[2]] | kFourth[in[3]];
    seen |= group;
    to[0] = octet(group, 16);
    to[1] = octet(group, 8);
    to[2] = octet(group, 0);
  }

  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;  // six bits: no byte
  if (rest >= 2) {
    const uint32_t group = kFirst[in[0]] | kSecond[in[1]] | (rest == 3 ? kThird[in[2]] : 0);
    seen |= group;
    to[0] = octet(group, 16);
    if (rest == 3) to[1] = octet(group, 8);
    if ((group & (rest == 3 ? 0xFFU : 0xFFFFU)) != 0) return std::nullopt;  // bits to spare
  }
  if ((seen & kBad) != 0) return std::nullopt;
  return base64url_octets(text.size());
}

void append_base64url(std::string& out, Octets data) {
  const std::size_t start = out.size();
  out.resize(start + base64url_size(data.size()));
  char* to = out.data() + start;
  const auto put = [&to](uint32_t group, int characters) {
    for (int shift = 18; characters > 0; --characters, shift -= 6)
      *to++ = kAlphabet[group >> shift & 0x3F];
  };
  for (; data.size() >= 3; data = data.subspan(3))
    put(uint32_t{data[0]} << 16 | uint32_t{data[1]} << 8 | data[2], 4);
  if (data.size() == 2) put(uint32_t{data[0]} << 16 | uint32_t{data[1]} << 8, 3);
  if (data.size() == 1) put(uint32_t{data[0]} << 16, 2);
}

std::string base64url(Octets data) {
  std::string out;
  append_base64url(out, data);
  return out;
}

}  // namespace tollgate::crypto

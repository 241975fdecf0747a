// SPDX-License-Identifier: Apache-2.0
#include "auth/crypto/base64url.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace tollgate::crypto {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::vector<uint8_t> out(base64url_octets(text.size()));
  const auto size = base64url_decode(text, out);
  if (!size) return std::nullopt;
  return std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
}

TEST(Base64url, WritesWhatRfc4648Writes) {
  const std::array<std::pair<std::string_view, std::string_view>, 8> rows = {
      {{"", ""},
       {"f", "Zg"},
       {"fo", "Zm8"},
       {"foo", "Zm9v"},
       {"foob", "Zm9vYg"},
       {"fooba", "Zm9vYmE"},
       {"foobar", "Zm9vYmFy"},
       {"\xFB\xEF\xFF", "--__"}}};
  for (const auto& [plain, text] : rows) {
    EXPECT_EQ(base64url(octets(plain)), text);
    EXPECT_EQ(decoded(text), plain) << text;
  }
}

TEST(Base64url, ReadsBackEveryByteAtEveryPosition) {
  for (int value = 0; value < 256; ++value) {
    for (std::size_t size = 1; size <= 5; ++size) {
      const std::string plain(size, static_cast<char>(value));
      EXPECT_EQ(decoded(base64url(octets(plain))), plain);
    }
  }
}

TEST(Base64url, RefusesEverySpellingButOne) {
  const std::array<std::string_view, 16> bad = {"Z",      "Zm9vY",           // six bits over
                                                "Zg==",   "Zm8=",  "Zm9v=",  // padding
                                                "Zm9v ",  " Zm9v", "Zm\n9",
                                                "Zm9v\n", "++//",  "-_+/",  // the other alphabet
                                                "Zh",     "Zm9",  // bits to spare that are not zero
                                                "Zm9v!",  "Zm.v",  "Zm\xC3\xBC"};
  for (const auto text : bad) EXPECT_EQ(decoded(text), std::nullopt) << text;
  using namespace std::string_view_literals;
  EXPECT_EQ(decoded("Zm\0v"sv), std::nullopt);
}

TEST(Base64url, EveryByteOutsideTheAlphabetIsRefusedAtEveryPosition) {
  int accepted = 0;
  for (int value = 0; value < 256; ++value) {
    for (std::size_t position = 0; position < 4; ++position) {
      std::string text = "AAAA";
      text[position] = static_cast<char>(value);
      accepted += decoded(text).has_value() ? 1 : 0;
    }
  }
  EXPECT_EQ(accepted, 4 * 64);
}

}  // namespace
}  // namespace tollgate::crypto

// A set of characters that is asked in one step, whatever is in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tollgate {

class CharSet {
 public:
  constexpr explicit CharSet(std::string_view chars) {
    for (const char c : chars) has_[static_cast<unsigned char>(c)] = true;
  }
  constexpr CharSet operator|(const CharSet& other) const {
    CharSet both = *this;
    for (std::size_t i = 0; i < has_.size(); ++i) both.has_[i] = has_[i] || other.has_[i];
    return both;
  }

  constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  constexpr bool has_all(std::string_view text) const {
    return std::ranges::all_of(text, [this](char c) { return has(c); });
  }
  constexpr bool has_any(std::string_view text) const {
    return std::ranges::any_of(text, [this](char c) { return has(c); });
  }

 private:
  std::array<bool, 256> has_{};
};

inline constexpr CharSet kAlphanumeric(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

}  // namespace tollgate

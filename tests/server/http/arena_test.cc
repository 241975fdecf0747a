// SPDX-License-Identifier: Apache-2.0
#include "server/http/arena.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tollgate::http {
namespace {

TEST(Arena, CopiesLiveUntilTheReset) {
  Arena arena;
  std::vector<std::pair<std::string, std::string_view>> copies;
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::string text(i % 97, static_cast<char>('a' + i % 26));
    copies.emplace_back(text, arena.copy(text));
  }
  copies.emplace_back(std::string(100'000, 'z'), arena.copy(std::string(100'000, 'z')));
  for (const auto& [text, copy] : copies) ASSERT_EQ(copy, text);
}

TEST(Arena, NothingIsText) {
  Arena arena;
  EXPECT_EQ(arena.copy(""), "");
}

TEST(Arena, AResetGivesTheFirstBlockAgain) {
  Arena arena;
  const char* const first = arena.copy("one").data();
  arena.copy(std::string(100'000, 'x'));
  arena.reset();
  EXPECT_EQ(arena.copy("two").data(), first);
  arena.reset();
  arena.reset();
  EXPECT_EQ(arena.copy("three").data(), first);
}

TEST(Arena, AnOversizedFirstBlockIsNotKept) {
  Arena arena;
  arena.copy(std::string(1 << 20, 'x'));
  arena.reset();
  EXPECT_EQ(arena.copy("again"), "again");
}

}  // namespace
}  // namespace tollgate::http

// SPDX-License-Identifier: Apache-2.0
#include "server/log/sparing.h"

#include <gtest/gtest.h>

#include "server/log/logging.h"
#include "tests/server/log/temporary_directory.h"
#include "tests/support/manual_clock.h"

namespace tollgate::log {
namespace {

using namespace std::chrono_literals;

TEST(Sparing, WritesALineAMinuteAndCountsTheOthers) {
  const TemporaryDirectory directory;
  const std::string file = directory / "error.log";
  ASSERT_TRUE(configure(file, LogLevel::Info));
  tests::ManualClock clock;
  Sparing sparing(clock);
  Sparing another(clock);
  for (int i = 0; i < 4; ++i) sparing.write(LogLevel::Warning, "a" + std::to_string(i));
  another.write(LogLevel::Error, "b");
  clock.advance(59'999ms);
  sparing.write(LogLevel::Warning, "c");
  EXPECT_EQ(read_lines(file).size(), 2U);
  clock.advance(1ms);
  sparing.write(LogLevel::Warning, "d");
  clock.advance(60s);
  sparing.write(LogLevel::Warning, "e");
  EXPECT_TRUE(configure("-", LogLevel::Info));
  const auto lines = read_lines(file);
  const char* const ends[] = {"[WARNING] a0", "[ERROR] b",
                              "[WARNING] d (and 4 more since the last such line)", "[WARNING] e"};
  ASSERT_EQ(lines.size(), std::size(ends));
  for (std::size_t i = 0; i < lines.size(); ++i)
    EXPECT_TRUE(lines[i].ends_with(ends[i])) << lines[i];
}

}  // namespace
}  // namespace tollgate::log

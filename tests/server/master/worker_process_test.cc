// SPDX-License-Identifier: Apache-2.0
#include "server/master/worker_process.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace tollgate::master {
namespace {

TEST(Exit, SaysWhatTheOperatorHasToKnow) {
  EXPECT_EQ(to_string(Exit{.code = 0}), "ended with code 0");
  EXPECT_EQ(to_string(Exit{.code = 4}), "ended with code 4 (the application could not be loaded)");
  EXPECT_EQ(to_string(Exit{.code = std::nullopt, .signal = SIGSEGV}), "was killed by SIGSEGV");
  EXPECT_EQ(to_string(Exit{.code = std::nullopt, .signal = SIGABRT, .core_dumped = true}),
            "was killed by SIGABRT (core dumped)");
  EXPECT_EQ(to_string(Exit{.code = std::nullopt}), "is gone; somebody else has reaped it");
}

}  // namespace
}  // namespace tollgate::master

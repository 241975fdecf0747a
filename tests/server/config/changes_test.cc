// SPDX-License-Identifier: Apache-2.0
#include "server/config/changes.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

TEST(Changes, EqualConfigurationsHaveNone) { EXPECT_TRUE(changes(Config{}, Config{}).empty()); }

TEST(Changes, EachChangedSettingIsNamedWithBothValuesAndWhenItApplies) {
  Config after;
  after.bind = {"127.0.0.1:1", "unix:/x"};
  after.timeout = 90s;
  after.pidfile = "/run/x.pid";
  const auto found = changes(Config{}, after);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].name, "bind");
  EXPECT_EQ(found[0].before, "127.0.0.1:8000");
  EXPECT_EQ(found[0].after, "127.0.0.1:1, unix:/x");
  EXPECT_EQ(found[0].applies, Applies::OnReload);
  EXPECT_EQ(found[1].name, "timeout");
  EXPECT_EQ(found[1].after, "90s");
  EXPECT_EQ(found[2].name, "pidfile");
  EXPECT_EQ(found[2].before, "");
  EXPECT_EQ(found[2].applies, Applies::OnRestart);
}

TEST(Changes, ASecretIsSeenToChangeButNotShown) {
  Config before;
  Config after;
  before.signing_key = "hush";
  after.signing_key = "quiet";
  const auto both = changes(before, after);
  ASSERT_EQ(both.size(), 1u);
  EXPECT_EQ(both[0].before, "(secret)");
  EXPECT_EQ(both[0].after, "(secret)");
  EXPECT_EQ(changes(before, Config{}).at(0).after, "");
}

}  // namespace
}  // namespace tollgate

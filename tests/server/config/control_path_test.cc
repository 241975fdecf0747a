// SPDX-License-Identifier: Apache-2.0
#include "server/config/control_path.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

const std::string kService = "/run/tollgate/tollgate.ctl";

struct Place {
  const char* name;
  const char* setting;
  RuntimeFolders folders;
  std::string server;              // where it listens
  std::vector<std::string> looks;  // where ctl looks
};

class ControlPath : public testing::TestWithParam<Place> {};

TEST_P(ControlPath, IsWhereBothSidesExpectIt) {
  const Place& place = GetParam();
  EXPECT_EQ(control_path(place.setting, place.folders), place.server);
  EXPECT_EQ(control_candidates(place.setting, place.folders), place.looks);
}

INSTANTIATE_TEST_SUITE_P(
    Config, ControlPath,
    testing::Values(
        Place{"Nowhere", "auto", {}, "", {kService}},
        Place{"TheService", "auto", {"/run/tollgate", "/run/user/1"}, kService, {kService}},
        Place{"TheFirstOfSeveral",
              "auto",
              {"/run/a:/run/b", ""},
              "/run/a/tollgate.ctl",
              {"/run/a/tollgate.ctl", kService}},
        Place{"ALogin",
              "auto",
              {"", "/run/user/1"},
              "/run/user/1/tollgate.ctl",
              {"/run/user/1/tollgate.ctl", kService}},
        Place{"AsSet", "/run/x.ctl", {"/run/tollgate", ""}, "/run/x.ctl", {"/run/x.ctl"}},
        Place{"SwitchedOff", "", {"/run/tollgate", ""}, "", {}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tollgate

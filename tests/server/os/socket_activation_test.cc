// SPDX-License-Identifier: Apache-2.0
#include "server/os/socket_activation.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/unique_fd.h"

namespace tollgate::os {
namespace {

constexpr pid_t kSelf = 4711;

struct Given {
  const char* name;
  ListenVariables variables;
  Result<PassedSockets> expected;
};

class ListenFds : public testing::TestWithParam<Given> {};

TEST_P(ListenFds, AreReadAsSystemdWritesThem) {
  const Given& given = GetParam();
  const auto passed = parse_listen_variables(given.variables, kSelf);
  ASSERT_EQ(passed.has_value(), given.expected.has_value());
  if (passed)
    EXPECT_EQ(*passed, *given.expected);
  else
    EXPECT_NE(passed.error().message.find(given.expected.error().message), std::string::npos)
        << passed.error().message;
}

tl::unexpected<Error> refused(const char* word) { return fail(Errc::InvalidArgument, word); }

INSTANTIATE_TEST_SUITE_P(
    SocketActivation, ListenFds,
    testing::Values(Given{"Nothing", {}, PassedSockets{}},
                    Given{"NoPid", {.fds = "1"}, PassedSockets{}},
                    Given{"OfAnotherProcess", {.pid = "4712", .fds = "1"}, PassedSockets{}},
                    Given{
                        "OfAnotherProcessAndBroken", {.pid = "4712", .fds = "x"}, PassedSockets{}},
                    Given{"None", {.pid = "4711", .fds = "0"}, PassedSockets{}},
                    Given{"WithoutNames",
                          {.pid = "4711", .fds = "2"},
                          PassedSockets{{3, "unknown"}, {4, "unknown"}}},
                    Given{"WithNames",
                          {.pid = "4711", .fds = "2", .names = "web:admin"},
                          PassedSockets{{3, "web"}, {4, "admin"}}},
                    Given{"WithAnEmptyName",
                          {.pid = "4711", .fds = "2", .names = "web:"},
                          PassedSockets{{3, "web"}, {4, ""}}},
                    Given{"BadPid", {.pid = "me", .fds = "1"}, refused("LISTEN_PID")},
                    Given{"BadCount", {.pid = "4711", .fds = "-1"}, refused("LISTEN_FDS")},
                    Given{"HugeCount", {.pid = "4711", .fds = "100000"}, refused("LISTEN_FDS")},
                    Given{"TooFewNames",
                          {.pid = "4711", .fds = "2", .names = "web"},
                          refused("1 names for 2 sockets")}),
    [](const auto& test) { return std::string(test.param.name); });

struct Wanted {
  const char* name;
  std::vector<std::string> bind;
  bool is_set;
  Result<std::vector<std::string>> expected;
};

class BindWithPassedSockets : public testing::TestWithParam<Wanted> {};

TEST_P(BindWithPassedSockets, MeansThoseThatItNames) {
  const PassedSockets passed = {{3, "web"}, {4, "admin"}, {5, "web"}};
  const Wanted& wanted = GetParam();
  const auto bind = resolve_bind(wanted.bind, wanted.is_set, passed);
  ASSERT_EQ(bind.has_value(), wanted.expected.has_value());
  if (bind)
    EXPECT_EQ(*bind, *wanted.expected);
  else
    EXPECT_NE(bind.error().message.find(wanted.expected.error().message), std::string::npos)
        << bind.error().message;
}

using Texts = std::vector<std::string>;
INSTANTIATE_TEST_SUITE_P(
    SocketActivation, BindWithPassedSockets,
    testing::Values(
        Wanted{
            "AllWhereBindIsNotSet", {"127.0.0.1:8000"}, false, Texts{"fd://3", "fd://4", "fd://5"}},
        Wanted{"NoneWhereBindIsSet", {"127.0.0.1:8000"}, true, Texts{"127.0.0.1:8000"}},
        Wanted{"ByName", {"fd://admin"}, true, Texts{"fd://4"}},
        Wanted{"SeveralOfOneName", {"fd://web"}, true, Texts{"fd://3", "fd://5"}},
        Wanted{"ByNumberBesideAnAddress",
               {"fd://4", "unix:/run/x"},
               true,
               Texts{"fd://4", "unix:/run/x"}},
        Wanted{"UnknownName", {"fd://wbe"}, true, refused("passed: web, admin, web")},
        Wanted{"Twice", {"fd://web", "fd://3"}, true, refused("fd://3 is meant twice")}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(SocketActivation, WhatIsNotPassedIsSaid) {
  const auto bind = resolve_bind({"fd://web"}, true, {});
  ASSERT_FALSE(bind);
  EXPECT_NE(bind.error().message.find("none was passed"), std::string::npos);
}

TEST(SocketActivation, TheVariablesAreGoneAfterwards) {
  setenv("LISTEN_PID", "1", 1);  // not ours
  setenv("LISTEN_FDS", "1", 1);
  setenv("LISTEN_FDNAMES", "web", 1);
  EXPECT_EQ(take_passed_sockets(), PassedSockets{});
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    EXPECT_EQ(getenv(name), nullptr) << name;
}

TEST(SocketActivation, WhatNobodyNamesIsClosed) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const UniqueFd used(ends[0]);
  PassedSockets passed = {{ends[0], "web"}, {ends[1], "admin"}};
  drop_unused(passed, {"fd://" + std::to_string(ends[0])});
  EXPECT_EQ(passed, (PassedSockets{{ends[0], "web"}}));
  EXPECT_EQ(close(ends[1]), -1);
}

}  // namespace
}  // namespace tollgate::os

// SPDX-License-Identifier: Apache-2.0
#include "server/os/identity.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include "tests/server/os/in_a_child.h"

namespace tollgate::os {
namespace {

// What nobody can be tested without.
#define NEEDS_ROOT() \
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can become somebody else"

TEST(Identity, NothingSetIsNoChange) {
  const auto identity = resolve_identity(Config{});
  ASSERT_TRUE(identity);
  EXPECT_FALSE(*identity);
}

TEST(Identity, IsResolvedByNameOrNumber) {
  NEEDS_ROOT();
  const passwd nobody = *getpwnam("nobody");
  const gid_t daemon = getgrnam("daemon")->gr_gid;
  const struct {
    const char* user;
    const char* group;
    Identity expected;
  } cases[] = {
      {"nobody", "", {nobody.pw_uid, nobody.pw_gid, {nobody.pw_gid}}},
      {"65534", "", {nobody.pw_uid, nobody.pw_gid, {nobody.pw_gid}}},
      {"nobody", "daemon", {nobody.pw_uid, daemon, {daemon}}},
      {"54321", "54322", {54321, 54322, {54322}}},
      {"", "daemon", {0, daemon, {daemon}}},
  };
  for (const auto& [user, group, expected] : cases) {
    const auto identity = resolve_identity({.user = user, .group = group});
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(**identity, expected) << user << ':' << group;
  }
}

TEST(Identity, ErrorsNameTheSetting) {
  const struct {
    Config config;
    const char* message;
  } cases[] = {
      {{.user = "no-such-user"}, "user: there is no user \"no-such-user\""},
      {{.group = "no-such-group"}, "group: there is no group \"no-such-group\""},
      {{.user = "54321"}, "user: 54321 is in no user database; set group too"},
      // The number that setresuid takes for "as it is".
      {{.user = "4294967295"}, "user: there is no user \"4294967295\""},
  };
  for (const auto& [config, message] : cases) {
    const auto identity = resolve_identity(config);
    ASSERT_FALSE(identity) << message;
    EXPECT_EQ(identity.error().message, message);
  }
}

TEST(Identity, WhoIsNotRootCanStayHimselfAlone) {
  NEEDS_ROOT();  // to become somebody who is not
  EXPECT_TRUE(holds_in_a_child([] {
    if (setresgid(54321, 54321, 54321) != 0 || setresuid(54321, 54321, 54321) != 0) return false;
    const auto same = resolve_identity({.user = "54321", .group = "54321"});
    const auto other = resolve_identity({.user = "nobody"});
    return same && !*same && !other && other.error().code == Errc::Denied &&
           other.error().message.starts_with("user: only root can become somebody else");
  }));
}

TEST(Identity, IsTakenOnForGood) {
  NEEDS_ROOT();
  EXPECT_TRUE(holds_in_a_child([] {
    if (!become({.uid = 54321, .gid = 54322, .groups = {54322, 54323}})) return false;
    gid_t groups[8];
    return getuid() == 54321 && geteuid() == 54321 && getgid() == 54322 && getegid() == 54322 &&
           getgroups(8, groups) == 2 && setuid(0) != 0 && setgid(0) != 0;
  }));
}

TEST(Owner, IsAUserAGroupOrBoth) {
  const auto daemon = getgrnam("daemon")->gr_gid;
  const struct {
    const char* text;
    Owner expected;
  } cases[] = {{"", {}},
               {"root", {.user = 0}},
               {"root:", {.user = 0}},
               {":daemon", {.group = daemon}},
               {"0:daemon", {.user = 0, .group = daemon}},
               {"12:34", {.user = 12, .group = 34}}};
  for (const auto& [text, expected] : cases) {
    const auto owner = resolve_owner(text);
    ASSERT_TRUE(owner) << text;
    EXPECT_EQ(*owner, expected) << text;
  }
  EXPECT_EQ(resolve_owner("nobody-here:daemon").error().message,
            "there is no user \"nobody-here\"");
}

}  // namespace
}  // namespace tollgate::os

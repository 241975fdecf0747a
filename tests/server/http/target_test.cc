// SPDX-License-Identifier: Apache-2.0
#include "server/http/target.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace tollgate::http {
namespace {

struct Case {
  const char* name;
  const char* target;
  const char* path;  // nullptr: refused
  const char* query = "";
  const char* authority = "";
  Method method = Method::Get;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class TargetTable : public testing::TestWithParam<Case> {};

TEST_P(TargetTable, IsRead) {
  Arena arena;
  // A copy of just this size, so that a sanitizer sees a read behind it.
  const std::string text = GetParam().target;
  const auto target = parse_target(GetParam().method, arena.copy(text), arena);
  ASSERT_EQ(target.has_value(), GetParam().path != nullptr);
  if (!target) {
    EXPECT_EQ(target.error().code, Errc::InvalidArgument);
    EXPECT_FALSE(target.error().message.empty());
    return;
  }
  EXPECT_EQ(target->path, GetParam().path);
  EXPECT_EQ(target->query, GetParam().query);
  EXPECT_EQ(target->authority, GetParam().authority);
}

INSTANTIATE_TEST_SUITE_P(
    , TargetTable,
    testing::Values(
        Case{"Root", "/", "/"}, Case{"Path", "/a/b", "/a/b"},
        Case{"Query", "/a?b=c&d", "/a", "b=c&d"}, Case{"EmptyQuery", "/a?", "/a"},
        Case{"QueryStaysAsItIs", "/?%zz%2F../", "/", "%zz%2F../"},
        Case{"EscapesAreDecodedOnce", "/%61%2541%20", "/a%41 "},
        Case{"EscapesOfEitherCase", "/%c3%A4", "/\xC3\xA4"}, Case{"EscapeAtTheEnd", "/%41", "/A"},
        Case{"DotsThatAreNoSegments", "/.a/b./..c/...", "/.a/b./..c/..."},
        Case{"Asterisk", "*", "*", "", "", Method::Options},
        Case{"Absolute", "http://a:1/b?c", "/b", "c", "a:1"},
        Case{"AbsoluteInCapitals", "HTTP://A/b", "/b", "", "A"},
        Case{"AbsoluteHttps", "https://a/b", "/b", "", "a"},
        Case{"AbsoluteWithoutAPath", "http://a", "/", "", "a"},
        Case{"AbsoluteIPv6", "http://[::1]:80/", "/", "", "[::1]:80"},
        Case{"ASchemeInThePath", "/http://a/b", "/http://a/b"},
        Case{"AsteriskOfAGet", "*", nullptr}, Case{"Relative", "a", nullptr},
        Case{"Authority", "a:80", nullptr}, Case{"Fragment", "/a#b", nullptr},
        Case{"FragmentInTheQuery", "/a?b#c", nullptr}, Case{"AnotherScheme", "ws://a/", nullptr},
        Case{"NoScheme", "://a/", nullptr}, Case{"NoAuthority", "http:///a", nullptr},
        Case{"UserInformation", "http://u@a/", nullptr}, Case{"ABackslash", "/\\a", nullptr},
        Case{"ABadEscape", "/%4g", nullptr}, Case{"ABadFirstDigit", "/%g4", nullptr},
        Case{"HalfAnEscape", "/a%4", nullptr}, Case{"APercentAtTheEnd", "/a%", nullptr},
        Case{"ANul", "/%00", nullptr}, Case{"ASlash", "/a%2fb", nullptr},
        Case{"Latin1", "/%e4", nullptr}, Case{"ASurrogate", "/%ed%a0%80", nullptr},
        Case{"ADot", "/a/.", nullptr}, Case{"TwoDots", "/..", nullptr},
        Case{"EscapedDots", "/%2e./a", nullptr}, Case{"DotsBehindTwoSlashes", "/a//../b", nullptr}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Target, AHostIsANameOrAnAddressAndAPort) {
  for (const char* host :
       {"a", "a.b-c", "a:", "a:0", "a:65535", "127.0.0.1:80", "[::1]", "[::1]:80",
        "[::]:", "[2001:db8::ffff:192.0.2.1]", "a_b", "a%20b", "~!$&'()*+,;="})
    EXPECT_TRUE(is_host(host)) << host;
  for (const char* host :
       {"",        ":",           ":80",   "a:65536", "a:-1", "a:1:2",    "a: 1", "a b", "a/b",
        "a?b",     "a#b",         "u@a",   "[",       "[]",   "[:]",      "[::1", "::1", "[::1]a",
        "[::1]:x", "[::1]:65536", "[::g]", "[v1.a]",  "a\t",  "\xC3\xA4", "a\"",  "a<",  "a\\b"})
    EXPECT_FALSE(is_host(host)) << host;
}

}  // namespace
}  // namespace tollgate::http

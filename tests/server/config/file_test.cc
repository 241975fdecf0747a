// SPDX-License-Identifier: Apache-2.0
#include "server/config/file.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

TEST(File, ValuesComeWithTheirLinesInTheOrderOfTheFile) {
  const ParsedFile file = parse_file(
      "# a comment\n"
      "workers = 4\n"
      "\n"
      "bind = ['127.0.0.1:1', \"unix:/x\"]  # two\n"
      "accesslog = \"-\"\n"
      "an_empty_list = []\n"
      "flag = true\n"
      "hexadecimal = 0x10\n",
      "x.toml");
  EXPECT_TRUE(file.errors.empty());
  EXPECT_EQ(file.entries, (std::vector<FileEntry>{
                              {"workers", {{"4", false}}, false, 2},
                              {"bind", {{"127.0.0.1:1", true}, {"unix:/x", true}}, true, 4},
                              {"accesslog", {{"-", true}}, false, 5},
                              {"an_empty_list", {}, true, 6},
                              {"flag", {{"true", false}}, false, 7},
                              {"hexadecimal", {{"16", false}}, false, 8},
                          }));
}

struct Case {
  const char* name;
  const char* text;
  std::vector<std::string> errors;  // the beginning of each
};

TEST(File, WhatNoSettingCanBeIsAnErrorWithItsLine) {
  const Case cases[] = {
      {"Float", "\ntimeout = 1.5\n", {"x.toml:2: timeout: is a decimal fraction"}},
      {"Date", "timeout = 2026-11-22\n", {"x.toml:1: timeout: is a date"}},
      {"Table", "a = 1\n[server]\nworkers = 2\n", {"x.toml:2: server: is a table"}},
      {"ListInList", "bind = [['a']]\n", {"x.toml:1: bind: is a list in a list"}},
      {"TwoAtOnce", "a = 1.5\nb = 2.5\n", {"x.toml:1: a: ", "x.toml:2: b: "}},
      {"Twice", "workers = 1\nworkers = 2\n", {"x.toml:2: "}},
      {"NotToml", "workers 4\n", {"x.toml:1: "}},
      {"NotUtf8", "a = '\xFF'\n", {"x.toml:1: "}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const ParsedFile file = parse_file(c.text, "x.toml");
    ASSERT_EQ(file.errors.size(), c.errors.size());
    for (std::size_t i = 0; i < c.errors.size(); ++i)
      EXPECT_TRUE(file.errors[i].starts_with(c.errors[i])) << file.errors[i];
  }
}

TEST(File, ASyntaxErrorDoesNotShowTheSecretBesideIt) {
  for (const char* text :
       {"signing_key = hush-hush", "signing_key = \"hush-hush", "signing_key = 'hush-hush' x",
        "signing_key = [\"hush-hush\"", "signing_key = 1.5hush-hush"}) {
    const ParsedFile file = parse_file(text, "x.toml");
    ASSERT_EQ(file.errors.size(), 1u);
    EXPECT_EQ(file.errors[0].find("hush"), std::string::npos) << file.errors[0];
  }
}

TEST(File, AnEmptyTextIsNoSetting) {
  const ParsedFile file = parse_file("", "x.toml");
  EXPECT_TRUE(file.entries.empty() && file.errors.empty());
}

}  // namespace
}  // namespace tollgate

// SPDX-License-Identifier: Apache-2.0
#include "server/config/reference.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tollgate {
namespace {

std::string read(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

void expect_same(const Config& a, const Config& b) {
  for (const Option& option : options()) {
    if (option.secrecy == Secrecy::Secret) continue;
    EXPECT_EQ(get(a, option), get(b, option)) << option.name;
  }
}

TEST(PrintConfig, LoadsBackToTheSameConfiguration) {
  Loaded odd{Config{}, std::vector<Source>(options().size()), {}};
  odd.config.bind = {"127.0.0.1:0", "unix:/tmp/a \"b\\"};
  odd.config.allowed_hosts = {"a", "b"};
  odd.config.workers = 3;
  odd.config.timeout = 1500ms;
  odd.config.limit_request_body = Bytes{12345};
  odd.config.access_log_format = "%(h)s\t\"\\\x01\x7f \xC3\xA9 #";
  odd.config.loglevel = LogLevel::Critical;
  for (const Loaded& loaded : {Loaded{Config{}, std::vector<Source>(options().size()), {}}, odd}) {
    const std::string text = print_config(loaded);
    const auto again = merge({}, FileText{"x.toml", text});
    ASSERT_TRUE(again) << again.error().front() << '\n' << text;
    expect_same(again->config, loaded.config);
  }
}

TEST(PrintConfig, SaysWhereEachValueCameFrom) {
  const auto loaded = merge({.environment = {"TOLLGATE_THREADS=2"}, .flags = {{"timeout", "9"}}},
                            FileText{"x.toml", "workers = 4\n"});
  ASSERT_TRUE(loaded);
  const std::string text = print_config(*loaded);
  const auto has = [&](std::string_view value, std::string_view comment) {
    const auto start = text.find("\n" + std::string(value));
    if (start == text.npos) return false;
    const auto line = text.substr(start + 1, text.find('\n', start + 1) - start - 1);
    return line.ends_with(std::string("  # ").append(comment));
  };
  EXPECT_TRUE(has("workers = 4 ", "x.toml:1")) << text;
  EXPECT_TRUE(has("threads = 2 ", "TOLLGATE_THREADS")) << text;
  EXPECT_TRUE(has("timeout = \"9s\" ", "--timeout")) << text;
  EXPECT_TRUE(has("backlog = 2048 ", "default")) << text;
}

TEST(PrintConfig, ASourceCannotEndItsComment) {
  const auto loaded = merge({}, FileText{"x\nworkers = 9 #", "threads = 4\n"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(print_config(*loaded).find("\nworkers = 9"), std::string::npos);
}

TEST(PrintConfig, ASecretIsSaidToBeSetAndNotShown) {
  const auto loaded = merge({.environment = {"TOLLGATE_SIGNING_KEY=hush"}}, std::nullopt);
  ASSERT_TRUE(loaded);
  const std::string text = print_config(*loaded);
  EXPECT_EQ(text.find("hush"), std::string::npos) << text;
  EXPECT_NE(text.find("\n# signing_key = \"…\""), std::string::npos) << text;
}

TEST(Reference, TheCommittedPageIsWhatTheTableMakes) {
  const std::string page = reference();
  if (page == read(SOURCE_DIR "/server/config/SETTINGS.md")) return;
  std::ofstream(BUILD_DIR "/SETTINGS.md") << page;
  FAIL() << "server/config/SETTINGS.md is stale: cp " BUILD_DIR "/SETTINGS.md server/config/";
}

TEST(Reference, EachSettingHasItsFlagVariableAndDefault) {
  const std::string page = reference();
  EXPECT_NE(page.find("### workers\n\nNumber of worker processes. 0 or \"auto\" means one per CPU "
                      "that this process may use.\n\n- flag: `-w N`, `--workers N`\n"
                      "- variable: `TOLLGATE_WORKERS`\n- default: `auto`\n"
                      "- allowed: 0 to 256\n\n"),
            std::string::npos);
  for (const Option& option : options())
    EXPECT_NE(page.find("\n### " + std::string(option.name) + "\n"), std::string::npos);
}

}  // namespace
}  // namespace tollgate

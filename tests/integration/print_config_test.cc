// --print-config shows each setting with where it came from, and no secret.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server/base/text.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

TEST(PrintConfig, ShowsValueAndSourceButNoSecret) {
  const Site site;
  const std::string file = site.directory() / "x.toml";
  write_file(file, "workers = 3\nkeepalive = \"7s\"\nthreads = 2\n");
  Command command = site.command({"serve", "--config", file, "--workers", "5", "--print-config"});
  command.environment = {"TOLLGATE_SIGNING_KEY=" + site.key(), "TOLLGATE_THREADS=4"};
  const Finished printed = run(command);
  ASSERT_EQ(printed.status.code, 0) << printed.err;

  const auto line_of = [&](std::string_view name) -> std::string {
    for (const std::string_view line : split(printed.out, '\n'))
      if (line.starts_with(name)) return std::string(line);
    return "no line of " + std::string(name) + " in\n" + printed.out;
  };
  const auto expect = [&](std::string_view value, std::string_view source) {
    const std::string line = line_of(value.substr(0, value.find(" = ") + 3));
    EXPECT_TRUE(line.starts_with(value)) << line;
    EXPECT_TRUE(line.ends_with("  # " + std::string(source))) << line;
  };
  expect("workers = 5", "--workers");
  expect("threads = 4", "TOLLGATE_THREADS");
  expect("keepalive = \"7s\"", file + ":2");
  expect("timeout = \"30s\"", "default");
  EXPECT_TRUE(line_of("# signing_key = ").ends_with("# TOLLGATE_SIGNING_KEY"));
  EXPECT_EQ((printed.out + printed.err).find(site.key()), std::string::npos);
  EXPECT_EQ((printed.out + printed.err).find(site.key().substr(0, 8)), std::string::npos);
}

// What it prints is a file that means the same.
TEST(PrintConfig, PrintsAFileThatMeansTheSame) {
  const Site site;
  const auto print = [&](std::vector<std::string> arguments) {
    arguments.emplace_back("--print-config");
    const Finished printed = run(site.command(std::move(arguments)));
    EXPECT_EQ(printed.status.code, 0) << printed.err;
    return printed.out;
  };
  const std::string first =
      print({"serve", "--workers", "3", "--bind", "127.0.0.1:1", "--bind", "[::1]:2",
             "--keep-alive", "250ms", "--access-logformat", "\"%(r)s\" \\ %(s)s"});
  const std::string file = site.directory() / "printed.toml";
  write_file(file, first);
  const std::string second = print({"serve", "--config", file});
  const auto values = [](const std::string& text) {
    std::string out;
    for (const std::string_view line : split(text, '\n'))
      out.append(trim(line.substr(0, line.find("  # ")))).append("\n");
    return out;
  };
  EXPECT_EQ(values(second), values(first));
}

}  // namespace
}  // namespace tollgate::test

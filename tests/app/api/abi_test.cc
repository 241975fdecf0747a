// The stamp tells builds apart whose types differ.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/abi.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

// Whether `compiler` gives a stamp with that end; it is asked by an assertion at compile time.
bool stamp_ends_with(const std::string& compiler, const std::string& flags,
                     const std::string& end) {
  const std::string source =
      "#include <string_view>\n"
      "#include \"app/api/abi.h\"\n"
      "static_assert(std::string_view(TOLLGATE_STAMP).ends_with(\"" +
      end + "\"));\n";
  const std::string command = "printf '%s' '" + source + "' | " + compiler + " " + flags +
                              " -std=c++20 -I '" SOURCE_DIR "' -fsyntax-only -x c++ -";
  return std::system(command.c_str()) == 0;
}

TEST(Stamp, TellsSanitizersAndDebugContainers) {
  int compilers = 0;
  for (const std::string compiler : {"g++", "clang++"}) {
    if (std::system(("command -v " + compiler + " >/dev/null").c_str()) != 0) continue;
    ++compilers;
    const std::string name = compiler == "g++" ? "(g++), " : "(clang), ";
    EXPECT_TRUE(stamp_ends_with(compiler, "", name + "plain"));
    EXPECT_TRUE(stamp_ends_with(compiler, "-fsanitize=address", name + "asan"));
    EXPECT_TRUE(stamp_ends_with(compiler, "-fsanitize=thread", name + "tsan"));
    EXPECT_TRUE(stamp_ends_with(compiler, "-D_GLIBCXX_DEBUG", name + "plain, debug-containers"));
  }
  if (compilers == 0) GTEST_SKIP() << "there is no compiler here";
}

}  // namespace

// Whether a text has a shape. (std::regex does not compile without warnings under sanitizers.)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <regex.h>

#include <string>

namespace tollgate::test {

// The whole of `text`, by a POSIX extended expression.
inline testing::AssertionResult matches(const std::string& text, const std::string& pattern) {
  regex_t compiled;
  if (regcomp(&compiled, ("^(" + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB) != 0)
    return testing::AssertionFailure() << "no regular expression: " << pattern;
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  if (found) return testing::AssertionSuccess();
  return testing::AssertionFailure() << text << "\nis not like\n" << pattern;
}

}  // namespace tollgate::test

// Whether a text has a shape. (std::regex does not compile without warnings under sanitizers.)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <regex.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>

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

// Every place of `text` that a POSIX extended expression finds, by what `with` makes of its first
// group ("" where there is none).
inline std::string replace_each(const std::string& text, const char* pattern,
                                const std::function<std::string(std::string_view)>& with) {
  regex_t compiled;
  if (regcomp(&compiled, pattern, REG_EXTENDED) != 0)
    return std::string("no regular expression: ") + pattern;
  std::string out;
  const char* rest = text.c_str();
  for (std::array<regmatch_t, 2> found{};
       regexec(&compiled, rest, found.size(), found.data(), 0) == 0 && found[0].rm_eo > 0;
       rest += found[0].rm_eo) {
    const auto [from, to] = found[1];
    out.append(rest, static_cast<std::size_t>(found[0].rm_so));
    out += with(from < 0 ? "" : std::string_view(rest + from, static_cast<std::size_t>(to - from)));
  }
  regfree(&compiled);
  return out + rest;
}

}  // namespace tollgate::test

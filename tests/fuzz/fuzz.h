// What the fuzz targets share. A target is one file, X_fuzz.cc: its invariant stands in its head
// comment, and `fuzz()` holds it to any input. Linked with libFuzzer by the preset `fuzz` (see
// scripts/fuzz), and with replay.cc elsewhere, where ctest feeds it its seeds.
//
// A new target: X_fuzz.cc, a line in CMakeLists.txt, and seeds in seeds/X.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace tollgate::fuzz {

// Ends the process, with words, when the invariant does not hold of `input`.
void fuzz(std::string_view input);

template <class... Details>
void require(bool holds, std::string_view promise, const Details&... details) {
  if (holds) return;
  std::cerr << "BROKEN: " << promise;
  ((std::cerr << " | " << details), ...);
  std::cerr << std::endl;
  std::abort();
}

// Takes a line off the front of `input`, without its LF.
inline std::string_view take_line(std::string_view& input) {
  const auto end = input.find('\n');
  const std::string_view line = input.substr(0, end);
  input = end == std::string_view::npos ? std::string_view{} : input.substr(end + 1);
  return line;
}

}  // namespace tollgate::fuzz

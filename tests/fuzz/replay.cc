// Feeds files to a fuzz target without libFuzzer: its seeds, or what broke it.
// usage: fuzz_TARGET FILE|FOLDER...    exits 2 where there is nothing to feed
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

#include "tests/fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

std::size_t replay(const fs::path& path) {
  if (fs::is_directory(path)) {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(path)) count += replay(entry.path());
    return count;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  // Said before, since what breaks the invariant ends the process.
  std::clog << path.string() << std::endl;
  tollgate::fuzz::fuzz(bytes);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (const char* argument : std::span(argv, static_cast<std::size_t>(argc)).subspan(1))
    count += replay(argument);
  std::clog << count << " inputs\n";
  return count > 0 ? 0 : 2;
}

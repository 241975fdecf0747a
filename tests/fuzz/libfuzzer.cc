// The door that libFuzzer knocks at.
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  tollgate::fuzz::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "server/config/changes.h"

#include "server/base/text.h"

namespace tollgate {
namespace {

std::string shown(const Option& option, const std::vector<std::string>& value) {
  const std::string text = join(value, ", ");
  return option.secrecy == Secrecy::Secret && !text.empty() ? "(secret)" : text;
}

}  // namespace

std::vector<Change> changes(const Config& before, const Config& after) {
  std::vector<Change> out;
  for (const Option& option : options()) {
    const auto was = get(before, option);
    const auto is = get(after, option);
    if (was == is) continue;
    out.push_back({option.name, shown(option, was), shown(option, is), option.applies});
  }
  return out;
}

}  // namespace tollgate

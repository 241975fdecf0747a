// Rules that need more than one row of the table, or more than a range.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/config/config.h"

namespace tollgate {

struct Violation {
  std::string_view option;  // the name of the setting to change
  std::string message;
};

// Everything that is wrong with `config`; empty when it can be served. Pure:
// no file is opened and no address bound. The access log's format is checked
// by log::AccessFormat::compile, which config may not include.
std::vector<Violation> validate(const Config& config);

// What is taken, but worth a word: lines for the log.
std::vector<std::string> advice(const Config& config);

}  // namespace tollgate

// Keeps a client's bytes from being read as log lines or terminal commands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace tollgate::log {

// For a field between quotes: '"' and '\' get a backslash, all that is not
// printable ASCII becomes \xNN. The result cannot be mistaken for another text.
void append_escaped(std::string& out, std::string_view text);

// For a message: controls (C0, DEL, and C1, which is CSI for a terminal)
// become \xNN; other UTF-8 stays, and what is not UTF-8 becomes \xNN.
void append_one_line(std::string& out, std::string_view text);

}  // namespace tollgate::log

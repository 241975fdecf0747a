// A server's answer over the control socket, as an operator reads it (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tollgate::commands {

using Json = nlohmann::ordered_json;

// Of an answer to any request: a sentence, the state in a few lines, or a table of workers.
// What another version of the server leaves out is shown as "-". Ends with a newline.
std::string to_text(const Json& answer);

}  // namespace tollgate::commands

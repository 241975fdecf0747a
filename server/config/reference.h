// What is shown of the settings, all of it made from the table: the rows of
// --help, --print-config and the reference page.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "server/config/loader.h"
#include "server/config/options.h"

namespace tollgate {

// For --help (CLI11 is given option.flags, option.value, option.section and
// this): the help's first sentence, as a view of the table.
std::string_view summary(const Option& option);

// The default as help and page show it: "30s", "127.0.0.1:8000", or "" for none.
std::string default_text(const Option& option);

// --print-config: TOML that loads back to the same configuration, each setting
// with the source that its value came from. A secret is a comment without its
// value: who needs it has it already.
std::string print_config(const Loaded& loaded);

// server/config/SETTINGS.md, which is committed; a test compares them.
std::string reference();

}  // namespace tollgate

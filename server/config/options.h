// The one table of settings: flag, environment variable, file key, reference
// page, --help and --print-config are all made from its rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"

namespace tollgate {

using Field = std::variant<uint32_t Config::*, std::string Config::*, milliseconds Config::*,
                           Bytes Config::*, std::vector<std::string> Config::*, LogLevel Config::*,
                           Orphans Config::*, Scheduling Config::*, UserIdType Config::*,
                           Compat Config::*, bool Config::*, FileMode Config::*>;

enum class Applies : uint8_t { OnReload, OnRestart };
enum class Secrecy : uint8_t { Plain, Secret };  // a secret has no flag and is never printed

// What a number, a time or a size may be, both ends included; in milliseconds
// for a time, in bytes for a size. Unused by the other types.
struct Range {
  uint64_t min = 0;
  uint64_t max = UINT64_MAX;
  std::string_view zero = {};  // a word that may be written for 0, and is printed for it
};

// Fields stand in the order in which a row is read, not by size.
struct Option {            // NOLINT(clang-analyzer-optin.performance.Padding)
  std::string_view name;   // "graceful_timeout": the TOML key, and TOLLGATE_GRACEFUL_TIMEOUT
  std::string_view flags;  // "--graceful-timeout"; "-b,--bind"; empty for a secret
  Field field;
  Applies applies;
  std::string_view value;  // how help shows the value: "TIME"
  Range range;
  std::string_view section;  // heading of the reference page it stands under
  std::string_view help;     // first sentence: --help; all of it: the reference page
  Secrecy secrecy = Secrecy::Plain;
};

std::span<const Option> options();
const Option* find_option(std::string_view name);

// The name of an option that `name` was probably meant to be, or empty.
std::string_view nearest_option(std::string_view name);

// "TOLLGATE_GRACEFUL_TIMEOUT".
std::string variable_name(const Option& option);

bool is_list(const Option& option);
// True when the value is free text, which a file has to quote.
bool is_text(const Option& option);

// Sets one field from its text form, whichever source the text came from. A
// list setting is appended to. Errors are InvalidArgument or TooLarge, never
// name a secret's text, and leave `config` as it was. Text has to be UTF-8
// without NUL, so that print_config() can always write it.
Status set(Config& config, const Option& option, std::string_view text);

// Empties a list setting, so that a source replaces the default and not adds to it.
void clear_list(Config& config, const Option& option);

// The value as text that set() reads back; a list has one item a line of the
// vector. Secrets come out as they are: the caller redacts.
std::vector<std::string> get(const Config& config, const Option& option);

// "1 to 256", "1s to 1h", "debug, info, warning, error or critical"; empty when anything goes.
std::string allowed_values(const Option& option);

}  // namespace tollgate

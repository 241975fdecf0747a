// The one table of settings: flag, environment variable, file key, reference
// page, --help and --print-config are all made from its rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "server/base/result.h"
#include "server/config/config.h"

namespace tollgate {

using Field = std::variant<uint32_t Config::*, std::string Config::*, milliseconds Config::*,
                           Bytes Config::*, std::vector<std::string> Config::*, LogLevel Config::*,
                           Orphans Config::*, UserIdType Config::*>;

enum class Applies : uint8_t { OnReload, OnRestart };
enum class Secrecy : uint8_t { Plain, Secret };  // a secret has no flag and is never printed

struct Option {
  std::string_view name;   // "graceful_timeout": the TOML key, and TOLLGATE_GRACEFUL_TIMEOUT
  std::string_view flags;  // "--graceful-timeout"; "-b,--bind"; empty for a secret
  Field field;
  Applies applies;
  std::string_view value;    // how help shows the value: "TIME"
  std::string_view help;     // first sentence: --help; all of it: the reference page
  std::string_view section;  // heading of the reference page it stands under
  Secrecy secrecy = Secrecy::Plain;
};

std::span<const Option> options();
const Option* find_option(std::string_view name);

// The name of an option that `name` was probably meant to be, or empty.
std::string_view nearest_option(std::string_view name);

// Sets one field from its text form, whichever source the text came from. A
// list setting is appended to. On an error `config` is as it was.
Status set(Config& config, const Option& option, std::string_view text);

// Empties a list setting, so that a source replaces the default and not adds to it.
void clear_list(Config& config, const Option& option);

// The value as text that set() reads back; a list has one item a line of the
// vector. Secrets come out as they are: the caller redacts.
std::vector<std::string> get(const Config& config, const Option& option);

}  // namespace tollgate

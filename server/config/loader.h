// Settings from their four sources: defaults < file < environment < flags.
//
// A higher source replaces a list, and does not add to it; within one source
// a list collects. Every error is reported, not the first, and names its place
// (file:line, variable or flag), the setting, what is wrong and, for an unknown
// name, the nearest one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"
#include "server/config/options.h"

namespace tollgate {

inline constexpr std::string_view kDefaultFile = "tollgate.toml";     // used if it exists
inline constexpr std::string_view kFileVariable = "TOLLGATE_CONFIG";  // instead of --config

inline constexpr std::string_view kUpgradeVariable =
    "TOLLGATE_UPGRADE";  // see os/upgrade_channel.h

struct Source {
  enum class Kind : uint8_t { Default, File, Environment, Flag } kind = Kind::Default;
  std::string place = {};  // "tollgate.toml:12", "TOLLGATE_WORKERS", "--workers"; empty for Default
  bool operator==(const Source&) const = default;
};

struct FlagValue {
  std::string option;  // its name in the table: "graceful_timeout"
  std::string text;
};

// Values, so that a reload can load again from the same arguments.
struct Inputs {
  std::optional<std::string> file = {};       // --config
  std::vector<std::string> environment = {};  // "NAME=VALUE"; only TOLLGATE_… is looked at
  std::vector<FlagValue> flags = {};          // in the order of the command line
  // Where the path of the file is relative to, after a change of directory; empty: here.
  std::string directory = {};
};

struct Loaded {
  Config config;
  std::vector<Source> sources;        // one for each row of options(), in its order
  std::vector<std::string> warnings;  // for the log: nothing that stops the server
  std::string file = {};              // the file that was read, or empty
};

using Errors = std::vector<std::string>;
template <class T>
using Checked = tl::expected<T, Errors>;

// Reads the file and merges. Without `inputs.file` and TOLLGATE_CONFIG it is
// ./tollgate.toml, which may be missing; a file that was named may not.
[[nodiscard]] Checked<Loaded> load(const Inputs& inputs);

struct FileText {
  std::string path;
  std::string text;
  bool shared = false;  // readable by group or others
};

// The pure half of load(): `inputs.file` and TOLLGATE_CONFIG are not looked at.
[[nodiscard]] Checked<Loaded> merge(const Inputs& inputs, const std::optional<FileText>& file);

// The process's environ as Inputs takes it: a copy, since process titles overwrite the original.
std::vector<std::string> copy_environment(const char* const* environment);

}  // namespace tollgate

// The text of a configuration file (TOML) as settings, not yet judged: names
// and values are checked by the loader. Pure: no file is read here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tollgate {

struct FileValue {
  std::string text;     // 4 and "4" have the same text, true is "true"
  bool quoted = false;  // a TOML string
  bool operator==(const FileValue&) const = default;
};

struct FileEntry {
  std::string key;
  std::vector<FileValue> values;  // one, unless it is an array
  bool array = false;
  unsigned line = 0;
  bool operator==(const FileEntry&) const = default;
};

struct ParsedFile {
  std::vector<FileEntry> entries;   // in the order of the file
  std::vector<std::string> errors;  // "PATH:LINE: what is wrong"
};

// `path` is used in the errors only. Syntax that TOML forbids ends the parse
// with one error and no entry; a value of a type that no setting has (float,
// date, table) is one error, and the others are still read. No error shows a
// value, which may be a secret.
ParsedFile parse_file(std::string_view text, std::string_view path);

}  // namespace tollgate

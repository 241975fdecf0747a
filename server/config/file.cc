// The only file that includes toml++.
// SPDX-License-Identifier: Apache-2.0
#include "server/config/file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>

namespace tollgate {
namespace {

std::string at(std::string_view path, unsigned line) {
  return std::string(path) + ':' + std::to_string(line) + ": ";
}

std::string_view name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a table, and settings stand at the top level";
    case toml::node_type::array:
      return "a list in a list";
    case toml::node_type::floating_point:
      return "a decimal fraction (write 1500ms for 1.5 seconds, in quotes)";
    default:
      return "a date or a time";
  }
}

std::optional<FileValue> scalar(const toml::node& node) {
  if (const auto* text = node.as_string()) return FileValue{text->get(), true};
  if (const auto* number = node.as_integer()) return FileValue{std::to_string(number->get())};
  if (const auto* flag = node.as_boolean()) return FileValue{flag->get() ? "true" : "false"};
  return std::nullopt;
}

// Adds the setting at `node`, or says why it cannot be one.
void read(std::string_view path, const toml::key& key, const toml::node& node, ParsedFile& out) {
  FileEntry entry{.key = std::string(key.str()), .line = key.source().begin.line};
  const auto add = [&](const toml::node& item) {
    if (auto value = scalar(item)) {
      entry.values.push_back(std::move(*value));
      return true;
    }
    std::string error = at(path, entry.line) + entry.key + ": is ";
    out.errors.push_back(error.append(name_of(item.type())));
    return false;
  };
  bool good = true;
  if (const auto* items = node.as_array()) {
    entry.array = true;
    for (const auto& item : *items) good = add(item) && good;
  } else {
    good = add(node);
  }
  if (good) out.entries.push_back(std::move(entry));
}

}  // namespace

ParsedFile parse_file(std::string_view text, std::string_view path) {
  // Debian's libtomlplusplus is built with exceptions; they end here.
  try {
    const toml::table table = toml::parse(text);
    ParsedFile out;
    for (const auto& [key, node] : table) read(path, key, node, out);
    // toml++ keeps a table sorted by key; a reader of errors goes by line.
    std::ranges::stable_sort(out.entries, {}, &FileEntry::line);
    return out;
  } catch (const toml::parse_error& error) {
    return {.errors = {at(path, error.source().begin.line) + std::string(error.description())}};
  }
}

}  // namespace tollgate

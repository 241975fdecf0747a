// SPDX-License-Identifier: Apache-2.0
#include "server/http/media_types.h"

#include <fstream>
#include <sstream>

#include "server/base/text.h"
#include "server/log/logging.h"

namespace tollgate::http {
namespace {

constexpr std::string_view kKnown =
    "text/html html htm\n"
    "text/css css\n"
    "text/javascript js mjs\n"
    "application/json json map\n"
    "text/plain txt\n"
    "image/svg+xml svg\n"
    "image/png png\n"
    "image/jpeg jpg jpeg\n"
    "image/webp webp\n"
    "image/vnd.microsoft.icon ico\n"
    "font/woff2 woff2\n"
    "application/wasm wasm\n";

bool takes_charset(std::string_view type) {
  return type.starts_with("text/") || type == "application/javascript" ||
         type == "application/json";
}

// Takes the first word of `line`; "" at its end.
std::string_view take_word(std::string_view& line) {
  line = trim(line);
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

MediaTypes MediaTypes::load(const std::string& path) {
  const std::ifstream file(path);
  if (!file) log::info("{} is not there (Debian: media-types): few media types are known", path);
  std::ostringstream table;
  if (file) table << file.rdbuf();
  return MediaTypes(table.str());
}

MediaTypes::MediaTypes(std::string_view table) {
  for (const std::string_view text : {kKnown, table}) {
    for (std::string_view line : split(text, '\n')) {
      line = line.substr(0, line.find_first_of("#\r"));
      const std::string_view type = take_word(line);
      for (auto extension = take_word(line); !extension.empty(); extension = take_word(line))
        add(extension, type);
    }
  }
}

void MediaTypes::add(std::string_view extension, std::string_view type) {
  std::string& value = types_[to_lower(extension)];
  value = type;
  if (takes_charset(type)) value += "; charset=utf-8";
}

std::string_view MediaTypes::of(std::string_view file_name) const {
  constexpr std::string_view kUnknown = "application/octet-stream";
  file_name = file_name.substr(file_name.rfind('/') + 1);
  const auto dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return kUnknown;
  const auto found = types_.find(to_lower(file_name.substr(dot + 1)));
  return found == types_.end() ? kUnknown : std::string_view(found->second);
}

}  // namespace tollgate::http

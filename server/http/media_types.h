// The media type of a file, by the end of its name, as the system's table has it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace tollgate::http {

class MediaTypes {
 public:
  // Reads the table, once; /etc/mime.types is of Debian's package media-types. Without it, what a
  // web site is made of is known all the same.
  static MediaTypes load(const std::string& path = "/etc/mime.types");
  // `table` as in mime.types(5): lines of "type extension extension…", # begins a comment. What
  // it does not know is as without it.
  explicit MediaTypes(std::string_view table = {});

  // As Content-Type has it: text, scripts and JSON with charset=utf-8, as what is on the web is
  // written. "application/octet-stream": not known. Lives as long as the object.
  std::string_view of(std::string_view file_name) const;

 private:
  void add(std::string_view extension, std::string_view type);

  std::unordered_map<std::string, std::string> types_;  // by extension, in lower case
};

}  // namespace tollgate::http

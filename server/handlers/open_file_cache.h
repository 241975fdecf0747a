// The files of one directory that were asked for lately, open (nginx: open_file_cache).
//
// What is found here costs no system call. Once a second a file is looked at again, so a change
// is seen within that time; what is not there is never kept. What nobody has asked for within a
// minute is closed when another file is opened.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/base/clock.h"
#include "server/handlers/static_file.h"

namespace tollgate::handlers {

class OpenFileCache {
 public:
  static constexpr std::size_t kEntries = 512;  // each of up to three descriptors
  static constexpr std::chrono::seconds kValid{1};
  static constexpr std::chrono::seconds kUnused{60};

  // `clock` outlives it.
  OpenFileCache(StaticFileLoader loader, const Clock& clock, std::size_t most = kEntries);
  OpenFileCache(const OpenFileCache&) = delete;
  OpenFileCache& operator=(const OpenFileCache&) = delete;

  LoadedFile open(std::string_view path);

  std::size_t size() const { return index_.size(); }

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<const StaticFile> file;
    SteadyTime checked;
    SteadyTime used;
  };

  void forget_last();

  StaticFileLoader loader_;
  const Clock& clock_;
  const std::size_t most_;
  std::list<Entry> entries_;                                                // last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // by Entry::path
};

}  // namespace tollgate::handlers

// The files of one directory that were asked for lately, open (nginx: open_file_cache).
//
// What is found here costs no system call. Once a second a file is looked at again, so a change
// is seen within that time; what is not there is never kept. What nobody has asked for within a
// minute is closed with the next request for any file, so a deleted one keeps its place on the disk
// until then.
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
  struct Limits {
    std::size_t entries = 512;       // at least 1
    std::size_t descriptors = 1536;  // an entry holds up to three; what holds more is not kept
  };
  static constexpr std::chrono::seconds kValid{1};
  static constexpr std::chrono::seconds kUnused{60};

  // For each of so many caches: together they take a quarter of the descriptors that the process
  // may have (RLIMIT_NOFILE). The rest is for connections.
  static Limits share(std::size_t caches);

  // `clock` outlives it.
  OpenFileCache(StaticFileLoader loader, const Clock& clock, Limits limits);
  OpenFileCache(const OpenFileCache&) = delete;
  OpenFileCache& operator=(const OpenFileCache&) = delete;

  LoadedFile open(std::string_view path);

  std::size_t size() const { return index_.size(); }
  std::size_t descriptors() const { return descriptors_; }

 private:
  struct Entry {
    std::string path;
    std::shared_ptr<const StaticFile> file;
    SteadyTime checked;
    SteadyTime used;
  };

  using Entries = std::list<Entry>;

  LoadedFile load(std::string_view path);
  void forget(Entries::iterator entry);
  void forget_last();

  StaticFileLoader loader_;
  const Clock& clock_;
  const Limits limits_;
  Entries entries_;                                                // last used first
  std::unordered_map<std::string_view, Entries::iterator> index_;  // by Entry::path
  std::size_t descriptors_ = 0;                                    // of all entries
};

}  // namespace tollgate::handlers

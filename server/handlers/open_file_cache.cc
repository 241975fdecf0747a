// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/open_file_cache.h"

#include <utility>

namespace tollgate::handlers {

OpenFileCache::OpenFileCache(StaticFileLoader loader, const Clock& clock, std::size_t most)
    : loader_(std::move(loader)), clock_(clock), most_(most) {}

LoadedFile OpenFileCache::open(std::string_view path) {
  const SteadyTime now = clock_.steady();
  if (const auto found = index_.find(path); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    Entry& entry = entries_.front();
    entry.used = now;
    if (now - entry.checked < kValid) return entry.file;
    entry.checked = now;
    if (loader_.is_current(path, *entry.file)) return entry.file;
    index_.erase(found);
    entries_.pop_front();
  }
  while (!entries_.empty() && now - entries_.back().used > kUnused) forget_last();
  LoadedFile loaded = loader_.load(path);
  if (!loaded) return loaded;
  if (entries_.size() >= most_) forget_last();
  entries_.push_front({.path = std::string(path), .file = *loaded, .checked = now, .used = now});
  index_.emplace(entries_.front().path, entries_.begin());
  return loaded;
}

void OpenFileCache::forget_last() {
  index_.erase(entries_.back().path);
  entries_.pop_back();
}

}  // namespace tollgate::handlers

// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/open_file_cache.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace tollgate::handlers {

OpenFileCache::Limits OpenFileCache::share(std::size_t caches) {
  Limits limits;
  rlimit most{};
  // Fails for no process that asks about itself.
  if (getrlimit(RLIMIT_NOFILE, &most) == 0)
    limits.descriptors = std::min<rlim_t>(limits.descriptors, most.rlim_cur / 4 / caches);
  return limits;
}

OpenFileCache::OpenFileCache(StaticFileLoader loader, const Clock& clock, Limits limits)
    : loader_(std::move(loader)), clock_(clock), limits_(limits) {}

LoadedFile OpenFileCache::open(std::string_view path) {
  const SteadyTime now = clock_.steady();
  while (!entries_.empty() && now - entries_.back().used > kUnused) forget_last();
  if (const auto found = index_.find(path); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    Entry& entry = entries_.front();
    entry.used = now;
    if (now - entry.checked < kValid) return entry.file;
    entry.checked = now;
    if (loader_.is_current(path, *entry.file)) return entry.file;
    forget(entries_.begin());
  }
  LoadedFile loaded = load(path);
  if (!loaded || (*loaded)->descriptors() > limits_.descriptors) return loaded;
  const std::size_t more = (*loaded)->descriptors();
  while (entries_.size() >= limits_.entries || descriptors_ + more > limits_.descriptors)
    forget_last();
  entries_.push_front({.path = std::string(path), .file = *loaded, .checked = now, .used = now});
  index_.emplace(entries_.front().path, entries_.begin());
  descriptors_ += more;
  return loaded;
}

// Where no descriptor is left, half of ours make room: what is asked for now counts for more.
LoadedFile OpenFileCache::load(std::string_view path) {
  LoadedFile loaded = loader_.load(path);
  const bool ran_out = !loaded && (loaded.error() == EMFILE || loaded.error() == ENFILE);
  if (!ran_out || descriptors_ == 0) return loaded;
  const std::size_t half = descriptors_ / 2;
  while (descriptors_ > half) forget_last();
  return loader_.load(path);
}

void OpenFileCache::forget(Entries::iterator entry) {
  descriptors_ -= entry->file->descriptors();
  index_.erase(entry->path);
  entries_.erase(entry);
}

void OpenFileCache::forget_last() { forget(std::prev(entries_.end())); }

}  // namespace tollgate::handlers

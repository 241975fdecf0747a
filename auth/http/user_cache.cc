// SPDX-License-Identifier: Apache-2.0
#include "auth/http/user_cache.h"

namespace tollgate::auth {

UserCache::Found UserCache::find(int64_t id, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  forget_if_stale(now);
  const auto found = users_.find(id);
  return {found == users_.end() ? nullptr : found->second, epoch_};
}

void UserCache::put(std::shared_ptr<const users::User> user, uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  if (epoch != epoch_) return;
  if (users_.size() >= kMaxUsers) users_.clear();
  const int64_t id = user->id;
  users_.insert_or_assign(id, std::move(user));
}

// A database that does not answer is one that may have changed.
void UserCache::forget_if_stale(SteadyTime now) {
  if (checked_ && now - *checked_ < kFreshness) return;
  checked_ = now;
  const auto version = store_.version();
  if (version && version_ == *version) return;
  version_ = version ? std::optional(*version) : std::nullopt;
  users_.clear();
  ++epoch_;
}

}  // namespace tollgate::auth

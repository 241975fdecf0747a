// The users that a worker has looked up lately.
//
// It forgets all when the database says that anyone has changed it, and looks
// for that at most every kFreshness, whether it answers or not: a user who is deactivated by
// another process is refused within that time. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "auth/users/user_store.h"
#include "server/base/clock.h"

namespace tollgate::auth {

// Threads: any; the loop reads, the look-up thread fills.
class UserCache {
 public:
  static constexpr std::chrono::milliseconds kFreshness{10};
  static constexpr std::size_t kMaxUsers = 4096;  // then it begins anew

  // `store` is asked for its version only, on the caller's thread; it outlives the cache.
  explicit UserCache(users::UserStore& store) : store_(store) {}

  // Changes with each time that all was forgotten. What was looked up under an
  // older epoch may be stale, and is not kept.
  struct Found {
    std::shared_ptr<const users::User> user;  // null: not known here
    uint64_t epoch;
  };
  Found find(int64_t id, SteadyTime now);
  void put(std::shared_ptr<const users::User> user, uint64_t epoch);

 private:
  void forget_if_stale(SteadyTime now);

  users::UserStore& store_;
  std::mutex mutex_;  // guards all below
  std::unordered_map<int64_t, std::shared_ptr<const users::User>> users_;
  std::optional<uint64_t> version_;
  std::optional<SteadyTime> checked_;
  uint64_t epoch_ = 0;
};

}  // namespace tollgate::auth

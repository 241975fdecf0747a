// SPDX-License-Identifier: Apache-2.0
#include "auth/http/user_cache.h"

#include <gtest/gtest.h>

namespace tollgate::auth {
namespace {

// Has a version, or none because it is busy; counts who asks.
class Versions final : public users::UserStore {
 public:
  std::optional<uint64_t> now = 1;
  int asked = 0;

  Result<uint64_t> version() override {
    ++asked;
    if (!now) return fail(Errc::Unavailable, "busy");
    return *now;
  }
  Result<std::optional<users::User>> find_by_name(std::string_view) override { return no(); }
  Result<std::optional<users::User>> find_by_id(int64_t) override { return no(); }
  Result<std::vector<users::User>> list() override { return no(); }
  Result<users::User> add(const users::NewUser&) override { return no(); }
  Status set_password(int64_t, std::string_view) override { return no(); }
  Status set_active(int64_t, bool) override { return no(); }
  Status set_last_login(int64_t, WallTime) override { return no(); }

 private:
  static tl::unexpected<Error> no() {
    return fail(Errc::Internal, "only the version is asked for");
  }
};

class UserCacheTest : public testing::Test {
 protected:
  bool knows() { return cache_.find(1, now_).user != nullptr; }
  void look_up() {
    const users::User alice{.id = 1, .username = "alice"};
    cache_.put(std::make_shared<const users::User>(alice), cache_.find(1, now_).epoch);
  }

  Versions store_;
  UserCache cache_{store_};
  SteadyTime now_{};
};

TEST_F(UserCacheTest, ForgetsWhatAnyoneHasChanged) {
  look_up();
  EXPECT_TRUE(knows());
  store_.now = 2;
  EXPECT_TRUE(knows());  // not asked yet
  now_ += UserCache::kFreshness;
  EXPECT_FALSE(knows());
}

TEST_F(UserCacheTest, AsksNoOftenerThanItsFreshness) {
  for (int i = 0; i < 100; ++i) look_up();
  EXPECT_EQ(store_.asked, 1);
  now_ += UserCache::kFreshness;
  EXPECT_TRUE(knows());
  EXPECT_EQ(store_.asked, 2);
}

TEST_F(UserCacheTest, ForgetsWhenTheDatabaseDoesNotAnswerAndDoesNotAskAgainAtOnce) {
  look_up();
  const uint64_t epoch = cache_.find(1, now_).epoch;
  store_.now.reset();
  now_ += UserCache::kFreshness;
  EXPECT_FALSE(knows());
  EXPECT_NE(cache_.find(1, now_).epoch, epoch);
  for (int i = 0; i < 100; ++i) knows();
  EXPECT_EQ(store_.asked, 2);
  look_up();
  now_ += UserCache::kFreshness;
  EXPECT_FALSE(knows());
  EXPECT_EQ(store_.asked, 3);
}

}  // namespace
}  // namespace tollgate::auth

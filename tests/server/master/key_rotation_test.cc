// SPDX-License-Identifier: Apache-2.0
#include "server/master/key_rotation.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace tollgate::master {
namespace {

UniqueFd ring() { return UniqueFd(eventfd(0, EFD_CLOEXEC)); }

// "old" is what there is at the start; every join makes another descriptor.
class KeyRotationTest : public testing::Test {
 protected:
  KeyRotationTest() {
    UniqueFd first = ring();
    old_ = first.get();
    rotation_.start_with(std::move(first));
  }

  int want(std::optional<uint32_t> generation = {}) {
    UniqueFd keys = ring();
    const int number = keys.get();
    rotation_.want(std::move(keys), generation);
    return number;
  }
  // Whether there is something to be sent.
  bool step(bool all_have_it) { return rotation_.step(all_have_it, join_).value_or(false); }
  int given() const { return rotation_.ring().get(); }

  KeyRotation rotation_;
  int old_ = -1;
  int joins_ = 0;
  KeyRotation::Join join_ = [this](const UniqueFd&, const UniqueFd&) -> Result<UniqueFd> {
    ++joins_;
    return ring();
  };
};

TEST_F(KeyRotationTest, DoesNothingWhileNothingIsWanted) {
  EXPECT_FALSE(step(true));
  EXPECT_EQ(given(), old_);
  EXPECT_EQ(rotation_.phase(), KeyPhase::Steady);
}

TEST_F(KeyRotationTest, LetsAllVerifyBeforeAnySigns) {
  const int next = want();
  EXPECT_TRUE(step(true));
  EXPECT_EQ(rotation_.phase(), KeyPhase::Verifying);
  const int both = given();
  EXPECT_NE(both, old_);
  EXPECT_NE(both, next);
  EXPECT_FALSE(step(false)) << "somebody does not verify yet";
  EXPECT_EQ(given(), both) << "what a worker that starts now is given";
  EXPECT_TRUE(step(true));
  EXPECT_EQ(given(), next);
  EXPECT_EQ(rotation_.phase(), KeyPhase::Switching);
  EXPECT_FALSE(step(false));
  EXPECT_EQ(rotation_.phase(), KeyPhase::Switching);
  EXPECT_FALSE(step(true));
  EXPECT_EQ(rotation_.phase(), KeyPhase::Steady);
  EXPECT_EQ(rotation_.count(), 1u);
}

TEST_F(KeyRotationTest, BeginsTheNextOnlyWhenAllSignWithTheLast) {
  want();
  step(true);
  want();
  const int third = want();  // instead of the second
  EXPECT_TRUE(step(true));   // switching to the first
  EXPECT_FALSE(step(false));
  EXPECT_TRUE(step(true));  // verifying the third
  EXPECT_EQ(rotation_.phase(), KeyPhase::Verifying);
  EXPECT_TRUE(step(true));
  EXPECT_EQ(given(), third);
  EXPECT_EQ(joins_, 2);
}

TEST_F(KeyRotationTest, OfAReloadWaitsForItsGeneration) {
  const int next = want(7);
  EXPECT_TRUE(step(true));
  EXPECT_FALSE(step(true)) << "it is not decided";
  rotation_.promoted(6);
  EXPECT_FALSE(step(true));
  rotation_.promoted(7);
  EXPECT_TRUE(step(true));
  EXPECT_EQ(given(), next);
}

TEST_F(KeyRotationTest, OfAReloadThatFailedGoesBack) {
  want(7);
  step(true);
  rotation_.abandoned(7);
  EXPECT_FALSE(step(false));
  EXPECT_TRUE(step(true));
  EXPECT_EQ(given(), old_);
  EXPECT_FALSE(step(true));
  EXPECT_EQ(rotation_.phase(), KeyPhase::Steady);
  EXPECT_EQ(rotation_.count(), 0u);
}

TEST_F(KeyRotationTest, OfAReloadThatFailedBeforeItsTurnNeverBegins) {
  const int first = want();
  step(true);
  want(7);
  rotation_.abandoned(7);
  EXPECT_TRUE(step(true));
  EXPECT_FALSE(step(true));
  EXPECT_EQ(given(), first);
  EXPECT_EQ(rotation_.phase(), KeyPhase::Steady);
}

TEST_F(KeyRotationTest, ToTheSameKeysIsNone) {
  join_ = [](const UniqueFd&, const UniqueFd&) -> Result<UniqueFd> { return UniqueFd(); };
  want();
  EXPECT_FALSE(step(true));
  EXPECT_EQ(given(), old_);
  EXPECT_EQ(rotation_.phase(), KeyPhase::Steady);
}

TEST_F(KeyRotationTest, ToKeysThatCannotBeUsedTogetherIsAnErrorOnce) {
  join_ = [](const UniqueFd&, const UniqueFd&) -> Result<UniqueFd> {
    return fail(Errc::InvalidArgument, "mixed");
  };
  want();
  EXPECT_FALSE(rotation_.step(true, join_));
  EXPECT_TRUE(rotation_.step(true, join_)) << "it is forgotten";
  EXPECT_EQ(given(), old_);
}

}  // namespace
}  // namespace tollgate::master

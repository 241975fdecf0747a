// SPDX-License-Identifier: Apache-2.0
#include "server/master/key_rotation.h"

#include <utility>

namespace tollgate::master {

std::string_view to_string(KeyPhase phase) {
  switch (phase) {
    case KeyPhase::Steady:
      break;
    case KeyPhase::Verifying:
      return "verifying";
    case KeyPhase::Switching:
      return "switching";
  }
  return "steady";
}

void KeyRotation::want(UniqueFd keys, std::optional<uint32_t> generation) {
  queued_ = Wanted{std::move(keys), generation};
}

void KeyRotation::promoted(uint32_t generation) {
  for (auto* wanted : {&next_, &queued_})
    if (*wanted && (*wanted)->undecided == generation) (*wanted)->undecided.reset();
}

void KeyRotation::abandoned(uint32_t generation) {
  if (queued_ && queued_->undecided == generation) queued_.reset();
  if (!next_ || next_->undecided != generation) return;
  next_->keys.reset();  // back to the old ones
  next_->undecided.reset();
}

Result<bool> KeyRotation::step(bool all_have_it, const Join& join) {
  if (!all_have_it) return false;
  if (phase_ == KeyPhase::Verifying) {
    if (next_->undecided) return false;
    if (next_->keys.valid()) {
      keys_ = std::move(next_->keys);
      ++count_;
    }
    next_.reset();
    both_.reset();
    phase_ = KeyPhase::Switching;
    return true;
  }
  phase_ = KeyPhase::Steady;
  if (!queued_) return false;
  Wanted wanted = *std::exchange(queued_, std::nullopt);
  TOLLGATE_TRY(both, join(keys_, wanted.keys));
  if (!both.valid()) return false;
  both_ = std::move(both);
  next_ = std::move(wanted);
  phase_ = KeyPhase::Verifying;
  return true;
}

}  // namespace tollgate::master

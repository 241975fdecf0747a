// SPDX-License-Identifier: Apache-2.0
#include "server/net/deadlines.h"

namespace tollgate::net {

void Deadline::disarm() {
  if (!armed()) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  previous_ = next_ = nullptr;
  list_ = nullptr;
}

DeadlineList::DeadlineList(milliseconds duration) : duration_(duration) {
  head_.next_ = head_.previous_ = &head_;
}

DeadlineList::~DeadlineList() {
  while (head_.next_ != &head_) head_.next_->disarm();
  head_.next_ = head_.previous_ = nullptr;
}

void DeadlineList::arm(Deadline& deadline, void* owner, SteadyTime now) {
  deadline.disarm();
  if (duration_ == milliseconds::zero()) return;
  deadline.list_ = this;
  deadline.owner_ = owner;
  deadline.due_ = now + duration_;
  deadline.previous_ = head_.previous_;
  deadline.next_ = &head_;
  head_.previous_->next_ = &deadline;
  head_.previous_ = &deadline;
}

void* DeadlineList::oldest(SteadyTime now, milliseconds age) const {
  const Deadline* const first = head_.next_;
  return first != &head_ && first->due_ - duration_ + age <= now ? first->owner_ : nullptr;
}

}  // namespace tollgate::net

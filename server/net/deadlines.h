// All deadlines of one worker's connections, swept by one timer.
//
// Each kind of deadline has one duration, so a list per kind, appended to at
// the end, is ordered by itself: arming costs a few pointer writes and no
// system call, and a sweep looks only at what is due.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "server/base/clock.h"
#include "server/base/units.h"

namespace tollgate::net {

// Something with at most one deadline at a time. It leaves its list when it dies.
class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { disarm(); }

  bool armed() const { return previous_ != nullptr; }
  void disarm();

 private:
  friend class DeadlineList;
  class DeadlineList* list_ = nullptr;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  SteadyTime due_;
  void* owner_ = nullptr;
};

// The deadlines of one duration. 0 means that this kind never expires.
class DeadlineList {
 public:
  explicit DeadlineList(milliseconds duration);
  DeadlineList(const DeadlineList&) = delete;
  DeadlineList& operator=(const DeadlineList&) = delete;
  ~DeadlineList();

  // Due at now + duration; leaves whatever list it was in. `owner` is what expire() gives back.
  void arm(Deadline& deadline, void* owner, SteadyTime now);

  // Whether arm() of this list was the last that was done with it, and it is not due yet.
  bool has(const Deadline& deadline) const { return deadline.list_ == this; }

  // The owner of the one that was armed first, if that is at least `age` ago; else nullptr.
  void* oldest(SteadyTime now, milliseconds age) const;

  // Takes each deadline that is due off the list and calls expired(owner), which may
  // arm, disarm and destroy any deadline.
  template <class Expired>
  void sweep(SteadyTime now, Expired&& expired) {
    while (head_.next_ != &head_ && head_.next_->due_ <= now) {
      Deadline& first = *head_.next_;
      first.disarm();
      expired(first.owner_);
    }
  }

 private:
  milliseconds duration_;
  Deadline head_;  // of a ring: first and last element point to it
};

}  // namespace tollgate::net

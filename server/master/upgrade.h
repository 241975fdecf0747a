// The upgrade of the binary (USR2) as the old master sees it: what follows on
// what, decided without doing it. supervisor_upgrade.cc does it.
//
//   None --Begin--> Starting --Ready--> Probation --Late--> HandingOver --Taken--> HandedOver
//     ^                |  it failed, is late,   |                |  it died, or
//     |                v  or was called off     v                v  never answers
//     +-----Gone---- Leaving <------------------+----------------+
//
// While Starting, this master's workers serve; in Probation they have drained, and
// this master stands by; in HandingOver it has given up what it owned, and waits
// for the new one's word that it has it; then it ends. On any way back it serves
// at once, and Leaving only waits for the other's end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace tollgate::master {

enum class UpgradeState : uint8_t {
  None,
  Starting,
  Probation,
  HandingOver,
  Leaving,
  HandedOver,
};

enum class UpgradeEvent : uint8_t {
  Begin,     // USR2
  Ready,     // the new master's first full set of workers serves
  Failed,    // it says that it will not, and ends
  HungUp,    // it has closed the channel
  Gone,      // it has ended
  Taken,     // it owns everything
  Late,      // the deadline of the state is over
  CallOff,   // HUP: the operator wants the old one back
  Stop,      // this master is to end: the new one stays
  StopBoth,  // the same, under systemd: its `stop` means both
};

enum class UpgradeAction : uint8_t {
  Await,      // its first full set of workers
  StepAside,  // drain the workers, keep everything else
  HandOver,   // give up everything that only one can own, and say so
  Leave,      // drain what is left and end
  TakeBack,   // serve again
  SendAway,   // serve again, and TERM to the other
  Forward,    // what this master was told goes to the other as well
  Kill,
  Settle,  // the other is gone: serve again, own everything again, conclude
};

struct UpgradeStep {
  UpgradeState from;
  UpgradeEvent event;
  UpgradeState to;
  UpgradeAction action;
};

// All there are; for the test.
std::span<const UpgradeStep> upgrade_steps();

// Nothing: `event` means nothing in `state`.
std::optional<UpgradeStep> next(UpgradeState state, UpgradeEvent event);

// Whether a master that stops has to wait for the other's word or end.
constexpr bool holds_up_the_end(UpgradeState state) {
  return state == UpgradeState::HandingOver || state == UpgradeState::Leaving;
}

}  // namespace tollgate::master

// The keys of all workers, and how they become others without one token being refused that was
// valid: no worker may sign with a key with which another, old or new, does not verify yet.
//
//   Steady ──other keys──▶ Verifying: all are sent both, which sign as before
//   Verifying ──all have taken them──▶ Switching: all are sent the new ones alone
//   Switching ──all have taken them──▶ Steady
//
// A worker that starts meanwhile is given what was sent last. One that does not take them is found
// by its own deadlines (it is silent, or it drains for too long), and is then no longer asked.
//
// Keys of a reload wait in Verifying until its generation serves; if it is abandoned, the switch
// goes back to the old ones. Descriptors only: what is in them is known to Wiring (supervisor.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "server/base/result.h"
#include "server/base/unique_fd.h"

namespace tollgate::master {

enum class KeyPhase : uint8_t { Steady, Verifying, Switching };
std::string_view to_string(KeyPhase phase);  // "steady"

class KeyRotation {
 public:
  // Both together, signing as `now` does; invalid: they are the same.
  using Join = std::function<Result<UniqueFd>(const UniqueFd& now, const UniqueFd& next)>;

  // What a worker that starts now is given, and what all were sent last; may be invalid.
  const UniqueFd& ring() const { return phase_ == KeyPhase::Verifying ? both_ : keys_; }
  KeyPhase phase() const { return phase_; }
  // How often the keys became others.
  uint64_t count() const { return count_; }

  // The first keys, before there is a worker.
  void start_with(UniqueFd keys) { keys_ = std::move(keys); }

  // From now on these are wanted: at once, or once what is under way is done, instead of what was
  // wanted before. `generation`: of a reload that is not decided.
  void want(UniqueFd keys, std::optional<uint32_t> generation = {});
  // That reload was decided.
  void promoted(uint32_t generation);
  void abandoned(uint32_t generation);

  // The next step, if its time has come: true when ring() has become another, and is to be sent to
  // all. `all_have_it`: every worker has taken what was sent last.
  // Errors: of `join`; what was wanted is forgotten then.
  Result<bool> step(bool all_have_it, const Join& join);

 private:
  struct Wanted {
    UniqueFd keys;
    std::optional<uint32_t> undecided;  // the generation
  };

  KeyPhase phase_ = KeyPhase::Steady;
  UniqueFd keys_;                 // those of Steady, and of Switching
  UniqueFd both_;                 // of Verifying
  std::optional<Wanted> next_;    // of Verifying
  std::optional<Wanted> queued_;  // what is wanted behind that
  uint64_t count_ = 0;
};

}  // namespace tollgate::master

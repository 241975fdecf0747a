// SPDX-License-Identifier: Apache-2.0
#include "server/master/upgrade.h"

#include <algorithm>
#include <iterator>

namespace tollgate::master {
namespace {

using S = UpgradeState;
using E = UpgradeEvent;
using A = UpgradeAction;

constexpr UpgradeStep kSteps[] = {
    {S::None, E::Begin, S::Starting, A::Await},

    {S::Starting, E::Ready, S::Probation, A::StepAside},
    {S::Starting, E::Failed, S::Leaving, A::TakeBack},
    {S::Starting, E::HungUp, S::Leaving, A::SendAway},
    {S::Starting, E::Late, S::Leaving, A::SendAway},
    {S::Starting, E::CallOff, S::Leaving, A::SendAway},
    {S::Starting, E::Gone, S::None, A::Settle},
    {S::Starting, E::Stop, S::HandingOver, A::HandOver},
    {S::Starting, E::StopBoth, S::Leaving, A::Forward},

    {S::Probation, E::Late, S::HandingOver, A::HandOver},  // it has stood the test of time
    {S::Probation, E::Failed, S::Leaving, A::TakeBack},
    {S::Probation, E::HungUp, S::Leaving, A::SendAway},
    {S::Probation, E::CallOff, S::Leaving, A::SendAway},
    {S::Probation, E::Gone, S::None, A::Settle},
    {S::Probation, E::Stop, S::HandingOver, A::HandOver},
    {S::Probation, E::StopBoth, S::Leaving, A::Forward},

    {S::HandingOver, E::Taken, S::HandedOver, A::Leave},
    {S::HandingOver, E::Failed, S::Leaving, A::TakeBack},
    {S::HandingOver, E::HungUp, S::Leaving, A::SendAway},
    {S::HandingOver, E::Late, S::Leaving, A::Kill},
    {S::HandingOver, E::Gone, S::None, A::Settle},

    {S::Leaving, E::Gone, S::None, A::Settle},
    {S::Leaving, E::Late, S::Leaving, A::Kill},
    {S::Leaving, E::StopBoth, S::Leaving, A::Forward},
};

}  // namespace

std::span<const UpgradeStep> upgrade_steps() { return kSteps; }

std::optional<UpgradeStep> next(UpgradeState state, UpgradeEvent event) {
  const auto* const step = std::ranges::find_if(
      kSteps, [&](const UpgradeStep& each) { return each.from == state && each.event == event; });
  if (step == std::end(kSteps)) return std::nullopt;
  return *step;
}

}  // namespace tollgate::master

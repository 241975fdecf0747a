// SPDX-License-Identifier: Apache-2.0
#include "server/http/exchange_state.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace tollgate::http {
namespace {

constexpr std::array kStates = {State::Idle, State::Head, State::Body, State::Done, State::Closed};
constexpr std::array kEvents = {Event::FirstByte, Event::HeadEnd,  Event::MessageEnd,
                                Event::HeadSent,  Event::BodySent, Event::Failed};

struct Case {
  const char* name;
  State from;
  Event on;
  std::optional<State> to;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

class RequestTable : public testing::TestWithParam<Case> {};

TEST_P(RequestTable, Moves) {
  EXPECT_EQ(next(kRequest, GetParam().from, GetParam().on), GetParam().to);
}

INSTANTIATE_TEST_SUITE_P(
    , RequestTable,
    testing::Values(Case{"TheFirstByteBeginsTheHead", State::Idle, Event::FirstByte, State::Head},
                    Case{"HeadEndStartsBody", State::Head, Event::HeadEnd, State::Body},
                    Case{"TheMessageEndIsDone", State::Body, Event::MessageEnd, State::Done},
                    Case{"ABadHeadCloses", State::Head, Event::Failed, State::Closed},
                    Case{"ABadBodyCloses", State::Body, Event::Failed, State::Closed},
                    Case{"NoSecondRequestBeforeTheAnswer", State::Done, Event::FirstByte,
                         std::nullopt},
                    Case{"AMessageHasAHead", State::Head, Event::MessageEnd, std::nullopt}),
    [](const auto& test) { return std::string(test.param.name); });

class ResponseTable : public testing::TestWithParam<Case> {};

TEST_P(ResponseTable, Moves) {
  EXPECT_EQ(next(kResponse, GetParam().from, GetParam().on), GetParam().to);
}

INSTANTIATE_TEST_SUITE_P(
    , ResponseTable,
    testing::Values(Case{"TheHeadStartsTheBody", State::Idle, Event::HeadSent, State::Body},
                    Case{"TheBodyIsDone", State::Body, Event::BodySent, State::Done},
                    Case{"NoBodyBeforeItsHead", State::Idle, Event::BodySent, std::nullopt},
                    Case{"NoSecondHead", State::Body, Event::HeadSent, std::nullopt},
                    Case{"NoSecondAnswer", State::Done, Event::HeadSent, std::nullopt}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ExchangeState, ClosedIsFinal) {
  for (const Event event : kEvents) {
    EXPECT_EQ(next(kRequest, State::Closed, event), std::nullopt);
    EXPECT_EQ(next(kResponse, State::Closed, event), std::nullopt);
  }
}

TEST(ExchangeState, NoRowClaimsAnotherAnswerForTheSameMove) {
  constexpr std::array kTwice = {Transition{State::Idle, Event::Failed, State::Closed},
                                 Transition{State::Idle, Event::Failed, State::Head}};
  EXPECT_FALSE(unambiguous(kTwice));
}

TEST(ExchangeState, TheConnectionGoesOnOnlyAfterWholeMessagesOnBothSides) {
  for (const State request : kStates)
    for (const State response : kStates)
      for (const bool keep_alive : {false, true}) {
        const auto then = after(request, response, keep_alive);
        if (response != State::Done) {
          EXPECT_EQ(then, std::nullopt);
        } else {
          EXPECT_EQ(then, keep_alive && request == State::Done ? State::Idle : State::Closed);
        }
      }
}

}  // namespace
}  // namespace tollgate::http

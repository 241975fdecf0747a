// SPDX-License-Identifier: Apache-2.0
#include "server/os/lifeline.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace tollgate::os {
namespace {

class LifelineTest : public testing::Test {
 protected:
  void SetUp() override {
    auto ends = Lifeline::create();
    ASSERT_TRUE(ends);
    master_.emplace(std::move(ends->first));
    worker_.emplace(std::move(ends->second));
  }
  std::optional<Lifeline> master_, worker_;
};

TEST(LifelinePackets, AReportReadsBackAsItWasWritten) {
  for (const Report& report : {Report{Report::Kind::Ready}, Report{Report::Kind::Failed, 78, "why"},
                               Report{Report::Kind::Retire, 0, "max_requests"},
                               Report{Report::Kind::Failed, -1, std::string("a\0b", 3)}})
    EXPECT_EQ(decode_report(encode(report)), report);
}

TEST(LifelinePackets, WhatIsNotOursIsNothing) {
  EXPECT_FALSE(decode_report(""));
  EXPECT_FALSE(decode_report("R"));
  EXPECT_FALSE(decode_report("Xabcd"));
  EXPECT_FALSE(decode_order(""));
  EXPECT_FALSE(decode_order("x"));
  EXPECT_FALSE(decode_order("dd"));
}

TEST_F(LifelineTest, OrdersGoDownAndReportsComeUp) {
  ASSERT_TRUE(master_->send(Order::Drain));
  ASSERT_TRUE(master_->send(Order::Reopen));
  EXPECT_EQ(worker_->receive_order().message, Order::Drain);
  EXPECT_EQ(worker_->receive_order().message, Order::Reopen);
  EXPECT_EQ(worker_->receive_order().state, Received<Order>::State::Nothing);

  const Report report{Report::Kind::Failed, 4, "no such symbol"};
  ASSERT_TRUE(worker_->send(report));
  EXPECT_EQ(master_->receive_report().message, report);
  EXPECT_EQ(master_->receive_report().state, Received<Report>::State::Nothing);
}

TEST_F(LifelineTest, TheOtherSidesEndIsSeen) {
  worker_.reset();
  EXPECT_EQ(master_->receive_report().state, Received<Report>::State::Closed);
  EXPECT_FALSE(master_->send(Order::Drain));  // and no SIGPIPE
}

TEST_F(LifelineTest, LastWordsArriveThoughAnOrderWasNeverRead) {
  ASSERT_TRUE(master_->send(Order::Drain));
  const Report report{Report::Kind::Failed, 3, "last words"};
  ASSERT_TRUE(worker_->send(report));
  worker_.reset();
  EXPECT_EQ(master_->receive_report().message, report);
  EXPECT_EQ(master_->receive_report().state, Received<Report>::State::Closed);
}

TEST_F(LifelineTest, AForeignPacketIsPassedOver) {
  ASSERT_EQ(send(master_->fd(), "garbage", 7, 0), 7);
  ASSERT_TRUE(master_->send(Order::Quit));
  EXPECT_EQ(worker_->receive_order().message, Order::Quit);
}

TEST_F(LifelineTest, ALongReasonIsCutNotLost) {
  ASSERT_TRUE(worker_->send(Report{Report::Kind::Failed, 3, std::string(100'000, 'x')}));
  const auto received = master_->receive_report();
  ASSERT_TRUE(received.message);
  EXPECT_EQ(received.message->code, 3);
  EXPECT_EQ(received.message->text, std::string(4096, 'x'));
}

TEST_F(LifelineTest, AFullLifelineIsAnErrorAndDoesNotBlock) {
  Status sent;
  for (int i = 0; i < 100'000 && sent; ++i) sent = master_->send(Order::Reopen);
  EXPECT_FALSE(sent);
}

}  // namespace
}  // namespace tollgate::os

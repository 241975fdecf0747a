// SPDX-License-Identifier: Apache-2.0
#include "server/os/lifeline.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

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

TEST_F(LifelineTest, AnOrderBringsDescriptorsOfTheSameFiles) {
  const UniqueFd first(memfd_create("first", MFD_CLOEXEC));
  const UniqueFd second(memfd_create("second", MFD_CLOEXEC));
  ASSERT_TRUE(master_->send(Order::Reopen, std::array{first.get(), second.get()}));
  ASSERT_TRUE(master_->send(Order::Drain));
  const auto reopen = worker_->receive_order();
  EXPECT_EQ(reopen.message, Order::Reopen);
  ASSERT_EQ(reopen.descriptors.size(), 2U);
  EXPECT_NE(fcntl(reopen.descriptors[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(write(reopen.descriptors[1].get(), "x", 1), 1);
  EXPECT_EQ(lseek(second.get(), 0, SEEK_CUR), 1);
  EXPECT_TRUE(worker_->receive_order().descriptors.empty());
}

// A worker that somebody has taken over cannot fill the master's table.
TEST_F(LifelineTest, TheMasterTakesNoDescriptors) {
  Lifeline raw(UniqueFd(dup(worker_->fd())));
  ASSERT_TRUE(raw.send(Order::Reopen, std::array{0, 0}));  // not a report: passed over
  ASSERT_TRUE(worker_->send(Report{Report::Kind::Ready}));
  const auto received = master_->receive_report();
  EXPECT_EQ(received.message->kind, Report::Kind::Ready);
  EXPECT_TRUE(received.descriptors.empty());
  const UniqueFd next(dup(0));
  EXPECT_EQ(next.get(), raw.fd() + 1);
}

}  // namespace
}  // namespace tollgate::os

// SPDX-License-Identifier: Apache-2.0
#include "server/os/upgrade_channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace tollgate::os {
namespace {

using namespace std::chrono_literals;

class UpgradeChannelTest : public testing::Test {
 protected:
  std::pair<UpgradeChannel, UpgradeChannel> ends_ = *UpgradeChannel::create();
  UpgradeChannel& old_ = ends_.first;
  UpgradeChannel& new_ = ends_.second;
};

TEST_F(UpgradeChannelTest, CarriesWordsInTheirOrder) {
  EXPECT_FALSE(new_.wait(0ms));
  EXPECT_FALSE(new_.receive());
  ASSERT_TRUE(old_.send(Word::Variable, "NAME=two words"));
  ASSERT_TRUE(old_.send(Word::Start));
  EXPECT_TRUE(new_.wait(0ms));
  const auto first = new_.receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->word, Word::Variable);
  EXPECT_EQ(first->text, "NAME=two words");
  EXPECT_FALSE(first->fd.valid());
  EXPECT_EQ(new_.receive()->word, Word::Start);
  EXPECT_FALSE(new_.receive());
  EXPECT_TRUE(new_.is_open());
}

TEST_F(UpgradeChannelTest, CarriesADescriptorThatNoOtherProgramInherits) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(pipe2(pipe.data(), 0), 0);
  const UniqueFd in(pipe[0]);
  {
    const UniqueFd out(pipe[1]);
    ASSERT_TRUE(old_.send(Word::Durable, {}, out.get()));
  }
  const auto packet = new_.receive();
  ASSERT_TRUE(packet && packet->fd.valid());
  EXPECT_EQ(fcntl(packet->fd.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(write(packet->fd.get(), "x", 1), 1);
  char got = 0;
  EXPECT_EQ(read(in.get(), &got, 1), 1);
}

TEST_F(UpgradeChannelTest, LastWordsComeBeforeTheEnd) {
  ASSERT_TRUE(old_.send(Word::Yours));  // that is never read
  ASSERT_TRUE(new_.send(Word::Failed, "why"));
  new_.close();
  EXPECT_TRUE(old_.wait(0ms));
  EXPECT_EQ(old_.receive()->text, "why");
  EXPECT_TRUE(old_.is_open());
  EXPECT_FALSE(old_.receive());
  EXPECT_FALSE(old_.is_open());
  EXPECT_FALSE(old_.send(Word::Yours));
}

TEST_F(UpgradeChannelTest, NeverBlocks) {
  const std::string text(60000, 'x');
  bool sent = true;
  for (int i = 0; i < 1000 && sent; ++i) sent = old_.send(Word::Variable, text).has_value();
  EXPECT_FALSE(sent);
  EXPECT_FALSE(old_.send(Word::Variable, std::string(1 << 20, 'x')));
}

}  // namespace
}  // namespace tollgate::os

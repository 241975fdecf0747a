// SPDX-License-Identifier: Apache-2.0
#include "server/shm/durable.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace tollgate::shm {
namespace {

UniqueFd copy_of(const Durable& durable) { return UniqueFd(dup(durable.fd())); }

// Memory of another program: with the stamp that a test wants.
UniqueFd memory_with(uint64_t magic, uint32_t version, uint32_t size) {
  UniqueFd memory(memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(ftruncate(memory.get(), size), 0);
  EXPECT_EQ(pwrite(memory.get(), &magic, 8, 0), 8);
  EXPECT_EQ(pwrite(memory.get(), &version, 4, 8), 4);
  EXPECT_EQ(pwrite(memory.get(), &size, 4, 12), 4);
  return memory;
}

constexpr uint64_t kMagic = 0x7467'6475'7261'626c;
constexpr uint32_t kSize = 1 << 20;

TEST(Durable, WhoAdoptsItSeesAndWritesTheSameCounts) {
  auto first = Durable::create();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->get(Count::Requests), 0U);
  first->add(Count::Requests, 40);
  auto second = Durable::adopt(copy_of(*first));
  ASSERT_TRUE(second) << second.error().message;
  second->add(Count::Requests, 2);
  EXPECT_EQ(first->get(Count::Requests), 42U);
  EXPECT_EQ(second->get(Count::Upgrades), 0U);
}

TEST(Durable, OutlivesItsMaker) {
  auto first = Durable::create();
  ASSERT_TRUE(first);
  UniqueFd copy = copy_of(*first);
  {
    const Durable gone = *std::move(first);
    Durable(*Durable::adopt(UniqueFd(dup(copy.get())))).add(Count::Crashes);
  }
  EXPECT_EQ(Durable::adopt(std::move(copy))->get(Count::Crashes), 1U);
}

TEST(Durable, AForkedChildWritesIntoTheSame) {
  auto durable = Durable::create();
  ASSERT_TRUE(durable);
  const pid_t child = fork();
  if (child == 0) {
    durable->add(Count::Restarts);
    _exit(0);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(durable->get(Count::Restarts), 1U);
}

TEST(Durable, TakesWhatADeadWorkerCounted) {
  auto durable = Durable::create();
  ASSERT_TRUE(durable);
  Slot slot{};
  slot.requests = 7;
  slot.accepted = 3;
  slot.shed = 2;
  slot.timeouts = 1;
  Tallies tallies{};
  tallies.add(Tally::SlowHeads);
  tallies.add(Tally::RateLimited);
  tallies.add(Tally::RateLimited);
  durable->fold(slot, tallies);
  durable->fold(slot, tallies);
  EXPECT_EQ(durable->get(Count::Requests), 14U);
  EXPECT_EQ(durable->get(Count::Accepted), 6U);
  EXPECT_EQ(durable->get(Count::Shed), 4U);
  EXPECT_EQ(durable->get(Count::Timeouts), 2U);
  EXPECT_EQ(durable->get(Tally::SlowHeads), 2U);
  EXPECT_EQ(durable->get(Tally::RateLimited), 4U);
  EXPECT_EQ(durable->get(Tally::SlowBodies), 0U);
}

TEST(Durable, TheStampIsWhatTheTestsBelowWrite) {
  EXPECT_TRUE(Durable::adopt(memory_with(kMagic, Durable::kVersion, kSize)));
}

TEST(Durable, AnotherLayoutIsRefusedWithBothVersions) {
  for (const auto& [version, size] :
       {std::pair(Durable::kVersion + 1, kSize), std::pair(Durable::kVersion, 2 * kSize)}) {
    const auto adopted = Durable::adopt(memory_with(kMagic, version, size));
    ASSERT_FALSE(adopted) << version;
    EXPECT_EQ(adopted.error().code, Errc::Conflict);
    const std::string& text = adopted.error().message;
    EXPECT_NE(text.find("version " + std::to_string(version)), std::string::npos) << text;
    EXPECT_NE(text.find("this program's is " + std::to_string(Durable::kVersion)),
              std::string::npos)
        << text;
  }
}

TEST(Durable, WhatIsNoSegmentIsRefused) {
  EXPECT_FALSE(Durable::adopt(memory_with(1, Durable::kVersion, kSize)));
  EXPECT_FALSE(Durable::adopt(UniqueFd(memfd_create("empty", MFD_CLOEXEC))));
  EXPECT_FALSE(Durable::adopt(UniqueFd()));
}

TEST(Durable, NobodyCanCutItShort) {
  const auto durable = Durable::create();
  ASSERT_TRUE(durable);
  EXPECT_NE(ftruncate(durable->fd(), 0), 0);
}

}  // namespace
}  // namespace tollgate::shm

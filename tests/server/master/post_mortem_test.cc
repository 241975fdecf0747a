// SPDX-License-Identifier: Apache-2.0
#include "server/master/post_mortem.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstring>
#include <functional>
#include <memory>

#include "server/shm/scoreboard.h"

namespace tollgate::master {
namespace {

using Strings = std::vector<std::string>;

constexpr pid_t kPid = 50;
constexpr pid_t kMaster = 40;

class PostMortemTest : public testing::Test {
 protected:
  shm::InFlightEntry& add(uint64_t id, std::string_view path) {
    ++death_.in_flight;
    return list_.begin({.id = id,
                        .started = SteadyTime(5s),
                        .version_minor = 1,
                        .method = "GET",
                        .path = path,
                        .peer = "192.0.2.1"});
  }
  void fault(int signal, int code, uint64_t address) {
    remains_->note.signal = signal;
    remains_->note.code = code;
    remains_->note.address = address;
    remains_->note.thread = kPid;
  }
  void sent(int signal, pid_t sender) {
    fault(signal, SI_USER, 0);
    remains_->note.sender = sender;
  }
  void write(std::string_view text) {
    text.copy(remains_->note.text, shm::CrashNote::kText);
    remains_->note.text_size = static_cast<uint32_t>(text.size());
  }
  std::string cause() const { return examine(death_, *remains_).cause; }

  std::unique_ptr<shm::Remains> remains_ = std::make_unique<shm::Remains>();
  std::atomic<uint32_t> count_ = 0;
  shm::InFlight list_{remains_->in_flight, count_};
  Death death_{.worker = "worker 0",
               .pid = kPid,
               .exit = {.code = std::nullopt, .signal = SIGSEGV},
               .master = kMaster,
               .application = "/srv/app.so",
               .now = SteadyTime(7s)};
};

TEST_F(PostMortemTest, TheCauseNamesThreadSignalPlaceAndRequest) {
  remains_->note.guilty = add(3, "/a");
  const auto no_guilty = [this] { remains_->note.guilty.request = 0; };
  const struct {
    std::function<void()> happen;
    std::string sentence;
  } rows[] = {
      {[&] { fault(SIGSEGV, SEGV_MAPERR, 0x10); },
       R"(worker 0 died on its loop of SIGSEGV (at 0x10: nothing is mapped there), at work on 50-3 GET "/a")"},
      {[&] { fault(SIGBUS, 77, 0x10); },
       R"(worker 0 died on its loop of SIGBUS (at 0x10), at work on 50-3 GET "/a")"},
      {[&] {
         remains_->note.thread = 51;
         std::strcpy(remains_->note.thread_name, "thr\"eads");
         remains_->note.signal = SIGFPE;
         remains_->note.code = FPE_INTDIV;
       },
       R"(worker 0 died on thread 51 "thr\"eads" of SIGFPE (at 0x10: division by zero), at work on 50-3 GET "/a")"},
      {[&] {
         fault(SIGSEGV, SEGV_ACCERR, 0x7000'0000);
         remains_->note.stack_pointer = 0x7000'0800;
       },
       R"(worker 0 died on its loop of SIGSEGV (at 0x70000000: the stack is full), at work on 50-3 GET "/a")"},
      {[&] { sent(SIGABRT, kPid), no_guilty(); },
       "worker 0 died on its loop of SIGABRT (raised by itself), with no request in hand"},
      {[&] { sent(SIGABRT, kMaster); },
       "worker 0 died on its loop of SIGABRT (sent by the master), with no request in hand"},
      {[&] { sent(SIGSEGV, 60); },
       "worker 0 died on its loop of SIGSEGV (sent by process 60), with no request in hand"},
  };
  for (const auto& row : rows) {
    row.happen();
    EXPECT_EQ(cause(), row.sentence);
  }
}

TEST_F(PostMortemTest, FramesAreDemangledAndTheApplicationHasItsName) {
  fault(SIGSEGV, SEGV_MAPERR, 0);
  remains_->note.frames = 4;
  remains_->note.counters[3] = 0xabc;
  write("/proc/self/fd/9+0x12 _ZN3app5crashEi\n/lib/libc.so.6+0x345 abort\n0x77\n/lib/cut+0x");
  EXPECT_EQ(examine(death_, *remains_).backtrace,
            (Strings{"#0 /srv/app.so+0x12 app::crash(int)", "#1 /lib/libc.so.6+0x345 abort",
                     "#2 0x77", "#3 0xabc"}));
}

TEST_F(PostMortemTest, ARecursionIsOneLine) {
  fault(SIGSEGV, SEGV_MAPERR, 0);
  remains_->note.frames = 5;
  write("/a+0x1\n/a+0x2\n/a+0x2\n/a+0x2\n/a+0x1\n");
  EXPECT_EQ(examine(death_, *remains_).backtrace,
            (Strings{"#0 /a+0x1", "#1 /a+0x2 (3 times)", "#4 /a+0x1"}));
}

TEST_F(PostMortemTest, EveryRequestInFlightIsALine) {
  shm::InFlightEntry& first = add(3, "/a\n\"b");
  first.route = 1;
  first.pattern.assign("/{name}");
  first.user.assign("alice");
  shm::InFlightEntry& second = add(4, std::string(300, 'x'));
  second.peer.assign("");
  second.started = shm::to_beat(death_.now + 1s);
  death_.in_flight += 2;
  EXPECT_EQ(
      examine(death_, *remains_).lost,
      (Strings{
          R"(lost with it: 50-3 GET "/a\x0a\"b", route "/{name}", from "192.0.2.1", user "alice", 2000 ms old)",
          "lost with it: 50-4 GET \"" + std::string(95, 'x') +
              "\"..., from a Unix socket, 0 ms old",
          "lost with it: and 2 more"}));
}

TEST_F(PostMortemTest, AWorkerThatLeftNothingHasNothingToTell) {
  const PostMortem found = examine(death_, *remains_);
  EXPECT_TRUE(found.cause.empty() && found.backtrace.empty() && found.lost.empty());
}

TEST_F(PostMortemTest, RemainsThatAreGarbageAreBounded) {
  for (const int byte : {0xff, 0x80, 0x41}) {
    std::memset(remains_.get(), byte, sizeof(*remains_));
    const PostMortem found = examine(death_, *remains_);
    EXPECT_LE(found.backtrace.size(), shm::CrashNote::kFrames);
    EXPECT_EQ(found.lost.size(), shm::InFlight::kEntries);
    EXPECT_NE(find_guilty(death_, *remains_), &remains_->in_flight.front());
  }
}

TEST_F(PostMortemTest, TheGuiltyIsWhoTheThreadWorkedOnOrTheOnlyOne) {
  enum class Note : uint8_t { None, Silent, Names };
  const struct {
    std::string name;
    Note note;
    pid_t sender;
    uint32_t in_flight;
    bool wanted;
    uint64_t guilty;  // its id; 0: nobody
  } rows[] = {
      {"the note's word", Note::Names, 0, 2, false, 8},
      {"a crash while it drained", Note::Names, 0, 2, true, 8},
      {"a hung loop", Note::Names, kMaster, 2, false, 8},
      {"an abort", Note::Names, kPid, 2, false, 8},
      {"somebody else's signal", Note::Names, 60, 1, false, 0},
      {"a silent note, and one request", Note::Silent, 0, 1, false, 7},
      {"a silent note, and two", Note::Silent, 0, 2, false, 0},
      {"no note, and one request", Note::None, 0, 1, false, 7},
      {"no note, and two", Note::None, 0, 2, false, 0},
      {"killed since it did not end in time", Note::None, 0, 1, true, 0},
  };
  add(7, "/listed");
  for (const auto& row : rows) {
    remains_->note.signal = row.note == Note::None ? 0 : SIGSEGV;
    remains_->note.sender = row.sender;
    remains_->note.guilty.request = row.note == Note::Names ? 8 : 0;
    death_.in_flight = row.in_flight;
    death_.wanted = row.wanted;
    const shm::InFlightEntry* const guilty = find_guilty(death_, *remains_);
    EXPECT_EQ(guilty == nullptr ? 0 : guilty->request, row.guilty) << row.name;
  }
}

// It is an operator's, or the kernel's when memory is short: no route's.
TEST_F(PostMortemTest, SigkillBlamesNobody) {
  remains_->note.signal = 0;
  death_.exit = {.code = std::nullopt, .signal = SIGKILL};
  remains_->in_flight.front().request = 7;
  death_.in_flight = 1;
  death_.wanted = false;
  EXPECT_EQ(find_guilty(death_, *remains_), nullptr);
  death_.exit.signal = SIGSEGV;
  EXPECT_NE(find_guilty(death_, *remains_), nullptr);
}

TEST(PostMortemBudget, GivesTenAMinute) {
  PostMortemBudget budget;
  const SteadyTime now(1h);
  for (int i = 0; i < PostMortemBudget::kEachMinute; ++i) EXPECT_TRUE(budget.take(now));
  EXPECT_FALSE(budget.take(now + 59s));
  EXPECT_TRUE(budget.take(now + 60s));
}

}  // namespace
}  // namespace tollgate::master

// Each crash is a child's, and what it wrote is read after its death.
// SPDX-License-Identifier: Apache-2.0
#include "server/os/crash_handler.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <new>
#include <string_view>
#include <thread>

namespace tollgate::os {
namespace {

__attribute__((noinline)) int recurse(int depth) {
  if (depth < 0) return 0;
  volatile char room[1000] = {};
  room[0] = static_cast<char>(depth);
  return recurse(depth + 1) + room[0];
}
void overflow() { recurse(0); }
void write_nowhere() {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address that nobody has
  *reinterpret_cast<volatile int*>(uintptr_t{0x1230}) = 1;
}
void on_thread(const std::function<void()>& work) {
  std::thread([&work] {
    const CrashStack stack;
    work();
  }).join();
}

class CrashHandler : public testing::Test {
 protected:
  CrashHandler() {
    void* const memory = mmap(nullptr, sizeof(shm::CrashNote), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, /*offset=*/0);
    note_ = new (memory) shm::CrashNote{};
  }
  ~CrashHandler() override { munmap(note_, sizeof(*note_)); }

  // How a child that did this has ended, as waitpid(2) says it.
  int status_of(const std::function<void()>& work) {
    child_ = fork();
    if (child_ == 0) {
      const rlimit none{.rlim_cur = 0, .rlim_max = 0};
      setrlimit(RLIMIT_CORE, &none);
      const CrashStack stack;
      install_crash_handler(*note_);
      work();
      _exit(0);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child_, &status, 0), child_);
    return status;
  }
  // A sanitizer, which was there before us, makes a code of it.
  static void expect_killed(int status, int signal) {
    EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == signal : WEXITSTATUS(status) != 0)
        << status;
  }
  std::string_view text() const { return {note_->text, note_->text_size}; }

  shm::CrashNote* note_;
  pid_t child_ = 0;
};

TEST_F(CrashHandler, NotesEachFatalSignalAndLetsItKill) {
  const struct {
    int signal;
    std::function<void()> work;
    bool fault;
  } rows[] = {
      {SIGSEGV, write_nowhere, true},
      {SIGSEGV, [] { on_thread(write_nowhere); }, true},
      {SIGSEGV, overflow, true},
      {SIGSEGV, [] { on_thread(overflow); }, true},
      {SIGABRT, [] { std::abort(); }, false},
      {SIGABRT, [] { on_thread([] { std::abort(); }); }, false},
      {SIGILL, [] { __builtin_trap(); }, true},
      {SIGTRAP, [] { raise(SIGTRAP); }, false},
      {SIGBUS, [] { kill(getpid(), SIGBUS); }, false},
  };
  for (const auto& row : rows) {
    *note_ = {};
    expect_killed(status_of(row.work), row.signal);
    EXPECT_EQ(note_->signal, row.signal);
    EXPECT_EQ(note_->sender, row.fault ? 0 : child_);
    EXPECT_EQ(note_->address != 0, row.fault);
    EXPECT_GT(note_->frames, 0U);
    EXPECT_NE(text().find("server_os_test+0x"), std::string_view::npos) << text();
    EXPECT_NE(text().find('\n'), std::string_view::npos);
  }
}

TEST_F(CrashHandler, NotesWhatTheThreadWorkedOn) {
  status_of([] {
    shm::InFlightEntry entry{};
    entry.request = 7;
    entry.path.assign("/a");
    const shm::WorkingOn working(&entry);
    write_nowhere();
  });
  EXPECT_EQ(note_->guilty.request, 7U);
  EXPECT_EQ(note_->guilty.path.text(), "/a");
}

TEST_F(CrashHandler, NotesNothingOfAChildThatItsProcessForks) {
  status_of([] {
    if (fork() == 0) write_nowhere();
    wait(nullptr);
  });
  EXPECT_EQ(note_->signal, 0);
}

TEST_F(CrashHandler, WritesOneWholeNoteWhenThreadsCrashTogether) {
  for (int round = 0; round < 20; ++round) {
    *note_ = {};
    status_of([] {
      std::thread other([] { write_nowhere(); });
      write_nowhere();
    });
    EXPECT_EQ(note_->signal, SIGSEGV);
    EXPECT_TRUE(text().ends_with('\n')) << text();
    EXPECT_EQ(std::ranges::count(text(), '\n'), note_->frames);
  }
}

}  // namespace
}  // namespace tollgate::os

// SPDX-License-Identifier: Apache-2.0
#include "server/os/crash_handler.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <iterator>
#include <string_view>

namespace tollgate::os {
namespace {

constexpr int kWatched[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
// Enough for the unwinder and dladdr(), and for a kernel's frame with all of AVX-512.
constexpr std::size_t kStackSize = std::size_t{128} << 10;
// A note takes milliseconds. What takes longer waits for a lock that nobody gives back.
constexpr unsigned kPatienceSeconds = 3;

// What the handler has to know: written before it is installed.
shm::CrashNote* note_of_process = nullptr;
pid_t owner = 0;
CrashEcho echoed = CrashEcho::Silent;
std::atomic<bool> taken = false;
const void* base_of_program = nullptr;
char program[256];  // its path: argv[0], which dladdr() would give, is overwritten with a title
struct sigaction before[std::size(kWatched)];

uint64_t to_number(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

// Text into a buffer that may be too small, without the library.
class Writer {
 public:
  explicit Writer(shm::CrashNote& note) : note_(note) {}

  Writer& operator<<(std::string_view text) {
    const std::size_t size = std::min(text.size(), sizeof(note_.text) - note_.text_size);
    std::memcpy(note_.text + note_.text_size, text.data(), size);
    note_.text_size += static_cast<uint32_t>(size);
    return *this;
  }
  Writer& operator<<(uint64_t number) {
    char digits[16];
    std::size_t first = sizeof(digits);
    do {
      digits[--first] = "0123456789abcdef"[number & 15];
      number >>= 4;
    } while (number != 0);
    return *this << "0x" << std::string_view(digits + first, sizeof(digits) - first);
  }

 private:
  shm::CrashNote& note_;
};

struct Registers {
  uint64_t counter = 0;
  uint64_t stack_pointer = 0;
};

Registers registers_of(const void* context) {
#if defined(__x86_64__)
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
  return {.counter = static_cast<uint64_t>(machine.gregs[REG_RIP]),
          .stack_pointer = static_cast<uint64_t>(machine.gregs[REG_RSP])};
#elif defined(__aarch64__)
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
  return {.counter = machine.pc, .stack_pointer = machine.sp};
#else
  static_cast<void>(context);
  return {};
#endif
}

void describe_signal(shm::CrashNote& note, const siginfo_t& info, const Registers& registers) {
  note.code = info.si_code;
  if (info.si_code <= 0)
    note.sender = info.si_pid;
  else
    note.address = to_number(info.si_addr);
  note.thread = static_cast<int32_t>(syscall(SYS_gettid));
  prctl(PR_GET_NAME, note.thread_name);
  note.stack_pointer = registers.stack_pointer;
  if (shm::working_on != nullptr) note.guilty = *shm::working_on;
  std::atomic_signal_fence(std::memory_order_release);
  note.signal = info.si_signo;
}

// Without the frames of this handler, which stand before the one that was interrupted.
void write_counters(shm::CrashNote& note, uint64_t interrupted) {
  constexpr std::size_t kOurs = 8;
  void* frames[shm::CrashNote::kFrames + kOurs];
  const auto found = static_cast<std::size_t>(backtrace(frames, std::size(frames)));
  std::size_t first = 0;
  while (first < found && to_number(frames[first]) != interrupted) ++first;
  if (first == found) {
    // A jump to nowhere cannot be unwound, and its address is all there is.
    note.counters[note.frames++] = interrupted;
    first = 0;
  }
  for (; first < found && note.frames < shm::CrashNote::kFrames; ++first)
    note.counters[note.frames++] = to_number(frames[first]);
}

// "MODULE+0xOFFSET SYMBOL": the offset is what addr2line wants.
void write_names(shm::CrashNote& note) {
  Writer out(note);
  for (uint32_t i = 0; i < note.frames; ++i) {
    // All but the innermost are where a call returns to, which may be another function's start.
    const uint64_t inside = note.counters[i] - (i == 0 ? 0 : 1);
    Dl_info found{};
    // NOLINTNEXTLINE(performance-no-int-to-ptr): it was one
    if (dladdr(reinterpret_cast<void*>(inside), &found) == 0 || found.dli_fname == nullptr) {
      out << note.counters[i] << "\n";
      continue;
    }
    out << (found.dli_fbase == base_of_program ? program : found.dli_fname) << "+"
        << inside - to_number(found.dli_fbase);
    if (found.dli_sname != nullptr) out << " " << found.dli_sname;
    out << "\n";
  }
}

void print(const shm::CrashNote& note) {
  constexpr std::string_view kHead =
      "tollgate crashed; addr2line -Cfe MODULE 0xOFFSET tells more:\n";
  for (const std::string_view text : {kHead, std::string_view(note.text, note.text_size)})
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

// The signal comes again when this handler returns, as it came, to whoever was there before us.
void let_it_happen(int number, siginfo_t& info) {
  for (std::size_t i = 0; i < std::size(kWatched); ++i)
    if (kWatched[i] == number) sigaction(number, &before[i], nullptr);
  syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), number, &info);
}

void on_crash(int number, siginfo_t* info, void* context) {
  // A child that the application forked is none of the master's workers.
  if (getpid() != owner) return let_it_happen(number, *info);
  // Another thread crashed first, and ends the process when its note is written.
  if (taken.exchange(true))
    for (;;) pause();
  signal(SIGALRM, SIG_DFL);
  alarm(kPatienceSeconds);
  const Registers registers = registers_of(context);
  describe_signal(*note_of_process, *info, registers);
  write_counters(*note_of_process, registers.counter);
  write_names(*note_of_process);
  if (echoed == CrashEcho::StandardError) print(*note_of_process);
  alarm(0);
  let_it_happen(number, *info);
}

void name_program() {
  Dl_info found{};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel gives it as a number
  if (dladdr(reinterpret_cast<void*>(getauxval(AT_ENTRY)), &found) == 0) return;
  const ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
  if (size <= 0) return;
  program[size] = '\0';
  base_of_program = found.dli_fbase;
}

}  // namespace

void install_crash_handler(shm::CrashNote& note, CrashEcho echo) {
  note_of_process = &note;
  owner = getpid();
  echoed = echo;
  taken = false;
  name_program();
  // The first call loads the unwinder, which no handler may do.
  void* frame = nullptr;
  backtrace(&frame, 1);
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  // A fault within the handler meets a blocked signal, and so ends the process at once.
  for (const int number : kWatched) sigaddset(&action.sa_mask, number);
  for (std::size_t i = 0; i < std::size(kWatched); ++i) sigaction(kWatched[i], &action, &before[i]);
}

// Below the stack is a page that nobody may touch: no handler may write over other memory.
CrashStack::CrashStack() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* const memory = mmap(nullptr, kStackSize + page, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, /*offset=*/0);
  if (memory == MAP_FAILED) return;
  mprotect(memory, page, PROT_NONE);
  const stack_t stack{
      .ss_sp = static_cast<char*>(memory) + page, .ss_flags = 0, .ss_size = kStackSize};
  if (sigaltstack(&stack, &before_) == 0)
    memory_ = memory;
  else
    munmap(memory, kStackSize + page);
}

CrashStack::~CrashStack() {
  if (memory_ == nullptr) return;
  sigaltstack(&before_, nullptr);
  munmap(memory_, kStackSize + static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
}

}  // namespace tollgate::os

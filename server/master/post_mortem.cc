// SPDX-License-Identifier: Apache-2.0
#include "server/master/post_mortem.h"

#include <cxxabi.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "server/base/text.h"
#include "server/log/access_log.h"
#include "server/log/escape.h"
#include "server/os/signals.h"
#include "server/shm/scoreboard.h"

namespace tollgate::master {
namespace {

using shm::CrashNote;
using shm::InFlightEntry;

struct Meaning {
  int signal;
  int code;
  std::string_view text;
};
constexpr Meaning kMeanings[] = {
    {SIGSEGV, SEGV_MAPERR, "nothing is mapped there"},
    {SIGSEGV, SEGV_ACCERR, "no permission"},
    {SIGSEGV, SI_KERNEL, "no address of this machine"},
    {SIGBUS, BUS_ADRALN, "not aligned"},
    {SIGBUS, BUS_ADRERR, "behind the end of a file"},
    {SIGFPE, FPE_INTDIV, "division by zero"},
    {SIGILL, ILL_ILLOPN, "illegal operand"},
};

// A guard page that was hit just below the stack pointer, or not far above it.
bool is_stack_overflow(const CrashNote& note) {
  constexpr uint64_t kNear = uint64_t{64} << 10;
  return note.signal == SIGSEGV && note.sender == 0 && note.stack_pointer != 0 &&
         note.address - (note.stack_pointer - kNear) < 2 * kNear;
}

std::string why(const CrashNote& note, const Death& death) {
  if (note.sender == death.pid) return "raised by itself";
  if (note.sender == death.master && note.sender != 0) return "sent by the master";
  if (note.code <= 0) return fmt::format("sent by process {}", note.sender);
  if (is_stack_overflow(note)) return fmt::format("at {:#x}: the stack is full", note.address);
  for (const Meaning& meaning : kMeanings)
    if (meaning.signal == note.signal && meaning.code == note.code)
      return fmt::format("at {:#x}: {}", note.address, meaning.text);
  return fmt::format("at {:#x}", note.address);
}

template <std::size_t kRoom>
std::string quoted(const shm::ShortText<kRoom>& text) {
  std::string out = "\"";
  log::append_escaped(out, text.text());
  return out + (text.cut() ? "\"..." : "\"");
}

// The id is the one that an error answer and its log line show.
std::string name_of(const InFlightEntry& entry, const Death& death) {
  std::string method;
  log::append_escaped(method, entry.method.text());
  return fmt::format("{}-{} {} {}", death.pid, entry.request, method, quoted(entry.path));
}

std::string thread_of(const CrashNote& note, const Death& death) {
  if (note.thread == death.pid) return "on its loop";
  const std::string_view name(note.thread_name, sizeof(note.thread_name));
  std::string shown;
  log::append_escaped(shown, name.substr(0, name.find('\0')));
  return fmt::format("on thread {} \"{}\"", note.thread, shown);
}

std::string cause_of(const Death& death, const CrashNote& note) {
  const InFlightEntry& guilty = note.guilty;
  return fmt::format(
      "{} died {} of {} ({}), {}", death.worker, thread_of(note, death),
      os::signal_name(note.signal), why(note, death),
      guilty.request == 0 ? "with no request in hand" : "at work on " + name_of(guilty, death));
}

std::string demangled(const std::string& symbol) {
  constexpr std::size_t kLongest = 1024;  // the demangler's recursion has no other limit
  if (symbol.size() > kLongest) return symbol;
  int failed = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &failed), &std::free);
  return failed == 0 && text != nullptr ? text.get() : symbol;
}

// "MODULE+0xOFFSET SYMBOL", as the crash handler wrote it. Workers have the application from
// the descriptor of its copy, which says nothing to whoever reads the log.
std::string frame_text(std::string_view line, const std::string& application) {
  const auto plus = line.rfind("+0x");
  if (plus == std::string_view::npos) return std::string(line);
  const std::string_view module = line.substr(0, plus);
  const auto space = std::min(line.find(' ', plus), line.size());
  const bool copied = module.starts_with("/proc/self/fd/") && !application.empty();
  std::string out = copied ? application : std::string(module);
  out += line.substr(plus, space - plus);
  if (space < line.size()) out += " " + demangled(std::string(line.substr(space + 1)));
  return out;
}

// A recursion is one line, however deep it was.
std::vector<std::string> numbered(const std::vector<std::string>& frames) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < frames.size();) {
    std::size_t end = i + 1;
    while (end < frames.size() && frames[end] == frames[i]) ++end;
    out.push_back(fmt::format("#{} {}", i, frames[i]));
    if (end - i > 1) out.back() += fmt::format(" ({} times)", end - i);
    i = end;
  }
  return out;
}

std::vector<std::string> backtrace_of(const CrashNote& note, const std::string& application) {
  std::vector<std::string> frames;
  const std::string_view text(note.text, std::min<std::size_t>(note.text_size, CrashNote::kText));
  const std::vector<std::string_view> lines = split(text, '\n');
  const std::size_t count = std::min<std::size_t>(note.frames, CrashNote::kFrames);
  for (std::size_t i = 0; i < count; ++i) {
    // The last line is empty, or was not finished.
    const bool named = i + 1 < lines.size();
    frames.push_back(named ? frame_text(lines[i], application)
                           : fmt::format("{:#x}", note.counters[i]));
  }
  return numbered(frames);
}

milliseconds age_of(const InFlightEntry& entry, const Death& death) {
  const auto age = death.now - shm::from_beat(entry.started);
  return std::max(std::chrono::duration_cast<milliseconds>(age), 0ms);
}

std::string lost_text(const InFlightEntry& entry, const Death& death) {
  std::string out = "lost with it: " + name_of(entry, death);
  if (entry.route != 0) out += ", route " + quoted(entry.pattern);
  out += entry.peer.text().empty() ? ", from a Unix socket" : ", from " + quoted(entry.peer);
  if (!entry.user.text().empty()) out += ", user " + quoted(entry.user);
  return out + fmt::format(", {} ms old", age_of(entry, death).count());
}

}  // namespace

PostMortem examine(const Death& death, const shm::Remains& remains) {
  PostMortem out;
  if (remains.note.signal != 0) {
    out.cause = cause_of(death, remains.note);
    out.backtrace = backtrace_of(remains.note, death.application);
  }
  for (const InFlightEntry& entry : remains.in_flight)
    if (entry.request != 0) out.lost.push_back(lost_text(entry, death));
  if (death.in_flight > out.lost.size())
    out.lost.push_back(fmt::format("lost with it: and {} more", death.in_flight - out.lost.size()));
  return out;
}

const InFlightEntry* find_guilty(const Death& death, const shm::Remains& remains) {
  const CrashNote& note = remains.note;
  const bool noted = note.signal != 0;
  const bool by_others =
      noted && note.sender != 0 && note.sender != death.pid && note.sender != death.master;
  // SIGKILL is somebody's decision: an operator's, or the kernel's when memory is short.
  const bool killed = !noted && death.exit.signal == SIGKILL;
  if (by_others || killed || (death.wanted && !noted)) return nullptr;
  if (noted && note.guilty.request != 0) return &note.guilty;
  if (death.in_flight != 1) return nullptr;
  for (const InFlightEntry& entry : remains.in_flight)
    if (entry.request != 0) return &entry;
  return nullptr;
}

Status log_lost_requests(const Config& config, const UniqueFd& access_log, const Death& death,
                         const shm::Remains& remains, WallTime time) {
  if (!access_log.valid()) return {};
  TOLLGATE_TRY(format, log::AccessFormat::compile(config.access_log_format));
  UniqueFd copy(fcntl(access_log.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) return fail(from_errno("dup", errno));
  log::AccessLog log(log::Output::adopt(std::move(copy), config.accesslog), std::move(format));
  for (const InFlightEntry& entry : remains.in_flight) {
    if (entry.request == 0) continue;
    log.append({.time = time,
                .remote_address = entry.peer.text(),
                .user = entry.user.text(),
                .method = entry.method.text(),
                .target = entry.path.text(),
                .path = entry.path.text(),
                .protocol = entry.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1",
                .status = kLostStatus,
                .duration = age_of(entry, death),
                .pid = death.pid});
  }
  return {};
}

bool PostMortemBudget::take(SteadyTime now) {
  if (now - begin_ >= 1min) {
    begin_ = now;
    left_ = kEachMinute;
  }
  return left_ > 0 && left_-- > 0;
}

}  // namespace tollgate::master

// The only file that includes spdlog. It brings the lock, the clock and the
// message; the line's shape and the writing are ours, since spdlog writes an
// offset as +00:00, and through stdio, which tears lines among processes.
// SPDX-License-Identifier: Apache-2.0
#include "server/log/logging.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <optional>

#include "server/log/escape.h"
#include "server/log/output.h"
#include "server/log/timestamp.h"

namespace tollgate::log {
namespace {

// How long a slow reader of a non-blocking standard error may hold us up.
constexpr milliseconds kPatience = 100ms;

constexpr spdlog::level::level_enum to_spdlog(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err,
                                                   spdlog::level::critical};
  return kLevels[static_cast<std::size_t>(level)];
}

std::string_view name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::debug:
      return "DEBUG";
    case spdlog::level::info:
      return "INFO";
    case spdlog::level::warn:
      return "WARNING";
    case spdlog::level::err:
      return "ERROR";
    default:
      return "CRITICAL";
  }
}

class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Sink(Output output) : output_(std::move(output)) {}

  void use(Output output) {
    const std::lock_guard lock(mutex_);
    output_ = std::move(output);
    torn_ = false;
  }
  int descriptor() {
    const std::lock_guard lock(mutex_);
    return output_.descriptor();
  }
  void echo(bool on) {
    const std::lock_guard lock(mutex_);
    echo_.reset();
    if (on) echo_.emplace(*Output::open("-", STDERR_FILENO));
  }
  Status reopen() {
    const std::lock_guard lock(mutex_);
    return output_.reopen();
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    line_.assign(torn_ ? "\n" : "");
    // The pid is asked for each line: a fork must not inherit its parent's.
    fmt::format_to(std::back_inserter(line_), "[{}] [{}] [{}] ", timestamp_.at(message.time),
                   ::getpid(), name_of(message.level));
    append_one_line(line_, {message.payload.data(), message.payload.size()});
    line_ += '\n';
    write_line();
    if (echo_ && message.level >= spdlog::level::err) echo_->write(line_);
  }
  void flush_() override {}  // nothing is held back

  void write_line() {
    std::string_view rest = line_;
    for (;;) {
      const Output::Written written = output_.write(rest);
      rest.remove_prefix(written.count);
      if (written.error == 0) break;
      if (written.error != EAGAIN || !output_.wait(kPatience)) break;
    }
    // The next line must not stand in the middle of what is left of this one.
    torn_ = !rest.empty() && (rest.size() < line_.size() || torn_);
  }

  Output output_;
  std::optional<Output> echo_;
  Timestamp timestamp_{Timestamp::Style::Iso};
  std::string line_;
  bool torn_ = false;
};

struct State {
  std::atomic<LogLevel> level = LogLevel::Info;
  std::shared_ptr<Sink> sink = std::make_shared<Sink>(*Output::open("-", STDERR_FILENO));
  spdlog::logger logger{"tollgate", sink};

  State() {
    logger.set_level(spdlog::level::trace);  // enabled() is the one gate
    logger.set_error_handler([](const std::string&) {});
  }
};

// Never destroyed, so that destructors of other statics may log.
State& state() {
  static State& the_state = *new State;
  return the_state;
}

}  // namespace

Status configure(const std::string& path, LogLevel level) {
  auto output = Output::open(path, STDERR_FILENO);
  if (!output) return fail(with_context("errorlog", std::move(output).error()));
  state().sink->use(std::move(*output));
  state().level = level;
  return {};
}

void use(UniqueFd file, const std::string& path, LogLevel level) {
  state().sink->use(Output::adopt(std::move(file), path));
  state().level = level;
}

int descriptor() { return state().sink->descriptor(); }

void echo_errors(bool on) { state().sink->echo(on); }

Status reopen() {
  auto done = state().sink->reopen();
  if (!done) return fail(with_context("errorlog", std::move(done).error()));
  return {};
}

bool enabled(LogLevel level) noexcept {
  return level >= state().level.load(std::memory_order_relaxed);
}

void write(LogLevel level, std::string_view message) noexcept {
  if (!enabled(level)) return;
  try {
    state().logger.log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
  } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory; the line is lost, not the process
  }
}

void vwrite(LogLevel level, fmt::string_view format, fmt::format_args args) noexcept {
  try {
    fmt::memory_buffer message;
    fmt::vformat_to(std::back_inserter(message), format, args);
    write(level, {message.data(), message.size()});
  } catch (...) {  // a formatter of the caller's own has thrown
    write(level, {format.data(), format.size()});
  }
}

}  // namespace tollgate::log

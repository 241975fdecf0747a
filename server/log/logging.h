// The error log: log::info("worker {} is ready", slot), from anywhere.
//
// Lines have Gunicorn's shape: [2026-11-22 16:52:38 +0000] [PID] [INFO] message
//
// One logger a process, the exception to "no singletons": what fails may be
// anything, at any depth and before any object exists, and a logger handed
// through every constructor would be in every signature without any test ever
// giving two parts different ones. Nobody asks it for decisions.
//
// Every call is safe before configure() (level info, standard error), from
// several threads, and when the disk is full or standard error is closed: then
// the line is lost. A fork has to come from a process with one thread, as the
// master is, since another one could hold the lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "server/base/export.h"
#include "server/base/result.h"
#include "server/base/unique_fd.h"
#include "server/config/config.h"

namespace tollgate::log {

// `path` as in the setting errorlog: "-" is standard error. May be called again
// on a reload; on an error (the file cannot be opened) all stays as it was.
Status configure(const std::string& path, LogLevel level);

// The same with a file that another process has opened.
void use(UniqueFd file, const std::string& path, LogLevel level);
// What the lines go to: to be kept open by who closes descriptors.
int descriptor();

// Writes errors to standard error, too: while a server goes to the background, somebody
// still looks there and not into the file.
void echo_errors(bool on);

// Opens the file again after a rotation (SIGUSR1). On an error the old file stays in use.
Status reopen();

TOLLGATE_API bool enabled(LogLevel level) noexcept;

// One line. Controls in it are shown as \xNN: a client cannot forge a line.
TOLLGATE_API void write(LogLevel level, std::string_view message) noexcept;
TOLLGATE_API void vwrite(LogLevel level, fmt::string_view format, fmt::format_args args) noexcept;

// Nothing is formatted below the level.
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::Debug)) vwrite(LogLevel::Debug, format, fmt::make_format_args(args...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::Info)) vwrite(LogLevel::Info, format, fmt::make_format_args(args...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::Warning)) vwrite(LogLevel::Warning, format, fmt::make_format_args(args...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::Error)) vwrite(LogLevel::Error, format, fmt::make_format_args(args...));
}
template <class... Args>
void critical(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::Critical))
    vwrite(LogLevel::Critical, format, fmt::make_format_args(args...));
}

}  // namespace tollgate::log

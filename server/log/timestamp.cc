// SPDX-License-Identifier: Apache-2.0
#include "server/log/timestamp.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

namespace tollgate::log {
namespace {

// Not strftime's %b, which follows the locale.
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string_view Timestamp::at(WallTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  if (second == second_) return {text_.data(), size_};
  second_ = second;

  std::tm t{};
  const std::time_t when = second;
  localtime_r(&when, &t);
  const char sign = t.tm_gmtoff < 0 ? '-' : '+';
  const long offset = std::labs(t.tm_gmtoff) / 60;
  const auto written =
      style_ == Style::Iso
          ? fmt::format_to_n(text_.data(), text_.size(),
                             "{:04}-{:02}-{:02} {:02}:{:02}:{:02} {}{:02}{:02}", t.tm_year + 1900,
                             t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, sign,
                             offset / 60, offset % 60)
          : fmt::format_to_n(text_.data(), text_.size(),
                             "{:02}/{}/{:04}:{:02}:{:02}:{:02} {}{:02}{:02}", t.tm_mday,
                             kMonths[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
                             sign, offset / 60, offset % 60);
  size_ = std::min(written.size, text_.size());
  return {text_.data(), size_};
}

}  // namespace tollgate::log

// SPDX-License-Identifier: Apache-2.0
#include "server/http/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "server/base/text.h"

namespace tollgate::http {
namespace {

using std::chrono::sys_seconds;

constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kLongDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kLength = 29;

void write(std::time_t second, char* out) {
  std::tm utc{};
  gmtime_r(&second, &utc);
  fmt::format_to_n(out, kLength, "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday],
                   utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                   utc.tm_sec);
}

// Takes a date apart from its front; once something did not fit, ok() is false for good.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && left_.empty(); }
  void fail() { ok_ = false; }

  bool take(std::string_view text) {
    ok_ = ok_ && left_.starts_with(text);
    if (ok_) left_.remove_prefix(text.size());
    return ok_;
  }

  unsigned number(std::size_t digits) {
    ok_ = ok_ && left_.size() >= digits && std::ranges::all_of(left_.substr(0, digits), is_digit);
    if (!ok_) return 0;
    unsigned value = 0;
    for (const char c : left_.substr(0, digits))
      value = value * 10 + static_cast<unsigned>(c - '0');
    left_.remove_prefix(digits);
    return value;
  }

  // Its place in `names`. They are compared with case (RFC 9110 5.6.7).
  unsigned one_of(std::span<const std::string_view> names) {
    const auto found =
        std::ranges::find_if(names, [&](std::string_view name) { return left_.starts_with(name); });
    ok_ = ok_ && found != names.end();
    if (!ok_) return 0;
    left_.remove_prefix(found->size());
    return static_cast<unsigned>(found - names.begin());
  }

 private:
  std::string_view left_;
  bool ok_ = true;
};

struct Parts {
  int year = 0;
  unsigned month = 0;  // from 1
  unsigned day = 0;
  std::chrono::seconds time{};
};

std::chrono::seconds read_time(Reader& in) {
  const unsigned hour = in.number(2);
  in.take(":");
  const unsigned minute = in.number(2);
  in.take(":");
  const unsigned second = in.number(2);
  // 60: a leap second.
  if (hour > 23 || minute > 59 || second > 60) in.fail();
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
Parts read_fixdate(Reader& in) {
  Parts date;
  in.one_of(kDays);
  in.take(", ");
  date.day = in.number(2);
  in.take(" ");
  date.month = in.one_of(kMonths) + 1;
  in.take(" ");
  date.year = static_cast<int>(in.number(4));
  in.take(" ");
  date.time = read_time(in);
  in.take(" GMT");
  return date;
}

// "Sunday, 06-Nov-94 08:49:37 GMT"; what seems to be over 50 years ahead is a century earlier.
Parts read_rfc850(Reader& in, int this_year) {
  Parts date;
  in.one_of(kLongDays);
  in.take(", ");
  date.day = in.number(2);
  in.take("-");
  date.month = in.one_of(kMonths) + 1;
  in.take("-");
  date.year = this_year / 100 * 100 + static_cast<int>(in.number(2));
  if (date.year > this_year + 50) date.year -= 100;
  in.take(" ");
  date.time = read_time(in);
  in.take(" GMT");
  return date;
}

// "Sun Nov  6 08:49:37 1994"
Parts read_asctime(Reader& in) {
  Parts date;
  in.one_of(kDays);
  in.take(" ");
  date.month = in.one_of(kMonths) + 1;
  in.take(" ");
  Reader one_digit = in;
  if (one_digit.take(" ")) in = one_digit;
  date.day = in.number(one_digit.ok() ? 1 : 2);
  in.take(" ");
  date.time = read_time(in);
  in.take(" ");
  date.year = static_cast<int>(in.number(4));
  return date;
}

std::optional<sys_seconds> to_time(const Reader& in, const Parts& parts) {
  using namespace std::chrono;
  const year_month_day date{year(parts.year), month(parts.month), day(parts.day)};
  if (!in.at_end() || !date.ok()) return std::nullopt;
  return sys_days(date) + parts.time;
}

}  // namespace

std::string http_date(sys_seconds time) {
  std::string text(kLength, ' ');
  write(std::chrono::system_clock::to_time_t(time), text.data());
  return text;
}

std::optional<sys_seconds> parse_http_date(std::string_view text, WallTime now) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  Reader in(text);
  const auto comma = text.find(',');
  const Parts parts = comma == 3 ? read_fixdate(in)
                      : comma != std::string_view::npos
                          ? read_rfc850(in, static_cast<int>(today.year()))
                          : read_asctime(in);
  return to_time(in, parts);
}

std::string_view Date::at(const Clock& clock, SteadyTime now) {
  if (now >= next_) {
    const WallTime wall = clock.wall();
    const auto second = std::chrono::floor<std::chrono::seconds>(wall);
    write(std::chrono::system_clock::to_time_t(second), text_.data());
    next_ = now + (second + std::chrono::seconds(1) - wall);
  }
  return {text_.data(), kLength};
}

}  // namespace tollgate::http

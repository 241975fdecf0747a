// SPDX-License-Identifier: Apache-2.0
#include "auth/users/django_datetime.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace tollgate::users {

std::string django_datetime(WallTime time) {
  using std::chrono::seconds, std::chrono::microseconds;
  const auto since_1970 = time.time_since_epoch();
  const auto second = std::chrono::floor<seconds>(since_1970);
  std::string out = django_datetime(second.count());
  const auto fraction = std::chrono::floor<microseconds>(since_1970 - second).count();
  if (fraction == 0) return out;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), ".%06lld", static_cast<long long>(fraction));
  return out + text.data();
}

std::string django_datetime(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm utc{};
  std::array<char, 64> text{};
  if (gmtime_r(&time, &utc) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &utc)};
}

}  // namespace tollgate::users

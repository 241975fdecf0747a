// The text forms of settings: what options.h declares and needs no table for.
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <concepts>
#include <span>

#include "server/base/text.h"
#include "server/config/options.h"

namespace tollgate {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

template <class E>
struct Word {
  std::string_view text;
  E value;
};
constexpr Word<LogLevel> kLogLevels[] = {{"debug", LogLevel::Debug},
                                         {"info", LogLevel::Info},
                                         {"warning", LogLevel::Warning},
                                         {"error", LogLevel::Error},
                                         {"critical", LogLevel::Critical}};
constexpr Word<Orphans> kOrphans[] = {{"exit", Orphans::Exit}, {"drain", Orphans::Drain}};
constexpr Word<Scheduling> kSchedulings[] = {{"batch", Scheduling::Batch},
                                             {"inherit", Scheduling::Inherit}};
constexpr Word<UserIdType> kUserIdTypes[] = {
    {"auto", UserIdType::Auto}, {"string", UserIdType::String}, {"integer", UserIdType::Integer}};
constexpr Word<Compat> kCompats[] = {{"newest", Compat::Newest}, {"5.2", Compat::V52}};
constexpr Word<bool> kBooleans[] = {{"true", true}, {"false", false}};
constexpr std::span<const Word<LogLevel>> words(LogLevel) { return kLogLevels; }
constexpr std::span<const Word<Orphans>> words(Orphans) { return kOrphans; }
constexpr std::span<const Word<Scheduling>> words(Scheduling) { return kSchedulings; }
constexpr std::span<const Word<UserIdType>> words(UserIdType) { return kUserIdTypes; }
constexpr std::span<const Word<Compat>> words(Compat) { return kCompats; }
constexpr std::span<const Word<bool>> words(bool) { return kBooleans; }

// What has a list of words and nothing else.
template <class T>
concept Worded = std::is_enum_v<T> || std::same_as<T, bool>;

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

template <class E>
std::string list_words() {
  const auto all = words(E{});
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != 0) out += i + 1 == all.size() ? " or " : ", ";
    out += all[i].text;
  }
  return out;
}

// One overload of parse a type: text to value, without the row's range.
Status parse(std::string_view text, uint32_t& out) {
  TOLLGATE_TRY(number, parse_uint(text, UINT32_MAX));
  out = static_cast<uint32_t>(number);
  return {};
}

Status parse(std::string_view text, milliseconds& out) {
  TOLLGATE_TRY(duration, parse_duration(text));
  out = duration;
  return {};
}

Status parse(std::string_view text, Bytes& out) {
  TOLLGATE_TRY(size, parse_bytes(text));
  out = size;
  return {};
}

// The text itself is not shown: it may be a secret.
Status parse(std::string_view text, std::string& out) {
  if (text.find('\0') != std::string_view::npos)
    return fail(Errc::InvalidArgument, "the text contains a NUL");
  if (!is_utf8(text)) return fail(Errc::InvalidArgument, "the text is not UTF-8");
  out = text;
  return {};
}

Status parse(std::string_view text, std::vector<std::string>& out) {
  std::string item;
  if (text.empty()) return fail(Errc::InvalidArgument, "an item of the list is empty");
  TOLLGATE_CHECK(parse(text, item));
  out.push_back(std::move(item));
  return {};
}

// Octal, with or without the leading 0, as chmod takes it.
Status parse(std::string_view text, FileMode& out) {
  if (text.empty()) return out = {}, Status{};
  uint32_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 8);
  if (error != std::errc{} || end != text.data() + text.size() || bits > 0777)
    return fail(Errc::InvalidArgument, quoted(text) + " is no octal mode from 0 to 0777");
  out.bits = bits;
  return {};
}

// Any case, as Gunicorn takes "INFO".
template <class E>
requires Worded<E> Status parse(std::string_view text, E& out) {
  for (const auto& word : words(E{})) {
    if (!iequals(word.text, text)) continue;
    out = word.value;
    return {};
  }
  return fail(Errc::InvalidArgument, quoted(text) + " is not one of " + list_words<E>());
}

std::string print_mode(FileMode mode) {
  if (!mode.bits) return {};
  char text[8];
  const auto [end, error] = std::to_chars(text, text + sizeof text, *mode.bits, 8);
  return "0" + std::string(text, error == std::errc{} ? end : text);
}

uint64_t amount(uint32_t number) { return number; }
uint64_t amount(milliseconds duration) { return static_cast<uint64_t>(duration.count()); }
uint64_t amount(Bytes size) { return size.count; }

// A bound in the words of its type: "256", "1h", "16MiB".
std::string print_bound(uint64_t bound, uint32_t) { return std::to_string(bound); }
std::string print_bound(uint64_t bound, milliseconds) { return to_string(milliseconds(bound)); }
std::string print_bound(uint64_t bound, Bytes) { return to_string(Bytes{bound}); }

template <class T>
concept Measured = !std::same_as<T, bool> && requires(T value) {
  amount(value);
};

template <Measured T>
std::string print_range(const Range& range) {
  const bool open = range.max == UINT64_MAX;
  if (open && range.min == 0) return {};
  if (open) return print_bound(range.min, T{}) + " or more";
  return print_bound(range.min, T{}) + " to " + print_bound(range.max, T{});
}

template <class T>
Status check_range(const Range& range, std::string_view text, const T& value) {
  if constexpr (Measured<T>) {
    if (amount(value) < range.min || amount(value) > range.max)
      return fail(Errc::InvalidArgument,
                  quoted(text) + " is out of range (" + print_range<T>(range) + ")");
  }
  return {};
}

}  // namespace

bool is_list(const Option& option) {
  return std::holds_alternative<std::vector<std::string> Config::*>(option.field);
}

bool is_text(const Option& option) {
  return is_list(option) || std::holds_alternative<std::string Config::*>(option.field) ||
         std::holds_alternative<FileMode Config::*>(option.field);
}

Status set(Config& config, const Option& option, std::string_view text) {
  if (!option.range.zero.empty() && text == option.range.zero) text = "0";
  return std::visit(
      [&](auto field) -> Status {
        auto value = config.*field;
        TOLLGATE_CHECK(parse(text, value));
        TOLLGATE_CHECK(check_range(option.range, text, value));
        config.*field = std::move(value);
        return {};
      },
      option.field);
}

void clear_list(Config& config, const Option& option) {
  if (const auto* field = std::get_if<std::vector<std::string> Config::*>(&option.field))
    (config.*(*field)).clear();
}

std::vector<std::string> get(const Config& config, const Option& option) {
  using Texts = std::vector<std::string>;
  const auto number = [&](uint32_t value) -> Texts {
    if (value == 0 && !option.range.zero.empty()) return {std::string(option.range.zero)};
    return {std::to_string(value)};
  };
  const auto word = [](auto value) -> Texts {
    for (const auto& row : words(value))
      if (row.value == value) return {std::string(row.text)};
    return {};  // not reached: each enumerator has its word
  };
  const Overloaded print{
      number,
      word,
      [](const std::string& value) -> Texts { return {value}; },
      [](milliseconds value) -> Texts { return {to_string(value)}; },
      [](Bytes value) -> Texts { return {to_string(value)}; },
      [](const Texts& value) -> Texts { return value; },
      [](FileMode value) -> Texts { return {print_mode(value)}; },
  };
  return std::visit([&](auto field) { return print(config.*field); }, option.field);
}

std::string allowed_values(const Option& option) {
  const Config defaults;
  const auto describe = [&](const auto& value) -> std::string {
    using T = std::remove_cvref_t<decltype(value)>;
    if constexpr (Measured<T>) return print_range<T>(option.range);
    if constexpr (Worded<T>) return list_words<T>();
    return {};
  };
  return std::visit([&](auto field) { return describe(defaults.*field); }, option.field);
}

}  // namespace tollgate

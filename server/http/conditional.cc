// SPDX-License-Identifier: Apache-2.0
#include "server/http/conditional.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/base/siphash.h"
#include "server/base/text.h"
#include "server/http/date.h"

namespace tollgate::http {
namespace {

using std::chrono::sys_seconds;
using Match = bool (*)(const EntityTag&, const EntityTag&);

// etagc = %x21 / %x23-7E / obs-text: a comma is one, and a backslash is nothing special.
constexpr bool is_tag_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

// Takes one tag from the front of `text`.
std::optional<EntityTag> take_tag(std::string_view& text) {
  EntityTag tag;
  std::string_view rest = text;
  tag.weak = rest.starts_with("W/");
  if (tag.weak) rest.remove_prefix(2);
  if (!rest.starts_with('"')) return std::nullopt;
  rest.remove_prefix(1);
  const auto end = rest.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  tag.opaque = rest.substr(0, end);
  if (!std::ranges::all_of(tag.opaque, is_tag_char)) return std::nullopt;
  text = rest.substr(end + 1);
  return tag;
}

// What is no list of tags matches nothing from where it ceases to be one.
bool list_matches(std::string_view list, const Validators& validators, Match match) {
  list = trim(list);
  if (list == "*") return validators.exists;
  const auto current = parse_entity_tag(validators.etag);
  if (!current) return false;
  while (!list.empty()) {
    if (list.front() != ',') {
      const auto tag = take_tag(list);
      if (!tag) return false;
      if (match(*tag, *current)) return true;
    }
    list = trim(list);
    if (list.empty()) break;
    if (list.front() != ',') return false;
    list = trim(list.substr(1));
  }
  return false;
}

// Several lines of a list's field are one list (RFC 9110 5.3).
bool field_matches(std::span<const FieldView> fields, std::string_view name,
                   const Validators& validators, Match match) {
  return std::ranges::any_of(fields, [&](const FieldView& field) {
    return iequals(field.name, name) && list_matches(field.value, validators, match);
  });
}

// nullopt also for what 13.1.3 and 13.1.4 say to ignore: no date, or more than one.
std::optional<sys_seconds> date_of(std::span<const FieldView> fields, std::string_view name,
                                   WallTime now) {
  const auto text = find_field(fields, name);
  if (!text || count_fields(fields, name) > 1) return std::nullopt;
  return parse_http_date(*text, now);
}

bool unchanged_since(const Validators& validators, std::optional<sys_seconds> date) {
  return *validators.last_modified <= *date;
}

}  // namespace

std::optional<EntityTag> parse_entity_tag(std::string_view text) {
  const auto tag = take_tag(text);
  return text.empty() ? tag : std::nullopt;
}

// 128 bits, since a collision would be a response that never changes. The keys are nothing up
// our sleeve: the tags of several machines must be the same.
std::string etag_of(std::string_view bytes) {
  return fmt::format("\"{:016x}{:016x}\"", siphash({0, 0}, bytes), siphash({0, 1}, bytes));
}

Precondition evaluate(Method method, std::span<const FieldView> fields,
                      const Validators& validators, WallTime now) {
  // 13.2.1: these select no representation.
  if (method == Method::Options || method == Method::Trace || method == Method::Connect)
    return Precondition::Proceed;
  const bool reads = method == Method::Get || method == Method::Head;
  const bool has_date = validators.last_modified.has_value();

  if (find_field(fields, "if-match")) {
    if (!field_matches(fields, "if-match", validators, strong_match)) return Precondition::Failed;
  } else if (const auto date = date_of(fields, "if-unmodified-since", now); date && has_date) {
    if (!unchanged_since(validators, date)) return Precondition::Failed;
  }
  if (find_field(fields, "if-none-match")) {
    if (field_matches(fields, "if-none-match", validators, weak_match))
      return reads ? Precondition::NotModified : Precondition::Failed;
  } else if (const auto date = date_of(fields, "if-modified-since", now);
             date && has_date && reads) {
    if (unchanged_since(validators, date)) return Precondition::NotModified;
  }
  return Precondition::Proceed;
}

bool range_applies(std::span<const FieldView> fields, const Validators& validators, WallTime now) {
  const auto condition = find_field(fields, "if-range");
  if (!condition) return true;
  if (count_fields(fields, "if-range") > 1) return false;
  if (const auto tag = parse_entity_tag(*condition)) {
    const auto current = parse_entity_tag(validators.etag);
    return current && strong_match(*tag, *current);
  }
  const auto date = parse_http_date(*condition, now);
  return date && date == validators.last_modified && *date + std::chrono::seconds(1) <= now;
}

}  // namespace tollgate::http

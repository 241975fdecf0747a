// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/strict_json.h"

#include <algorithm>
#include <array>
#include <new>

#include "auth/crypto/base64url.h"

namespace tollgate::jwt {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// Deeper than any limit of ours: accept() counts exactly, simdjson only bounds its own work.
constexpr std::size_t kParserDepth = 64;

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

// Ordinary objects have few members and are compared pairwise; a large one is
// sorted, so that a thousand members do not cost a million comparisons.
bool has_duplicate_names(const object& members) {
  constexpr std::size_t kFew = 16;
  std::array<std::string_view, kFew> few;
  std::size_t count = 0;
  for (const auto member : members) {
    if (count == kFew) break;
    const auto* seen_end = few.begin() + count;
    if (std::find(few.cbegin(), seen_end, member.key) != seen_end) return true;
    few[count++] = member.key;
  }
  if (members.size() <= kFew) return false;

  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const auto member : members) names.push_back(member.key);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

// `depth`: how many levels of objects and arrays may still begin here.
bool accept(const element& value, int depth) {
  switch (value.type()) {
    case element_type::OBJECT: {
      const object members = value.get_object().value_unsafe();
      return depth > 0 && !has_duplicate_names(members) &&
             std::all_of(members.begin(), members.end(), [depth](const auto& member) {
               return !has_nul(member.key) && accept(member.value, depth - 1);
             });
    }
    case element_type::ARRAY: {
      const simdjson::dom::array items = value.get_array().value_unsafe();
      return depth > 0 && std::all_of(items.begin(), items.end(), [depth](const element& item) {
               return accept(item, depth - 1);
             });
    }
    case element_type::STRING:
      return !has_nul(value.get_string().value_unsafe());
    default:
      return true;
  }
}

}  // namespace

StrictJson::StrictJson(std::size_t capacity)
    : capacity_(capacity), text_(capacity + simdjson::SIMDJSON_PADDING) {
  if (parser_.allocate(capacity, kParserDepth) != simdjson::SUCCESS) throw std::bad_alloc();
  // The tape grows with the largest text so far: let that be now.
  std::ranges::fill(text_, uint8_t{' '});
  static_cast<void>(parser_.parse(text_.data(), capacity, false).error());
}

std::optional<std::string_view> StrictJson::decode(std::string_view base64url) {
  size_ = 0;
  if (crypto::base64url_octets(base64url.size()) > capacity_) return std::nullopt;
  const auto size = crypto::base64url_decode(base64url, text_);
  if (!size) return std::nullopt;
  size_ = *size;
  return std::string_view(reinterpret_cast<const char*>(text_.data()), size_);
}

bool StrictJson::load(std::string_view json) {
  size_ = 0;
  if (json.size() > capacity_) return false;
  std::ranges::copy(json, text_.begin());
  size_ = json.size();
  return true;
}

// simdjson keeps the strings in a buffer of its own, each with five bytes around it, and a
// string takes three bytes of JSON: one string of the whole capacity covers all of them.
void StrictJson::wipe() {
  std::ranges::fill(text_, uint8_t{'*'});
  text_.front() = '"';
  text_[capacity_ - 1] = '"';
  static_cast<void>(parser_.parse(text_.data(), capacity_, false).error());
  size_ = 0;
}

std::optional<object> StrictJson::parse(int max_depth) {
  // Later versions of simdjson skip a byte-order mark; RFC 8259 8.1 lets us refuse it.
  if (size_ == 0 || text_[0] == 0xEF) return std::nullopt;
  element root;
  if (parser_.parse(text_.data(), size_, false).get(root) != simdjson::SUCCESS) return std::nullopt;
  object members;
  if (root.get(members) != simdjson::SUCCESS || !accept(root, max_depth)) return std::nullopt;
  return members;
}

}  // namespace tollgate::jwt

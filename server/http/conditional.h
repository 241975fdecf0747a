// Conditional requests (RFC 9110 13): entity tags, dates, and what they make of a request. Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/http/headers.h"
#include "server/http/method.h"

namespace tollgate::http {

// RFC 9110 8.8.3. `opaque` is what stands between the quotes: a view into what was parsed.
struct EntityTag {
  bool weak = false;
  std::string_view opaque;
};

// The whole of `text` is one tag: "abc" or W/"abc", with the quotes.
std::optional<EntityTag> parse_entity_tag(std::string_view text);

// The strong tag of these bytes: the same in all processes and on all machines.
std::string etag_of(std::string_view bytes);

// RFC 9110 8.8.3.2. Strong: bytes are the same. Weak: the meaning is.
constexpr bool strong_match(const EntityTag& a, const EntityTag& b) {
  return !a.weak && !b.weak && a.opaque == b.opaque;
}
constexpr bool weak_match(const EntityTag& a, const EntityTag& b) { return a.opaque == b.opaque; }

// Of the representation that would be sent now.
struct Validators {
  std::string_view etag = {};  // as the ETag field has it; empty: there is none
  std::optional<std::chrono::sys_seconds> last_modified = {};
  bool exists = true;  // false: there is no representation yet, as before the PUT that makes it
};

enum class Precondition : uint8_t {
  Proceed,
  NotModified,  // 304
  Failed,       // 412
};

// In the order of RFC 9110 13.2.2, steps 1 to 4. To be asked when the answer would else be
// 2xx, and before anything is changed. `now` is for dates with a two-digit year.
Precondition evaluate(Method method, std::span<const FieldView> fields,
                      const Validators& validators, WallTime now);

// Step 5: whether a Range may be followed. True where there is no If-Range; a weak tag, or a date
// too young to be a strong validator (8.8.2.2), never fits.
bool range_applies(std::span<const FieldView> fields, const Validators& validators, WallTime now);

}  // namespace tollgate::http

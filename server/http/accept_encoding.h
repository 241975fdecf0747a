// Which content coding a client wants (RFC 9110 12.5.3). Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/http/headers.h"

namespace tollgate::http {

enum class Coding : uint8_t { Identity, Gzip, Brotli };

// As Content-Encoding names it: "identity", "gzip", "br".
std::string_view to_string(Coding coding);

// The one of `offered` that the field's weights put first; of equal ones, the earlier. Identity
// need not be offered: it is what remains, unless the client refuses it, and loses to what
// weighs the same. Without the field, identity (anything would be allowed, but not every client
// that says nothing decodes). nullopt: the client takes none of them, so 406 or identity anyway.
std::optional<Coding> choose(std::string_view accept_encoding, std::span<const Coding> offered);
std::optional<Coding> choose(std::span<const FieldView> fields, std::span<const Coding> offered);

}  // namespace tollgate::http

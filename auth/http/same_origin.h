// Whether a browser's request comes from a page of ours, and the cookie that it brings (pure).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http/request.h"

namespace tollgate::auth {

// The value of the first cookie of that name (RFC 6265 4.2), without quotes; nullopt: none, or
// empty.
std::optional<std::string_view> find_cookie(std::span<const http::FieldView> fields,
                                            std::string_view name);

// What is wrong, in Django's words; nullopt: the method is safe, or the page is of this origin.
std::optional<std::string> csrf_failure(const http::RequestParts& request);

}  // namespace tollgate::auth

// The demo's one page, which explains itself in a browser.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tollgate::demo {

extern const char* const kPage;

}  // namespace tollgate::demo

// What libtollgate.so.0 shows to applications; everything else is hidden.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#define TOLLGATE_API __attribute__((visibility("default")))

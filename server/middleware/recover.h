// The one place where an exception is caught: an application may throw, the
// server goes on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/handler.h"

namespace tollgate::middleware {

// `handler`, with an exception made into a 500 that carries an id; what was
// thrown is in the log under that id, and none of it in the response.
// std::bad_alloc ends the worker: a process without memory cannot be trusted to go on.
http::Handler recover(http::Handler handler);

}  // namespace tollgate::middleware

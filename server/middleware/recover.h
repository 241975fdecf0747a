// An application may throw, the server goes on. What makes a body while it is sent may, too: that
// is caught where it is asked (http/jobs.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/http/handler.h"

namespace tollgate::middleware {

// `handler`, with an exception made into a 500 that carries an id: the request's, where it has one
// (request_id.h). The type and the text of what was thrown are in the log under that id, and none
// of them in the response.
// std::bad_alloc ends the worker: a process without memory cannot be trusted to go on.
http::Handler recover(http::Handler handler);

// The same for what an application hangs into the gate (a permission's check), in its look-ups
// too. What is empty stays empty.
http::GateStep recover(http::GateStep gate);

// The same for a finisher: the 500 takes the place of the response.
http::Finisher recover(http::Finisher finisher);

}  // namespace tollgate::middleware

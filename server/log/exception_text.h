// What an exception says, for the log.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tollgate::log {

// Of the exception that is being handled, so within a catch block: "std::out_of_range: map::at".
// The stack is unwound by now: where it was thrown, nobody knows. Does not return from a
// std::bad_alloc: a worker without memory ends.
std::string describe_exception();

}  // namespace tollgate::log

// An application that throws while it is defined.
// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "app/api/application.h"

TOLLGATE_APP(/*app*/) { throw std::runtime_error("the flux capacitor is missing"); }

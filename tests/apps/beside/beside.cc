// An application that needs a library which lies beside it.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/application.h"

using namespace tollgate;

int answer_from_beside();

TOLLGATE_APP(app) {
  app.get("/", [] { return text(std::to_string(answer_from_beside())); }).allow_anyone();
}

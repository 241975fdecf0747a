// The smallest application: one route that everybody may call.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/application.h"

TOLLGATE_APP(app) {
  app.get("/hello", [] { return tollgate::text("hello\n"); }).allow_anyone();
}

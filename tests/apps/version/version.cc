// An application that says which version of itself it is: for what happens when its file changes.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/application.h"

TOLLGATE_APP(app) {
  app.get("/version", [] { return tollgate::text(TEST_APPLICATION_VERSION); }).allow_anyone();
}

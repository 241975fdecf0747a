// An application that fails to start in the way that the file named by TEST_BOOT says: for what
// only a worker can find out.
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "app/api/application.h"

TOLLGATE_APP(app) {
  const char* const path = std::getenv("TEST_BOOT");
  std::string how;
  std::ifstream(path == nullptr ? "" : path) >> how;
  if (how == "throw") throw std::runtime_error("told to throw");
  if (how == "crash") {
    ::signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  }
  if (how == "exit") _exit(17);
  if (how == "hang")
    for (;;) pause();
  app.get("/how", [how] { return tollgate::text(how); }).allow_anyone();
}

// The binary: libtollgate's commands, with the demo built in.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/abi.h"
#include "app/commands/run.h"

// app/demo/demo_application.cc, by TOLLGATE_APP.
// NOLINTNEXTLINE(readability-identifier-naming): the name that applications export
extern "C" const tollgate::ApplicationEntry tollgate_application;

int main(int argc, char** argv) {
  return tollgate::commands::run(argc, argv, tollgate_application);
}

// The binary: libtollgate's commands, with the demo built in.
// SPDX-License-Identifier: Apache-2.0
#include "app/api/abi.h"
#include "app/commands/run.h"

extern "C" const tollgate::ApplicationEntry tollgate_application;  // app/demo/demo_application.cc

int main(int argc, char** argv) {
  return tollgate::commands::run(argc, argv, tollgate_application);
}

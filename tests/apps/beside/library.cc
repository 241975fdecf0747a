// What tests/apps/beside/beside.cc needs.
// SPDX-License-Identifier: Apache-2.0
__attribute__((visibility("default"))) int answer_from_beside();
int answer_from_beside() { return 42; }

// SPDX-License-Identifier: Apache-2.0
#include "app/commands/control_text.h"

#include <gtest/gtest.h>

namespace tollgate::commands {
namespace {

struct Answer {
  const char* name;
  const char* json;
  const char* text;
};

class ControlText : public testing::TestWithParam<Answer> {};

TEST_P(ControlText, IsWhatAnOperatorReads) {
  EXPECT_EQ(to_text(Json::parse(GetParam().json)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Ctl, ControlText,
    testing::Values(
        Answer{"Sentence", R"({"ok":true,"text":"generation 2 serves"})", "generation 2 serves\n"},
        Answer{"Status",
               R"({"ok":true,"version":"1.2","pid":7,"state":"ready","ready":true,
                   "workers":{"wanted":2,"serving":1},"generation":3,"candidate":null,
                   "uptime_seconds":61,"listeners":["127.0.0.1:80","unix:/x"],
                   "last_reload":{"outcome":"failed","generation":4,"reason":"no \"key\""},
                   "totals":{"requests":5,"accepted":4,"connections":2,"in_flight":1,"shed":0,
                             "timeouts":6},
                   "tallies":{"slow_heads":2,"slow_bodies":0,"rate_limited":1}})",
               "tollgate 1.2 (pid 7) is ready\n"
               "workers      1 of 2 serve, generation 3\n"
               "listening    127.0.0.1:80, unix:/x\n"
               "uptime       61 s\n"
               "requests     5 answered, 1 in flight, 0 shed, 6 timed out\n"
               "connections  2 open, 4 accepted\n"
               "limits       2 slow_heads, 1 rate_limited\n"
               "last reload  failed, generation 4: no \"key\"\n"},
        Answer{"StatusOfAnotherVersion", R"({"ok":true,"state":"ready"})",
               "tollgate - (pid -) is ready\n"
               "workers      - of - serve, generation -\n"
               "listening    -\n"
               "uptime       - s\n"
               "requests     - answered, - in flight, - shed, - timed out\n"
               "connections  - open, - accepted\n"
               "last reload  -, generation -\n"},
        Answer{"NoWorkers", R"({"ok":true,"workers":[]})",
               "SLOT  PID  GEN  STATE  AGE s  BEAT ms  CONNS  IN FLIGHT  REQUESTS  ACCEPTED  "
               "WEDGED  RSS KiB  SHED  TIMEOUTS  REASON\n"},
        Answer{"WorkersInColumns",
               R"({"ok":true,"workers":[{"slot":0,"pid":4711,"state":"serving","reason":null},
                                        {"slot":10,"pid":5,"state":"draining","reason":"manual"}]})",
               "SLOT  PID   GEN  STATE     AGE s  BEAT ms  CONNS  IN FLIGHT  REQUESTS  ACCEPTED  "
               "WEDGED  RSS KiB  SHED  TIMEOUTS  REASON\n"
               "0     4711  -    serving   -      -        -      -          -         -         "
               "-       -        -     -         -\n"
               "10    5     -    draining  -      -        -      -          -         -         "
               "-       -        -     -         manual\n"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tollgate::commands

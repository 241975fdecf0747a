// tollgate ctl: each command, its outcome and its exit code; and a socket that nobody can harm.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/support/http_client.h"
#include "tests/support/server_process.h"

namespace tollgate::test {
namespace {

using Json = nlohmann::json;

// A server whose control socket lies in its site, as in a runtime directory.
class Ctl : public testing::Test {
 protected:
  Command in_runtime_directory(Command command) const {
    command.environment.push_back("XDG_RUNTIME_DIR=" + site_.directory().path());
    return command;
  }
  std::unique_ptr<ServerProcess> serve(std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), {"serve", "--workers", "2"});
    return std::make_unique<ServerProcess>(in_runtime_directory(site_.server(arguments)));
  }
  Command command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "ctl");
    return in_runtime_directory(site_.command(arguments));
  }
  Finished ctl(std::vector<std::string> arguments) const {
    return run(command(std::move(arguments)));
  }
  Json json(std::vector<std::string> arguments) const {
    arguments.emplace_back("--json");
    return Json::parse(ctl(std::move(arguments)).out, nullptr, /*allow_exceptions=*/false);
  }
  Address address() const { return {.kind = Address::Kind::Unix, .path = path_}; }
  void configure(std::string_view text) const {
    write_file(site_.directory() / "tollgate.toml", text);
  }

  const Site site_;
  const std::string path_ = site_.directory() / "tollgate.ctl";
};

TEST_F(Ctl, StatusTellsTheStateAndIsAProbe) {
  const auto server = serve();
  const Finished text = ctl({"status"});
  EXPECT_EQ(text.status.code, 0) << text.err;
  EXPECT_NE(text.out.find("(pid " + std::to_string(server->pid()) + ") is ready"),
            std::string::npos)
      << text.out;
  get(server->address(), "/plain");
  const Json status = json({"status"});
  EXPECT_EQ(status["state"], "ready");
  EXPECT_EQ(status["pid"], server->pid());
  EXPECT_EQ(status["workers"], (Json{{"wanted", 2}, {"serving", 2}}));
  EXPECT_EQ(status["generation"], 1);
  EXPECT_EQ(status["listeners"], Json::array({to_string(server->address())}));
  EXPECT_EQ(status["last_reload"]["outcome"], "none");
  EXPECT_GE(status["totals"]["requests"], 1);
}

// What dead workers answered was answered.
TEST_F(Ctl, TotalsOutliveTheWorkers) {
  const auto server = serve();
  for (int i = 0; i < 5; ++i) get(server->address(), "/plain");
  const Finished reload = ctl({"reload", "--wait"});
  ASSERT_EQ(reload.status.code, 0) << reload.err;
  EXPECT_GE(json({"status"})["totals"]["requests"], 5);
}

TEST_F(Ctl, StatusFailsWhereTheServerIsNotReady) {
  const auto server = serve();
  // A worker with something to finish keeps the server from ending.
  HttpClient client(server->address());
  client.send(request("GET", "/block/2000"));
  get(server->address(), "/plain");
  const Finished stop = ctl({"stop"});
  EXPECT_EQ(stop.status.code, 0) << stop.err;
  const Finished status = ctl({"status"});
  EXPECT_EQ(status.status.code, 1);
  EXPECT_NE(status.out.find("is stopping"), std::string::npos) << status.out << status.err;
  EXPECT_EQ(ctl({"reload", "--wait"}).err, "tollgate: the server is stopping\n");
  EXPECT_EQ(client.receive()->status, 200);
  server->expect_end({.code = 0});
}

TEST_F(Ctl, WorkersAreOneEach) {
  const auto server = serve();
  const Json workers = json({"workers"})["workers"];
  ASSERT_EQ(workers.size(), 2U);
  std::vector<pid_t> pids;
  for (const Json& worker : workers) {
    EXPECT_EQ(worker["state"], "serving");
    EXPECT_EQ(worker["generation"], 1);
    EXPECT_TRUE(worker["reason"].is_null());
    EXPECT_LT(worker["beat_age_ms"], 60'000);
    pids.push_back(worker["pid"]);
  }
  EXPECT_TRUE(std::ranges::is_permutation(pids, server->workers()));
  const Finished text = ctl({"workers"});
  EXPECT_EQ(std::ranges::count(text.out, '\n'), 3) << text.out;
}

TEST_F(Ctl, ReloadWaitsUntilTheNewGenerationServesAlone) {
  const auto server = serve();
  const auto before = server->workers();
  const Finished reload = ctl({"reload", "--wait"});
  EXPECT_EQ(reload.status.code, 0) << reload.err;
  EXPECT_EQ(reload.out, "generation 2 serves\n");
  const Json workers = json({"workers"});
  for (const Json& worker : workers["workers"]) EXPECT_EQ(worker["generation"], 2);
  EXPECT_EQ(json({"status"})["last_reload"],
            (Json{{"outcome", "done"}, {"generation", 2}, {"reason", ""}}));
}

TEST_F(Ctl, ReloadWithoutWaitIsAcceptedAndThenHappens) {
  const auto server = serve();
  const Finished reload = ctl({"reload"});
  EXPECT_EQ(reload.status.code, 0) << reload.err;
  EXPECT_TRUE(server->log().wait_for("reload: done")) << server->log().text();
}

TEST_F(Ctl, ReloadOfABadConfigurationFailsWithTheReason) {
  configure("threads = 1\n");
  const auto server = serve();
  configure("threads = 1\nwrokers = 3\n");
  for (const bool wait : {true, false}) {
    std::vector<std::string> arguments = {"reload", "--control-socket", path_};
    if (wait) arguments.emplace_back("--wait");
    const Finished reload = ctl(arguments);
    EXPECT_EQ(reload.status.code, 1);
    EXPECT_NE(reload.err.find("tollgate.toml:2: unknown setting \"wrokers\""), std::string::npos)
        << reload.err;
  }
  const Json failed = json({"reload", "--control-socket", path_});
  EXPECT_EQ(failed["ok"], false);
  EXPECT_NE(failed["error"].get<std::string>().find("wrokers"), std::string::npos);
  const Json status = json({"status", "--control-socket", path_});
  EXPECT_EQ(status["last_reload"]["outcome"], "failed");
  EXPECT_EQ(status["state"], "ready");
}

// What only a worker can find out is heard by whoever waits.
TEST_F(Ctl, ReloadThatItsFirstWorkerRefusesFailsWithTheWorkersReason) {
  const std::string application = site_.directory() / "application.so";
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_version_1.so", application);
  const auto server = serve({application});
  std::filesystem::copy_file(TEST_APPLICATIONS "/libtest_throws.so", application,
                             std::filesystem::copy_options::overwrite_existing);
  const Finished reload = ctl({"reload", "--wait"});
  EXPECT_EQ(reload.status.code, 1);
  EXPECT_NE(reload.err.find("the flux capacitor is missing"), std::string::npos) << reload.err;
  EXPECT_EQ(get(server->address(), "/version").body, "1");
}

TEST_F(Ctl, RetireReplacesAWorkerAndItsReplacementComesFirst) {
  const auto server = serve();
  const Json before = json({"workers"})["workers"][0];
  const std::size_t mark = server->log().mark();
  const Finished retired = ctl({"retire", before["slot"].dump(), "--wait"});
  EXPECT_EQ(retired.status.code, 0) << retired.err;
  const Json workers = json({"workers"})["workers"];
  EXPECT_EQ(workers.size(), 2U);
  for (const Json& worker : workers) EXPECT_NE(worker["pid"], before["pid"]);
  const auto ready = server->log().wait_for(") is ready", mark);
  const auto drains = server->log().wait_for(") drains (manual)", mark);
  ASSERT_TRUE(ready && drains) << server->log().text();
  EXPECT_LE(ready->time, drains->time);

  const Finished nobody = ctl({"retire", "511"});
  EXPECT_EQ(nobody.status.code, 1);
  EXPECT_EQ(nobody.err, "tollgate: there is no worker in that slot\n");
}

TEST_F(Ctl, StopWaitsForTheEnd) {
  const auto server = serve();
  HttpClient client(server->address());
  client.send(request("GET", "/block/500"));
  get(server->address(), "/plain");
  const Finished stop = ctl({"stop", "--wait"});
  EXPECT_EQ(stop.status.code, 0) << stop.err;
  EXPECT_EQ(stop.out, "the server has stopped\n");
  EXPECT_EQ(client.receive()->status, 200);
  EXPECT_FALSE(std::filesystem::exists(path_));
  server->expect_end({.code = 0});
  EXPECT_TRUE(server->log().wait_for("`tollgate ctl stop` of process "));
}

TEST_F(Ctl, ATimeoutEndsTheWaitingAndNotTheTask) {
  const auto server = serve();
  HttpClient client(server->address());
  client.send(request("GET", "/block/1000"));
  get(server->address(), "/plain");
  const Finished stop = ctl({"stop", "--wait", "--timeout", "100ms"});
  EXPECT_EQ(stop.status.code, 1);
  EXPECT_NE(stop.err.find("no outcome in time"), std::string::npos) << stop.err;
  EXPECT_EQ(client.receive()->status, 200);
  server->expect_end({.code = 0});
}

TEST_F(Ctl, SaysWhenThereIsNoServer) {
  const Finished none = ctl({"status"});
  EXPECT_EQ(none.status.code, 1);
  EXPECT_NE(none.err.find("there is no control socket"), std::string::npos) << none.err;
  {
    const auto server = serve();
    server->signal(SIGKILL);
    server->expect_end({.code = -1, .signal = SIGKILL});
  }
  const Finished dead = ctl({"status"});
  EXPECT_EQ(dead.status.code, 1);
  EXPECT_NE(dead.err.find("nobody listens there"), std::string::npos) << dead.err;
  EXPECT_EQ(json({"status"})["ok"], false);

  const auto server = serve();  // in the place of the dead one
  EXPECT_EQ(ctl({"status"}).status.code, 0);
}

TEST_F(Ctl, IsFoundByFlagVariableAndFile) {
  const std::string path = site_.directory() / "elsewhere.ctl";
  const auto server = serve({"--control-socket", path});
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(ctl({"status", "--control-socket", path}).status.code, 0);
  Command by_variable = command({"status"});
  by_variable.environment.push_back("TOLLGATE_CONTROL_SOCKET=" + path);
  EXPECT_EQ(run(by_variable).status.code, 0);
  configure("control_socket = \"" + path + "\"\n");
  EXPECT_EQ(ctl({"status"}).status.code, 0);
  EXPECT_EQ(ctl({"status", "-c", site_.directory() / "tollgate.toml"}).status.code, 0);
  configure("control_socket = \"\"\n");
  EXPECT_EQ(ctl({"status"}).status.code, 1);
  EXPECT_EQ(ctl({"sttus"}).status.code, 78);
}

// A broken file must not cost the way to the server that has it.
TEST_F(Ctl, ABrokenFileIsNotReadWhereTheSocketIsNamed) {
  const auto server = serve();
  configure("workers = = 2\n");
  EXPECT_EQ(ctl({"status", "--control-socket", path_}).status.code, 0);
  EXPECT_EQ(ctl({"status"}).status.code, 78);
}

TEST_F(Ctl, TheSocketIsPrivateAndNeedsNoWorker) {
  const auto server = serve();
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode, static_cast<mode_t>(S_IFSOCK | 0600));
  ASSERT_EQ(kill(server->workers().front(), SIGSTOP), 0);  // holds nothing up
  EXPECT_EQ(ctl({"workers"}).status.code, 0);
  ASSERT_EQ(kill(server->workers().front(), SIGCONT), 0);
}

// A worker that had a copy would keep a dead server's socket alive.
TEST_F(Ctl, TheSocketEndsWithTheMaster) {
  const auto server = serve({"--orphans", "drain"});
  HttpClient client(server->address());
  client.send(request("GET", "/block/2000"));
  get(server->address(), "/plain");
  server->signal(SIGKILL);
  const Finished status = ctl({"status", "--timeout", "1s"});
  EXPECT_NE(status.err.find("nobody listens there"), std::string::npos) << status.err;
  EXPECT_EQ(client.receive()->status, 200);
  server->expect_end({.code = -1, .signal = SIGKILL});
}

TEST_F(Ctl, GarbageGetsAnErrorAndHarmsNobody) {
  const auto server = serve();
  for (const std::string& garbage :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\n"), std::string(100'000, 'x'),
        std::string("status\0more\n", 12), std::string("\xff\xfe\n")}) {
    HttpClient client(address());
    ASSERT_TRUE(client.connected());
    client.send(garbage);
    char buffer[1024];
    const ssize_t got = recv(client.fd(), buffer, sizeof buffer, 0);
    ASSERT_GT(got, 0);
    EXPECT_EQ(std::string_view(buffer, 12), "{\"ok\":false,");
  }
  EXPECT_EQ(ctl({"status"}).status.code, 0);
}

TEST_F(Ctl, AHundredClientsAtOnceAreAllAnswered) {
  const auto server = serve();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<HttpClient>(address()));
    ASSERT_TRUE(clients.back()->connected()) << i;
  }
  for (const auto& client : clients) client->send("status\n");
  for (const auto& client : clients) {
    char byte = 0;
    ASSERT_EQ(recv(client->fd(), &byte, 1, 0), 1);
    EXPECT_EQ(byte, '{');
  }
}

// Sixteen who say nothing fill the house, for as long as the server's patience with them.
TEST_F(Ctl, SlowClientsCostTheServerNothing) {
  const auto server = serve();
  std::vector<std::unique_ptr<HttpClient>> slow;
  for (int i = 0; i < 20; ++i) slow.push_back(std::make_unique<HttpClient>(address()));
  EXPECT_EQ(get(server->address(), "/plain").status, 200);
  const std::size_t mark = server->log().mark();
  server->signal(SIGHUP);
  EXPECT_TRUE(server->log().wait_for("reload: done", mark)) << server->log().text();
  // It comes to their turn, too.
  const Finished status = ctl({"status", "--timeout", "60s"});
  EXPECT_EQ(status.status.code, 0) << status.err;
}

TEST_F(Ctl, AnotherServersSocketIsLeftAlone) {
  const auto first = serve();
  {
    const auto second = serve();
    EXPECT_TRUE(second->log().wait_for("no control socket: control socket " + path_ + ": process " +
                                       std::to_string(first->pid())))
        << second->log().text();
    EXPECT_EQ(get(second->address(), "/plain").status, 200);
  }
  EXPECT_EQ(json({"status"})["pid"], first->pid());
}

TEST_F(Ctl, IsQuietlyAbsentWhereThereIsNoPlaceForIt) {
  for (const char* folder : {"", "XDG_RUNTIME_DIR=/nonexistent"}) {
    Command command = site_.server({"serve", "--workers", "1"});
    if (*folder != '\0') command.environment.emplace_back(folder);
    const ServerProcess server(command);
    EXPECT_EQ(get(server.address(), "/plain").status, 200);
    const std::string log = server.log().text();
    EXPECT_EQ(log.find("WARNING"), std::string::npos) << log;
    EXPECT_EQ(log.find("ERROR"), std::string::npos) << log;
  }
}

}  // namespace
}  // namespace tollgate::test

// The control socket's bytes; what a request does is tests/integration/control_test.cc.
// SPDX-License-Identifier: Apache-2.0
#include "server/master/control.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "server/master/control_protocol.h"
#include "tests/server/master/fake_server.h"
#include "tests/server/os/temporary_folder.h"

namespace tollgate::master {
namespace {

constexpr SteadyTime kStart{1h};

class Client {
 public:
  explicit Client(const std::string& path)
      : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    connected_ = connect(fd_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  }
  bool connected() const { return connected_; }
  void send(std::string_view text) const {
    ASSERT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  void shut_down_writing() const { shutdown(fd_.get(), SHUT_WR); }
  // What has come, and whether the connection has ended.
  std::string receive() {
    std::string text;
    char buffer[4096];
    for (;;) {
      const ssize_t got = recv(fd_.get(), buffer, sizeof buffer, 0);
      ended_ = got == 0 || (got < 0 && errno == ECONNRESET);
      if (got <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(got));
    }
  }
  // All that comes until the end of the connection.
  std::string await_end() {
    std::string text;
    pollfd watched{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    while (!ended_ && poll(&watched, 1, /*milliseconds=*/20'000) == 1) text += receive();
    return text;
  }
  bool ended() {
    receive();
    return ended_;
  }

 private:
  UniqueFd fd_;
  bool connected_ = false;
  bool ended_ = false;
};

class Control : public testing::Test {
 protected:
  // Accepts and receives; an accepted client is heard with the next turn.
  std::vector<ControlServer::Line> serve(SteadyTime now = kStart) {
    auto lines = server_.serve(now);
    for (auto& line : server_.serve(now)) lines.push_back(line);
    return lines;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.file("ctl");
  ControlServer server_ = *ControlServer::open(path_);
};

TEST_F(Control, IsPrivateWhateverTheUmaskIs) {
  const mode_t before = umask(0);
  const auto other = ControlServer::open(folder_.file("other"));
  umask(before);
  ASSERT_TRUE(other);
  for (const std::string& path : {path_, folder_.file("other")}) {
    struct stat info;
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode, static_cast<mode_t>(S_IFSOCK | 0600));
  }
}

TEST_F(Control, AnswersOneLineWithOneLineAndCloses) {
  Client client(path_);
  client.send("status\nworkers\n");
  const auto lines = serve();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().text, "status");
  EXPECT_NE(lines.front().who.find(std::to_string(getpid())), std::string::npos);
  server_.answer(lines.front().client, "{}", kStart);
  EXPECT_EQ(client.receive(), "{}\n");
  EXPECT_TRUE(client.ended());
}

TEST_F(Control, ARequestMayComeInPieces) {
  Client client(path_);
  client.send("sta");
  EXPECT_TRUE(serve().empty());
  client.send("tus\n");
  const auto lines = serve();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().text, "status");
}

// `echo -n status | socat - unix:...`
TEST_F(Control, TheEndOfFileEndsALine) {
  Client client(path_);
  client.send("status");
  client.shut_down_writing();
  EXPECT_TRUE(serve().empty());
  const auto lines = serve();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().text, "status");
  serve();
  server_.answer(lines.front().client, "{}", kStart);
  EXPECT_EQ(client.receive(), "{}\n");
}

TEST_F(Control, ALongLineIsRefused) {
  Client client(path_);
  client.send(std::string(kMaxControlLine, 'x'));
  EXPECT_TRUE(serve().empty());
  EXPECT_NE(client.receive().find("\"ok\":false"), std::string::npos);
  EXPECT_TRUE(client.ended());
}

TEST_F(Control, ASlowClientIsCutOff) {
  Client silent(path_);
  Client slow(path_);
  slow.send("stat");
  EXPECT_TRUE(serve().empty());
  serve(kStart + ControlServer::kPatience - 1ms);
  EXPECT_FALSE(silent.ended());
  EXPECT_FALSE(slow.ended());
  serve(kStart + ControlServer::kPatience);
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(slow.ended());
}

TEST_F(Control, AClientThatDoesNotReadIsCutOff) {
  Client client(path_);
  client.send("workers\n");
  const auto lines = serve();
  ASSERT_EQ(lines.size(), 1U);
  const std::string large(4 << 20, 'x');  // more than a socket holds
  server_.answer(lines.front().client, large, kStart);
  serve(kStart + ControlServer::kPatience);
  EXPECT_LT(client.receive().size(), large.size());
  EXPECT_TRUE(client.ended());
}

TEST_F(Control, ALargeAnswerComesWhole) {
  Client client(path_);
  client.send("workers\n");
  const auto lines = serve();
  ASSERT_EQ(lines.size(), 1U);
  const std::string large(4 << 20, 'x');
  server_.answer(lines.front().client, large, kStart);
  std::string got;
  for (int i = 0; i < 10'000 && got.size() <= large.size(); ++i) {
    got += client.receive();
    serve();
  }
  EXPECT_EQ(got.size(), large.size() + 1);
  EXPECT_TRUE(client.ended());
}

TEST_F(Control, WhoWaitsIsNotCutOffAndMayLeave) {
  auto stays = std::make_unique<Client>(path_);
  auto leaves = std::make_unique<Client>(path_);
  stays->send("reload wait\nand more that nobody reads\n");
  leaves->send("reload wait\n");
  const auto lines = serve();
  ASSERT_EQ(lines.size(), 2U);
  serve(kStart + 1h);
  EXPECT_TRUE(server_.waits(lines[0].client));
  EXPECT_TRUE(server_.waits(lines[1].client));
  leaves.reset();
  serve(kStart + 1h);
  EXPECT_FALSE(server_.waits(lines[1].client));
  server_.answer(lines[1].client, "{}", kStart + 1h);  // harms nobody
  server_.answer(lines[0].client, "{}", kStart + 1h);
  EXPECT_EQ(stays->receive(), "{}\n");
}

TEST_F(Control, AClientThatIsHeldSeesTheServersEnd) {
  Client client(path_);
  {
    ControlServer server = std::move(server_);
    client.send("stop wait\n");
    server.serve(kStart);
    const auto lines = server.serve(kStart);
    ASSERT_EQ(lines.size(), 1U);
    server.hold_open(lines.front().client, "{}", kStart);
    EXPECT_EQ(client.receive(), "{}\n");
    server.serve(kStart + 1h);
    EXPECT_FALSE(client.ended());
  }
  EXPECT_TRUE(client.ended());
}

TEST_F(Control, OnlySoManyAreServedAtOnceAndTheOthersWait) {
  std::vector<std::unique_ptr<Client>> silent;
  for (std::size_t i = 0; i < ControlServer::kMaxClients; ++i)
    silent.push_back(std::make_unique<Client>(path_));
  serve();
  Client next(path_);
  ASSERT_TRUE(next.connected());
  next.send("status\n");
  EXPECT_TRUE(serve().empty());
  std::vector<pollfd> watched;
  server_.watch(watched);
  // Else its queue would wake the master again and again.
  EXPECT_TRUE(std::ranges::none_of(watched, [](const pollfd& each) {
    pollfd probe = each;
    return poll(&probe, 1, 0) > 0;
  }));
  silent.pop_back();
  serve();
  const auto lines = serve();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines.front().text, "status");
}

TEST_F(Control, AFullHouseOfWaitersKeepsNobodyOut) {
  std::vector<std::unique_ptr<Client>> waiters;
  for (std::size_t i = 0; i < ControlServer::kMaxWaiting; ++i) {
    waiters.push_back(std::make_unique<Client>(path_));
    waiters.back()->send("reload wait\n");
    ASSERT_EQ(serve().size(), 1U);
    EXPECT_TRUE(server_.has_room_to_wait());
  }
  Client next(path_);
  next.send("reload wait\n");
  EXPECT_EQ(serve().size(), 1U);
  EXPECT_FALSE(server_.has_room_to_wait());
}

TEST(ControlPathOnDisk, OfALiveServerIsLeftAlone) {
  const TemporaryFolder folder;
  const std::string path = folder.file("ctl");
  ControlServer first = *ControlServer::open(path);
  const auto second = ControlServer::open(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::Conflict);
  EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
  EXPECT_TRUE(Client(path).connected());
}

TEST(ControlPathOnDisk, OfThePredecessorIsTakenOverAndNotUnlinkedByIt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("ctl");
  {
    auto first = std::make_unique<ControlServer>(*ControlServer::open(path));
    auto second = ControlServer::open(path, getpid());
    ASSERT_TRUE(second) << second.error().message;
    first.reset();
    Client client(path);
    client.send("status\n");
    second->serve(kStart);
    EXPECT_EQ(second->serve(kStart).size(), 1U);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ControlPathOnDisk, OfADeadServerIsReplaced) {
  const TemporaryFolder folder;
  const std::string path = folder.file("ctl");
  {
    const ControlServer dead = *ControlServer::open(path);
    ASSERT_EQ(link(path.c_str(), folder.file("kept").c_str()), 0);
  }
  ASSERT_EQ(rename(folder.file("kept").c_str(), path.c_str()), 0);
  const auto server = ControlServer::open(path);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_TRUE(Client(path).connected());
}

TEST(ControlPathOnDisk, OfAFileIsLeftAlone) {
  const TemporaryFolder folder;
  std::ofstream(folder.file("ctl")) << "precious";
  const auto server = ControlServer::open(folder.file("ctl"));
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Errc::Conflict);
  EXPECT_EQ(std::filesystem::file_size(folder.file("ctl")), 8U);
}

TEST(ControlPathOnDisk, ThatCannotBeIsAnError) {
  for (const std::string& path : {std::string("/nonexistent/ctl"), "/tmp/" + std::string(200, 'x')})
    EXPECT_FALSE(ControlServer::open(path)) << path;
}

// Generation 2 never is ready, so that what comes next overtakes it, or does not.
class ControlOfReloads : public testing::Test {
 protected:
  static Config config(const std::string& path) {
    Config config;
    config.workers = 1;
    config.control_socket = path;
    return config;
  }
  ControlOfReloads() {
    server_.await("line");
    first_ = std::make_unique<Client>(path_);
    first_->send("reload wait\n");
    EXPECT_EQ(server_.await("boot").generation, 2U);
    second_ = std::make_unique<Client>(path_);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.file("ctl");
  FakeServer server_{{.config = config(path_),
                      .worker_main =
                          [](FakeWorker& worker) {
                            if (worker.start().generation == 2) FakeWorker::hang();
                            return serve(worker);
                          },
                      .read_config =
                          [path = path_, broken = folder_.file("broken")] {
                            if (std::filesystem::exists(broken))
                              return Result<Config>(
                                  fail(Errc::InvalidArgument, "line 3: no such key"));
                            return Result<Config>(config(path));
                          }}};
  std::unique_ptr<Client> first_;
  std::unique_ptr<Client> second_;
};

TEST_F(ControlOfReloads, TheOneThatIsOvertakenFailsAndTheOtherIsDone) {
  second_->send("reload wait\n");
  EXPECT_EQ(first_->await_end(), failed_json("it was overtaken by another reload") + "\n");
  EXPECT_EQ(second_->await_end(), done_json("generation 3 serves") + "\n");
}

TEST_F(ControlOfReloads, ABadOneFailsAloneAndWhatIsUnderWayGoesOn) {
  std::ofstream(folder_.file("broken")) << "x";
  second_->send("reload wait\n");
  EXPECT_EQ(second_->await_end(), failed_json("nothing was changed: line 3: no such key") + "\n");
  EXPECT_EQ(first_->receive(), "");
  EXPECT_FALSE(first_->ended());
}

TEST_F(ControlOfReloads, AStopAnswersWhoWaits) {
  second_->send("stop wait\n");
  EXPECT_EQ(first_->await_end(), failed_json("the server is stopping") + "\n");
  EXPECT_EQ(second_->await_end(), done_json("the server is stopping") + "\n");
  EXPECT_EQ(server_.exit_code(), 0);
}

}  // namespace
}  // namespace tollgate::master

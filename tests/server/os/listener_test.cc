// SPDX-License-Identifier: Apache-2.0
#include "server/os/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "tests/server/os/temporary_folder.h"

namespace tollgate::os {
namespace {

Result<Listener> open_at(const std::string& text, uint32_t backlog = 16) {
  return Listener::open(*parse_address(text), backlog);
}

bool connects(const Address& address) {
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (address.kind == Address::Kind::Unix) {
    auto& un = reinterpret_cast<sockaddr_un&>(storage);
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, address.path.data(), address.path.size());
    if (un.sun_path[0] == '@') un.sun_path[0] = '\0';
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.path.size());
  } else {
    auto& in = reinterpret_cast<sockaddr_in&>(storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &in.sin_addr);
    size = sizeof in;
  }
  const UniqueFd fd(socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0;
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

TEST(Listener, PortZeroIsAnsweredWithTheRealPort) {
  const auto listener = open_at("127.0.0.1:0");
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_NE(listener->address().port, 0);
  EXPECT_TRUE(connects(listener->address()));
  EXPECT_NE(fcntl(listener->fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(listener->fd(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Listener, AnAddressInUseIsAnErrorThatSaysHowToFindWho) {
  const auto first = open_at("127.0.0.1:0");
  ASSERT_TRUE(first);
  const auto second = Listener::open(first->address(), 16);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(to_string(first->address())), std::string::npos);
  EXPECT_NE(second.error().message.find("EADDRINUSE"), std::string::npos);
  EXPECT_NE(second.error().message.find("ss -ltnp"), std::string::npos);
}

TEST(Listener, AnAddressOfNoInterfaceIsNamed) {
  const auto listener = open_at("192.0.2.1:0");
  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().message.find("192.0.2.1"), std::string::npos);
  EXPECT_NE(listener.error().message.find("no interface"), std::string::npos);
}

TEST(Listener, Ipv6AndIpv4ShareAPort) {
  const auto v4 = open_at("0.0.0.0:0");
  ASSERT_TRUE(v4);
  const auto v6 = open_at("[::]:" + std::to_string(v4->address().port));
  if (!v6 && v6.error().message.find("EAFNOSUPPORT") != std::string::npos) GTEST_SKIP();
  EXPECT_TRUE(v6) << v6.error().message;
}

TEST(Listener, AUnixPathGoesWithItsOwner) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.sock");
  {
    const auto listener = open_at("unix:" + path);
    ASSERT_TRUE(listener) << listener.error().message;
    EXPECT_TRUE(connects(listener->address()));
  }
  EXPECT_FALSE(exists(path));
}

TEST(Listener, AChildThatClosesLeavesThePathToItsOwner) {
  const TemporaryFolder folder;
  auto listener = open_at("unix:" + folder.file("x.sock"));
  ASSERT_TRUE(listener);
  const pid_t child = fork();
  if (child == 0) {
    listener->close();
    _exit(0);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(exists(folder.file("x.sock")));
}

TEST(Listener, ADeadServersSocketIsReplaced) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.sock");
  const pid_t child = fork();
  if (child == 0) {
    const auto listener = open_at("unix:" + path);
    _exit(listener ? 0 : 1);  // without a word, as after kill -9
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  ASSERT_TRUE(exists(path));
  const auto listener = open_at("unix:" + path);
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_TRUE(connects(listener->address()));
}

TEST(Listener, ALiveServersSocketIsAnErrorAndStays) {
  const TemporaryFolder folder;
  const auto first = open_at("unix:" + folder.file("x.sock"));
  ASSERT_TRUE(first);
  const auto second = open_at("unix:" + folder.file("x.sock"));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("ss -lxp"), std::string::npos);
  EXPECT_TRUE(connects(first->address()));
}

TEST(Listener, AnOwnerDoesNotUnlinkWhatAnotherPutThere) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.sock");
  auto first = open_at("unix:" + path);
  ASSERT_TRUE(first);
  std::filesystem::remove(path);
  const auto second = open_at("unix:" + path);
  ASSERT_TRUE(second);
  first->close();
  EXPECT_TRUE(connects(second->address()));
}

TEST(Listener, OneThatIsInheritedUnlinksThePathOnceItOwnsIt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("x.sock");
  auto first = open_at("unix:" + path);
  ASSERT_TRUE(first);
  const auto inherit = [&] {
    return Listener::inherit(UniqueFd(fcntl(first->fd(), F_DUPFD_CLOEXEC, 0)), first->requested(),
                             first->file());
  };
  { const auto second = inherit(); }
  EXPECT_TRUE(exists(path));
  auto second = inherit();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->address(), first->address());
  first->disown_path();
  first->close();
  EXPECT_TRUE(exists(path));
  EXPECT_TRUE(connects(second->address()));
  second->own_path();
  second->close();
  EXPECT_FALSE(exists(path));
}

TEST(Listener, WhatCannotListenIsNotInherited) {
  EXPECT_FALSE(Listener::inherit(UniqueFd(socket(AF_INET, SOCK_DGRAM, 0)), {}, {}));
  EXPECT_FALSE(Listener::inherit(UniqueFd(), {}, {}));
}

TEST(Listener, AFileThatIsNoSocketIsNotTouched) {
  const TemporaryFolder folder;
  const std::string path = folder.file("data");
  std::ofstream(path) << "precious";
  const auto listener = open_at("unix:" + path);
  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().message.find("not a socket"), std::string::npos);
  EXPECT_TRUE(exists(path));
}

TEST(Listener, AnAbstractNameNeedsNoFile) {
  const auto listener = open_at("unix:@tollgate-test-" + std::to_string(getpid()));
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_TRUE(connects(listener->address()));
}

TEST(Listener, AnInheritedDescriptorIsAdoptedWithItsAddress) {
  const auto original = open_at("127.0.0.1:0");
  ASSERT_TRUE(original);
  const int copy = dup(original->fd());
  const auto adopted = open_at("fd://" + std::to_string(copy));
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(adopted->address(), original->address());
  EXPECT_EQ(adopted->fd(), copy);
  EXPECT_NE(fcntl(copy, F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Listener, ADescriptorThatDoesNotListenIsRefused) {
  const UniqueFd connected(socket(AF_INET, SOCK_STREAM, 0));
  const UniqueFd file(open("/dev/null", O_RDONLY));
  for (const int fd : {connected.get(), file.get(), 999}) {
    const auto adopted = open_at("fd://" + std::to_string(fd));
    ASSERT_FALSE(adopted);
    EXPECT_NE(adopted.error().message.find("fd://" + std::to_string(fd)), std::string::npos);
  }
  EXPECT_NE(fcntl(file.get(), F_GETFD), -1);  // a refused descriptor stays its owner's
}

TEST(Listener, AUnixSocketHasItsModeAndOwnerWhateverTheUmask) {
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can give a file away";
  const TemporaryFolder folder;
  const mode_t before = umask(0077);
  const auto listener =
      Listener::open(*parse_address("unix:" + folder.file("s")), 16,
                     {.mode = {.bits = 0666}, .owner = {.user = 54321, .group = 54322}});
  umask(before);
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat info {};
  ASSERT_EQ(stat(folder.file("s").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0666U);
  EXPECT_EQ(info.st_uid, 54321U);
  EXPECT_EQ(info.st_gid, 54322U);
}

TEST(Listener, AnOwnerThatDoesNotExistIsAnErrorOfItsSetting) {
  const auto access = resolve_socket_access({.socket_owner = "nobody-here"});
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().message, "socket_owner: there is no user \"nobody-here\"");
}

}  // namespace
}  // namespace tollgate::os

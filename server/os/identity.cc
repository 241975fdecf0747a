// SPDX-License-Identifier: Apache-2.0
#include "server/os/identity.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "server/base/text.h"

namespace tollgate::os {
namespace {

// -1 is the system's "leave it as it is", and no one's number.
constexpr uint64_t kLargestId = std::numeric_limits<uid_t>::max() - 1;

struct User {
  uid_t uid;
  std::optional<gid_t> gid;  // nothing: a number that the user database does not know
  std::string name;
};

Result<User> find_user(const std::string& text) {
  const auto number = parse_uint(text, kLargestId);
  const passwd* entry = number ? getpwuid(static_cast<uid_t>(*number)) : getpwnam(text.c_str());
  if (entry != nullptr) return User{entry->pw_uid, entry->pw_gid, entry->pw_name};
  if (number) return User{static_cast<uid_t>(*number), std::nullopt, {}};
  return fail(Errc::InvalidArgument, "there is no user \"" + text + '"');
}

Result<gid_t> find_group(const std::string& text) {
  if (const auto number = parse_uint(text, kLargestId)) return static_cast<gid_t>(*number);
  const group* entry = getgrnam(text.c_str());
  if (entry != nullptr) return entry->gr_gid;
  return fail(Errc::InvalidArgument, "there is no group \"" + text + '"');
}

std::vector<gid_t> groups_of(const std::string& user, gid_t gid) {
  int count = 32;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  // The second try has the room that the first has asked for.
  while (getgrouplist(user.c_str(), gid, groups.data(), &count) < 0)
    groups.resize(static_cast<std::size_t>(count));
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

tl::unexpected<Error> failed(std::string_view call, int errno_value) {
  Error error = from_errno(call, errno_value);
  if (errno_value == EPERM)
    error.message += "; this container or unit takes CAP_SETUID and CAP_SETGID from root";
  return fail(std::move(error));
}

}  // namespace

Result<std::optional<Identity>> resolve_identity(const Config& config) {
  if (config.user.empty() && config.group.empty()) return std::nullopt;
  User user{.uid = geteuid(), .gid = getegid(), .name = {}};
  if (!config.user.empty()) {
    auto found = find_user(config.user);
    if (!found) return fail(with_context("user", found.error()));
    user = *std::move(found);
  }
  if (!config.group.empty()) {
    const auto found = find_group(config.group);
    if (!found) return fail(with_context("group", found.error()));
    user.gid = *found;
  }
  if (!user.gid)
    return fail(Errc::InvalidArgument,
                "user: " + config.user + " is in no user database; set group too");
  if (geteuid() != 0) {
    if (user.uid == geteuid() && *user.gid == getegid()) return std::nullopt;
    return fail(Errc::Denied, std::string(config.user.empty() ? "group" : "user") +
                                  ": only root can become somebody else, and this is user " +
                                  std::to_string(geteuid()) +
                                  "; start the server as root, or without user and group");
  }
  std::vector<gid_t> groups = {*user.gid};
  if (config.initgroups && !user.name.empty()) groups = groups_of(user.name, *user.gid);
  return Identity{.uid = user.uid, .gid = *user.gid, .groups = std::move(groups)};
}

Result<Owner> resolve_owner(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  const std::string user(text.substr(0, colon));
  const std::string group(text.substr(std::min(colon + 1, text.size())));
  Owner owner;
  if (!user.empty()) {
    TOLLGATE_TRY(found, find_user(user));
    owner.user = found.uid;
  }
  if (!group.empty()) {
    TOLLGATE_TRY(found, find_group(group));
    owner.group = found;
  }
  return owner;
}

Status become(const Identity& identity) {
  // The user last: without root's rights the others cannot be changed any more.
  if (setgroups(identity.groups.size(), identity.groups.data()) != 0)
    return failed("setgroups", errno);
  if (setresgid(identity.gid, identity.gid, identity.gid) != 0) return failed("setresgid", errno);
  if (setresuid(identity.uid, identity.uid, identity.uid) != 0) return failed("setresuid", errno);
  if (identity.uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
    return fail(Errc::Denied, "user " + std::to_string(identity.uid) +
                                  " could become root again: who started the server keeps "
                                  "capabilities over a change of user");
  return {};
}

}  // namespace tollgate::os

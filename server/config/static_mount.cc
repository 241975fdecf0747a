// SPDX-License-Identifier: Apache-2.0
#include "server/config/static_mount.h"

#include <algorithm>

namespace tollgate {
namespace {

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Errc::InvalidArgument, '"' + std::string(text) + "\" " + std::string(why));
}

// What a route's path can be. It is compared with a path that is decoded already.
bool is_plain(std::string_view url) {
  return std::ranges::none_of(url, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F ||
           std::string_view("{}?#%\\").find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<StaticMount> parse_static_mount(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return bad(text, "is not of the form /url/=DIR");
  StaticMount mount{.url = std::string(text.substr(0, equals)),
                    .directory = std::string(text.substr(equals + 1))};
  TOLLGATE_CHECK(check_static_mount(mount));
  return mount;
}

Status check_static_mount(const StaticMount& mount) {
  const std::string_view url = mount.url;
  const std::string text = mount.url + '=' + mount.directory;
  if (!url.starts_with('/') || !url.ends_with('/'))
    return bad(text, "names no path that begins and ends with a slash, as /static/ does");
  if (!is_plain(url) || url.find("//") != url.npos || url.find("/./") != url.npos ||
      url.find("/../") != url.npos)
    return bad(text, "names a path that no request can have");
  if (mount.directory.empty()) return bad(text, "names no directory");
  return {};
}

}  // namespace tollgate

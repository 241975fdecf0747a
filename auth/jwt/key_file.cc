// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <vector>

#include "server/base/unique_fd.h"

namespace tollgate::jwt {
namespace {

// The whole file, or the errno that stopped us.
Result<crypto::SecretString> read_text(int fd) {
  std::vector<char> buffer(kLargestKeyFile + 1);
  std::size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  } while ((got > 0 && size < buffer.size()) || (got < 0 && errno == EINTR));
  const int error = errno;

  std::string_view text(buffer.data(), size);
  if (text.ends_with('\n')) text.remove_suffix(1);
  crypto::SecretString secret(text);
  OPENSSL_cleanse(buffer.data(), buffer.size());
  if (got < 0) return fail(from_errno("read", error));
  if (size > kLargestKeyFile)
    return fail(Errc::InvalidArgument, "a file of keys has at most 256 KiB");
  return secret;
}

std::string exposed(const std::string& path, mode_t mode) {
  if ((mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return path + ": the signing key can be read by others than its owner; run chmod 600 " + path;
}

}  // namespace

Result<KeyFile> read_key_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(from_errno("signing key " + path + ": open", errno));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0)
    return fail(from_errno("signing key " + path + ": fstat", errno));

  auto text = read_text(file.get());
  if (!text) return fail(with_context("signing key " + path, std::move(text).error()));
  return KeyFile{std::move(*text), exposed(path, info.st_mode)};
}

}  // namespace tollgate::jwt

// StaticFiles with a directory of its own, asked without a connection.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/handlers/static_files.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace tollgate::handlers {

using namespace std::chrono_literals;
using http::FieldView;
using http::Method;
using http::Response;
using test::write_file;

// The content, read from the file where it is one.
inline std::string body_of(const Response& response) {
  if (const auto* bytes = std::get_if<std::string>(&response.content())) return *bytes;
  std::string out;
  for (const http::Piece& piece : std::get<http::Pieces>(response.content())) {
    if (const auto* bytes = std::get_if<std::string>(&piece)) {
      out += *bytes;
      continue;
    }
    const auto& part = std::get<http::FilePart>(piece);
    std::string bytes(part.size, '\0');
    const ssize_t count =
        pread(part.file->get(), bytes.data(), bytes.size(), static_cast<off_t>(part.offset));
    out += bytes.substr(0, count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return out;
}

inline std::string field(const Response& response, std::string_view name) {
  const std::string* value = response.header(name);
  return value != nullptr ? *value : "";
}

// Whether it is sent from memory; the content of a file is never a string of its own.
inline bool is_held(const Response& response) {
  const auto& pieces = std::get<http::Pieces>(response.content());
  return pieces.size() == 1 && std::holds_alternative<std::string>(pieces.front());
}

// Files old enough for their bytes to be held: the clock is a day ahead of the system's.
class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    const auto ahead = std::chrono::system_clock::now() + 24h - clock_.wall();
    clock_.advance(std::chrono::duration_cast<std::chrono::milliseconds>(ahead));
    write_file(directory_ / "a.txt", "0123456789");
    files_ = open();
  }

  std::unique_ptr<StaticFiles> open(std::string cache_control = "no-cache") {
    auto files = StaticFiles::open(directory_.path(), std::move(cache_control), types_, clock_, {});
    return std::move(files).value();
  }

  Response ask(std::string_view path, std::vector<FieldView> fields = {},
               Method method = Method::Get) {
    http::RequestParts parts;
    parts.method = method;
    parts.method_text = to_string(method);
    target_ = "/static/" + std::string(path) + "?v=1";
    parts.target = target_;
    parts.path = std::string_view(target_).substr(0, target_.size() - 4);
    parts.fields = std::move(fields);
    return files_->serve(http::Request(parts), path);
  }

  void set_modified(const std::string& name, int64_t second) {
    const timespec times[] = {{.tv_sec = second, .tv_nsec = 0}, {.tv_sec = second, .tv_nsec = 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (directory_ / name).c_str(), times, 0), 0);
  }

  ino_t inode_of(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(stat((directory_ / name).c_str(), &status), 0);
    return status.st_ino;
  }

  const test::TempDir directory_;
  tests::ManualClock clock_;
  const http::MediaTypes types_;
  std::unique_ptr<StaticFiles> files_;
  std::string target_;
};

}  // namespace tollgate::handlers

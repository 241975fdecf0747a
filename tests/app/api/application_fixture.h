// An application that is asked as a connection asks it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "app/api/application.h"

namespace tollgate {

using http::Method;

class ApplicationTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // With a key and a store of users, as a server has them that checks tokens.
  Config with_key() const {
    Config config;
    config.signing_key = std::string(64, 'k');
    config.database = "sqlite:" + (folder_ / "users.db").string();
    return config;
  }

  // The error of build(), or "".
  static std::string build_error(Application& app) {
    const auto built = app.build();
    return built ? "" : built.error().message;
  }

  // What a connection does, but for the pools.
  Response ask(Application& app, std::string_view path, Method method = Method::Get,
               std::string_view authorization = "") {
    if (service_ == nullptr) {
      const auto built = app.build();
      EXPECT_TRUE(built) << (built ? "" : built.error().message);
      if (!built) return Response(500);
      service_ = *built;
    }
    exchange_.reset();
    exchange_.request.id = 7;
    exchange_.request.method = method;
    exchange_.request.method_text = to_string(method);
    exchange_.request.path = exchange_.request.target = path;
    if (!authorization.empty())
      exchange_.request.fields.push_back({"Authorization", authorization});
    http::Verdict verdict = service_->gate(exchange_);
    if (auto* pending = std::get_if<http::Pending>(&verdict)) verdict = pending->look_up();
    if (auto* response = std::get_if<Response>(&verdict)) return finished(*response);
    if (auto response = service_->admit(exchange_)) return finished(*response);
    return finished(service_->handle(exchange_));
  }

  http::Exchange exchange_;
  http::Service* service_ = nullptr;

 private:
  Response finished(Response response) {
    service_->finish(exchange_, response);
    return response;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("application_test." + std::to_string(getpid()));
};

}  // namespace tollgate

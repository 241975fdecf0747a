// An application that says what it has seen of a request's body.
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <functional>

#include "app/api/application.h"

using namespace tollgate;

namespace {

// The size of the body and a hash of it.
Response tell(std::string_view body) {
  return text(std::to_string(body.size()) + " " +
              std::to_string(std::hash<std::string_view>{}(body)));
}

Result<Response> tell_pieces(const Request& request) {
  BodyReader reader = request.body_reader();
  std::array<char, 10000> room{};
  std::string all;
  for (;;) {
    TOLLGATE_TRY(got, reader.read(room));
    if (got == 0) return tell(all);
    all.append(room.data(), got);
  }
}

Result<Response> tell_form(const Request& request) {
  TOLLGATE_TRY(form, request.form());
  Json told = {{"fields", Json::array()}, {"files", Json::array()}};
  for (const http::FormField& field : form.fields)
    told["fields"].push_back({field.name, field.value});
  for (const UploadedFile& file : form.files)
    told["files"].push_back({file.name, file.file_name, file.content_type, file.content.size()});
  return json(told);
}

}  // namespace

TOLLGATE_APP(app) {
  app.get("/plain", [] { return text("Hello, World!"); }).allow_anyone();
  app.post("/view", [](const Request& r) { return tell(r.body()); }).allow_anyone();
  app.post("/pieces", [](const Request& r) { return tell_pieces(r); }).allow_anyone().blocking();
  app.post("/form", [](const Request& r) { return tell_form(r); }).allow_anyone();
  app.post("/small", [](const Request& r) { return tell(r.body()); })
      .allow_anyone()
      .body_limit(1_KiB);
  app.post("/large", [](const Request& r) { return tell(r.body()); })
      .allow_anyone()
      .body_limit(64_MiB);
}
